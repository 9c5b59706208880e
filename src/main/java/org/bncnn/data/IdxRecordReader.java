package org.bncnn.data;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.datavec.api.conf.Configuration;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaData;
import org.datavec.api.records.metadata.RecordMetaDataIndex;
import org.datavec.api.records.reader.BaseRecordReader;
import org.datavec.api.split.InputSplit;
import org.datavec.api.writable.IntWritable;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.datavec.api.writable.batch.NDArrayRecordBatch;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Reads a pair of IDX files, images {@code [N, H, W]} and labels {@code [N]}, for DataVec and what is built on it.
 *
 * <p>A record is an image {@code [1, 1, H, W]} float, 0 to 255, and its class number. Batches are supported, in which labels are
 * one-hot, so {@code new RecordReaderDataSetIterator(reader, batchSize, 1, classes)} makes data sets of it. Both files are kept in
 * memory as bytes. Plain and gzipped files are read, from wherever the split's stream function opens them.
 */
public final class IdxRecordReader extends BaseRecordReader {
    private static final long serialVersionUID = 1L;

    private final int classes;
    private Configuration conf = new Configuration();
    private URI imagesLocation;
    private ImageSet images;
    private int[] order;
    private int position;

    /** @param classes how many classes there are; a label outside 0 … classes − 1 is refused */
    public IdxRecordReader(int classes) {
        this.classes = classes;
    }

    /**
     * Reads both files.
     *
     * @param split names two files: first the images, then the labels
     * @throws DatasetException if one is malformed or they do not belong together
     */
    @Override
    public void initialize(InputSplit split) throws IOException, InterruptedException {
        super.initialize(split);
        URI[] locations = split.locations();
        if (locations.length != 2) {
            throw new DatasetException(
                    "the split names " + locations.length + " files; expected two, first the images, then the labels");
        }
        imagesLocation = locations[0];
        images = IdxDataset.imageSet(
                read(locations[0], IdxDataset.IMAGES_RANK),
                read(locations[1], IdxDataset.LABELS_RANK),
                IdxDataset.numbered(classes));
        order = IntStream.range(0, images.size()).toArray();
        reset();
    }

    @Override
    public void initialize(Configuration configuration, InputSplit split) throws IOException, InterruptedException {
        setConf(configuration);
        initialize(split);
    }

    private IdxFile read(URI location, int rank) throws IOException {
        try (InputStream in = streamCreatorFn.apply(location)) {
            return IdxFile.parse(location.toString(), in.readAllBytes(), rank);
        }
    }

    @Override
    public boolean batchesSupported() {
        return true;
    }

    @Override
    public List<List<Writable>> next(int num) {
        int n = Math.min(num, order.length - position);
        DataSet batch = images.batch(order, position, n);
        position += n;
        return new NDArrayRecordBatch(batch.getFeatures(), batch.getLabels());
    }

    @Override
    public List<Writable> next() {
        if (!hasNext()) {
            throw new NoSuchElementException("all " + order.length + " images were read; reset() starts again");
        }
        List<Writable> record = record(position);
        position++;
        invokeListeners(record);
        return record;
    }

    private List<Writable> record(int image) {
        return List.of(
                new NDArrayWritable(images.batch(order, image, 1).getFeatures()), new IntWritable(images.label(image)));
    }

    @Override
    public boolean hasNext() {
        return position < order.length;
    }

    @Override
    public List<String> getLabels() {
        return IdxDataset.numbered(classes);
    }

    @Override
    public void reset() {
        position = 0;
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    /** Not supported: an IDX file holds many records and, without its other half, no labels. */
    @Override
    public List<Writable> record(URI uri, DataInputStream dataInputStream) {
        throw new UnsupportedOperationException("an IDX record is made of two files; use initialize(InputSplit)");
    }

    @Override
    public Record nextRecord() {
        RecordMetaData index = new RecordMetaDataIndex(position, imagesLocation, IdxRecordReader.class);
        return new org.datavec.api.records.impl.Record(next(), index);
    }

    @Override
    public Record loadFromMetaData(RecordMetaData recordMetaData) {
        int image = (int) ((RecordMetaDataIndex) recordMetaData).getIndex();
        return new org.datavec.api.records.impl.Record(record(image), recordMetaData);
    }

    @Override
    public List<Record> loadFromMetaData(List<RecordMetaData> recordMetaDatas) {
        List<Record> records = new ArrayList<>();
        for (RecordMetaData metaData : recordMetaDatas) {
            records.add(loadFromMetaData(metaData));
        }
        return records;
    }

    @Override
    public void setConf(Configuration conf) {
        this.conf = conf;
    }

    @Override
    public Configuration getConf() {
        return conf;
    }

    @Override
    public void close() {
        // The files were closed as soon as they were read.
    }
}
