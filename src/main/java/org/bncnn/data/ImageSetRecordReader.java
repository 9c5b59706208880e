package org.bncnn.data;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.datavec.api.records.reader.impl.collection.CollectionRecordReader;
import org.datavec.api.writable.IntWritable;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.datavec.api.writable.batch.NDArrayRecordBatch;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The images of an {@link ImageSet} as DataVec's records, whether they were read from IDX files or from image folders.
 *
 * <p>A record is an image {@code [1, C, H, W]} float, 0 to 255, and its class number. Batches have one-hot labels, so
 * that {@code new RecordReaderDataSetIterator(reader, batchSize, 1, classes)} makes the data sets of {@link
 * ImageSetIterator#ordered}. The images are there already: {@code initialize} need not be called, and looks at no
 * split.
 *
 * @serial exclude
 */
public final class ImageSetRecordReader extends CollectionRecordReader {
    private static final long serialVersionUID = 1L;

    private final ImageSet images;

    /**
     * Reads the images of a set.
     *
     * @param images in the order of the records
     */
    public ImageSetRecordReader(ImageSet images) {
        super(new AbstractList<ImageRecord>() {
            @Override
            public ImageRecord get(int number) {
                return new ImageRecord(images, Objects.checkIndex(number, size()));
            }

            @Override
            public int size() {
                return images.size();
            }
        });
        this.images = images;
    }

    /** A record whose values are made when they are asked for. */
    private static final class ImageRecord extends AbstractList<Writable> {
        private final ImageSet images;
        private final int number;

        ImageRecord(ImageSet images, int number) {
            this.images = images;
            this.number = number;
        }

        @Override
        public Writable get(int column) {
            return column == 0
                    ? new NDArrayWritable(images.batch(number).getFeatures())
                    : new IntWritable(images.label(number));
        }

        @Override
        public int size() {
            return 2;
        }
    }

    @Override
    public boolean batchesSupported() {
        return true;
    }

    @Override
    public List<List<Writable>> next(int num) {
        IntStream.Builder numbers = IntStream.builder();
        for (int i = 0; i < num && hasNext(); i++) {
            numbers.add(((ImageRecord) next()).number);
        }
        DataSet batch = images.batch(numbers.build().toArray());
        return new NDArrayRecordBatch(batch.getFeatures(), batch.getLabels());
    }

    @Override
    public List<String> getLabels() {
        return images.classNames();
    }
}
