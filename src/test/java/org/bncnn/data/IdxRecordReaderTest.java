package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.datavec.api.records.Record;
import org.datavec.api.split.CollectionInputSplit;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;

class IdxRecordReaderTest {
    @TempDir
    private Path folder;

    private URI images;
    private URI labels;

    @BeforeEach
    void writeFiles() throws Exception {
        images = Files.write(folder.resolve("images"), IdxBytes.images(5, 2, 3)).toUri();
        labels = Files.write(folder.resolve("labels"), IdxBytes.gzip(IdxBytes.labels(0, 1, 2, 1, 0)))
                .toUri();
    }

    @Test
    void recordsAreAnImageAndItsClass() throws Exception {
        IdxRecordReader reader = reader(3);
        reader.next();
        List<Writable> second = reader.next();
        assertThat(((NDArrayWritable) second.get(0)).get().shape()).containsExactly(1, 1, 2, 3);
        assertThat(((NDArrayWritable) second.get(0)).get().getInt(0)).isEqualTo(6);
        assertThat(second.get(1).toInt()).isEqualTo(1);
    }

    @Test
    void dl4jsIteratorMakesTheSameBatchesAsOurs() throws Exception {
        ImageSet set = IdxDataset.imageSet(
                IdxFile.read(Path.of(images), 3), IdxFile.read(Path.of(labels), 1), IdxDataset.numbered(3));
        ImageSetIterator ours = ImageSetIterator.ordered(set, 2);
        RecordReaderDataSetIterator theirs = new RecordReaderDataSetIterator(reader(3), 2, 1, 3);
        for (int epoch = 0; epoch < 2; epoch++) {
            while (ours.hasNext()) {
                DataSet expected = ours.next();
                DataSet actual = theirs.next();
                assertThat(actual.getFeatures()).isEqualTo(expected.getFeatures());
                assertThat(actual.getLabels()).isEqualTo(expected.getLabels());
            }
            assertThat(theirs.hasNext()).isFalse();
            ours.reset();
            theirs.reset();
        }
    }

    @Test
    void aRecordIsFoundAgainByItsMetaData() throws Exception {
        IdxRecordReader reader = reader(3);
        reader.next();
        reader.next();
        Record third = reader.nextRecord();
        reader.reset();
        assertThat(reader.loadFromMetaData(third.getMetaData()).getRecord()).isEqualTo(third.getRecord());
    }

    @Test
    void aLabelOutsideTheClassesIsRefused() {
        assertThatThrownBy(() -> reader(2)).isInstanceOf(DatasetException.class).hasMessageContaining("label 2 is 2");
    }

    @Test
    void aSplitOfOneFileIsRefused() {
        assertThatThrownBy(() -> new IdxRecordReader(3).initialize(new CollectionInputSplit(List.of(images))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("names 1 files");
    }

    private IdxRecordReader reader(int classes) throws Exception {
        IdxRecordReader reader = new IdxRecordReader(classes);
        reader.initialize(new CollectionInputSplit(List.of(images, labels)));
        return reader;
    }
}
