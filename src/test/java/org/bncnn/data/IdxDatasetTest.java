package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxDatasetTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeFourFiles() throws IOException {
        write("train-images-idx3-ubyte.gz", IdxBytes.gzip(IdxBytes.images(4, 6, 5)));
        write("train-labels-idx1-ubyte.gz", IdxBytes.gzip(IdxBytes.labels(0, 2, 1, 2)));
        write("t10k-images-idx3-ubyte.gz", IdxBytes.gzip(IdxBytes.images(2, 6, 5)));
        write("t10k-labels-idx1-ubyte.gz", IdxBytes.gzip(IdxBytes.labels(1, 0)));
    }

    @Test
    void shapeAndClassesComeFromTheFiles() throws DatasetException {
        ImageDataset data = IdxDataset.load(folder);
        assertThat(data.train().size()).isEqualTo(4);
        assertThat(data.test().size()).isEqualTo(2);
        assertThat(data.train().channels()).isEqualTo(1);
        assertThat(data.train().height()).isEqualTo(6);
        assertThat(data.train().width()).isEqualTo(5);
        assertThat(data.train().classNames()).containsExactly("0", "1", "2");
        assertThat(data.test().classNames()).containsExactly("0", "1", "2");
        assertThat(data.train().label(1)).isEqualTo(2);
        assertThat(data.sha256()).hasSize(4).containsKey("t10k-labels-idx1-ubyte.gz");
    }

    @ParameterizedTest
    @ValueSource(strings = {"emnist-letters-%s-images-idx3-ubyte.gz", "%s-images.idx3-ubyte", "%s-images-idx3-ubyte"})
    void otherPublishersNamesAreUnderstood(String pattern) throws IOException {
        rename("train-images-idx3-ubyte.gz", pattern.formatted("train"));
        rename("t10k-images-idx3-ubyte.gz", pattern.formatted("test"));
        assertThat(IdxDataset.isIn(folder)).isTrue();
        assertThat(IdxDataset.load(folder).train().size()).isEqualTo(4);
    }

    @Test
    void theSampleHasEquallyManyImagesOfEachClass() throws DatasetException {
        ImageDataset sample = Sample.load();
        int[] train = new int[10];
        for (int i = 0; i < sample.train().size(); i++) {
            train[sample.train().label(i)]++;
        }
        assertThat(train).containsOnly(200);
        assertThat(sample.test().size()).isEqualTo(1000);
        assertThat(sample.train().classNames()).containsExactlyElementsOf(FashionMnist.CLASS_NAMES);
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte.gz"));
        assertRefused("has no file of test labels, such as t10k-labels-idx1-ubyte.gz");
    }

    @Test
    void twoDatasetsInAFolderAreRefused() throws IOException {
        write("emnist-digits-train-images-idx3-ubyte", IdxBytes.images(4, 6, 5));
        assertRefused("keep one dataset in a folder");
    }

    @Test
    void countsThatDisagreeAreRefused() throws IOException {
        write("train-labels-idx1-ubyte.gz", IdxBytes.labels(0, 1, 2));
        assertRefused("has 3 labels for the 4 images");
    }

    @Test
    void sizesThatDisagreeAreRefused() throws IOException {
        write("t10k-images-idx3-ubyte.gz", IdxBytes.images(2, 5, 5));
        assertRefused("has images of 5×5, but the training images are 6×5");
    }

    @Test
    void aTestLabelThatTrainingNeverShowsIsRefused() throws IOException {
        write("t10k-labels-idx1-ubyte.gz", IdxBytes.labels(1, 3));
        assertRefused("label 1 is 3, but there are 3 classes");
    }

    @Test
    void imagesAndLabelsSwappedAreRefused() throws IOException {
        write("train-labels-idx1-ubyte.gz", IdxBytes.images(4, 6, 5));
        assertRefused("are images and labels swapped?");
    }

    private void assertRefused(String complaint) {
        assertThatThrownBy(() -> IdxDataset.load(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(complaint);
    }

    private void write(String name, byte[] content) throws IOException {
        Files.write(folder.resolve(name), content);
    }

    private void rename(String from, String to) throws IOException {
        Files.move(folder.resolve(from), folder.resolve(to));
    }
}
