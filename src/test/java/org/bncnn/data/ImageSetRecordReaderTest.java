package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.bncnn.data.DatasetLocator.Place;
import org.datavec.api.records.Record;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;

class ImageSetRecordReaderTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        Path idx = Files.createDirectory(folder.resolve("idx"));
        Files.write(idx.resolve("train-images-idx3-ubyte"), IdxBytes.images(5, 2, 3));
        Files.write(idx.resolve("train-labels-idx1-ubyte.gz"), IdxBytes.gzip(IdxBytes.labels(0, 1, 2, 1, 0)));
        Files.write(idx.resolve("t10k-images-idx3-ubyte"), IdxBytes.images(1, 2, 3));
        Files.write(idx.resolve("t10k-labels-idx1-ubyte"), IdxBytes.labels(2));
        for (int i = 0; i < 14; i++) {
            int image = i;
            Path file = folder.resolve("photos/" + (i % 2 == 0 ? "bag/" : "shoe/") + (char) ('a' + i) + ".png");
            Files.createDirectories(file.getParent());
            Files.write(
                    file,
                    EncodedImages.png(
                            4 + i % 3, 3, 8, EncodedImages.RGB, (x, y, band) -> 16 * image + 4 * y + x + band));
        }
    }

    @Test
    void recordsAreAnImageAndItsClass() throws IOException {
        ImageSetRecordReader reader = new ImageSetRecordReader(read("idx").train());
        reader.next();
        List<Writable> second = reader.next();
        assertThat(second).hasSize(2);
        assertThat(((NDArrayWritable) second.get(0)).get().shape()).containsExactly(1, 1, 2, 3);
        assertThat(((NDArrayWritable) second.get(0)).get().getInt(0)).isEqualTo(6);
        assertThat(second.get(1).toInt()).isEqualTo(1);
        assertThat(reader.getLabels()).containsExactly("0", "1", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"idx", "photos"})
    void dl4jsIteratorMakesTheSameBatchesAsOurs(String name) throws IOException {
        ImageSet images = read(name).train();
        int classes = images.classNames().size();
        ImageSetIterator ours = ImageSetIterator.ordered(images, 2);
        RecordReaderDataSetIterator theirs =
                new RecordReaderDataSetIterator(new ImageSetRecordReader(images), 2, 1, classes);
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
        assertThat(theirs.getLabels()).isEqualTo(images.classNames());
    }

    @ParameterizedTest
    @ValueSource(strings = {"idx", "photos"})
    void aRecordIsFoundAgainByItsMetaData(String name) throws IOException {
        ImageSetRecordReader reader = new ImageSetRecordReader(read(name).train());
        reader.next();
        reader.next();
        Record third = reader.nextRecord();
        reader.reset();
        assertThat(reader.loadFromMetaData(third.getMetaData()).getRecord()).isEqualTo(third.getRecord());
    }

    @Test
    void afterTheLastThereIsNone() throws IOException {
        ImageSetRecordReader reader = new ImageSetRecordReader(read("idx").test());
        reader.next();
        assertThat(reader.hasNext()).isFalse();
        assertThatThrownBy(reader::next).isInstanceOf(NoSuchElementException.class);
    }

    private ImageDataset read(String name) throws DatasetException {
        return DatasetLocator.read(new Place("--data", folder.resolve(name).toString(), false));
    }
}
