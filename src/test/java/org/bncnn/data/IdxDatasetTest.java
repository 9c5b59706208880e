package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxDatasetTest {
    @TempDir
    private Path folder;

    private final Notes notes = new Notes();

    @AfterEach
    void stopListening() {
        notes.close();
    }

    @BeforeEach
    void writeFourFiles() throws IOException {
        write("train-images-idx3-ubyte.gz", IdxBytes.gzip(IdxBytes.images(4, 6, 5)));
        write("train-labels-idx1-ubyte.gz", IdxBytes.gzip(IdxBytes.labels(0, 2, 1, 2)));
        write("t10k-images-idx3-ubyte.gz", IdxBytes.gzip(IdxBytes.images(2, 6, 5)));
        write("t10k-labels-idx1-ubyte.gz", IdxBytes.gzip(IdxBytes.labels(1, 0)));
    }

    @Test
    void shapeAndClassesComeFromTheFiles() throws DatasetException {
        ImageDataset data = IdxDataset.in(folder).read();
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
    @ValueSource(strings = {"%s-images.idx3-ubyte", "%s-images-idx3-ubyte", "%S_IMAGES.IDX3-UBYTE.gz"})
    void otherPublishersNamesAreUnderstood(String pattern) throws IOException {
        rename("train-images-idx3-ubyte.gz", pattern.formatted("train"));
        rename("t10k-images-idx3-ubyte.gz", pattern.formatted("test"));
        assertThat(IdxDataset.isIn(folder)).isTrue();
        assertThat(IdxDataset.in(folder).read().train().size()).isEqualTo(4);
    }

    @Test
    void theSampleHasEquallyManyImagesOfEachClass() throws DatasetException {
        ImageDataset sample = FashionMnist.sample();
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
        assertRefused("holds IDX files of several datasets, train-images-idx3-ubyte.gz,"
                + " emnist-digits-train-images-idx3-ubyte; keep one dataset in a folder");
    }

    /** torchvision leaves what it fetched beside what it unpacked. */
    @Test
    void plainAndGzippedFilesOfTheSameContentAreOne() throws IOException {
        write("train-images-idx3-ubyte", IdxBytes.images(4, 6, 5));
        write("t10k-labels-idx1-ubyte", IdxBytes.labels(1, 0));
        assertThat(IdxDataset.in(folder).read().train().size()).isEqualTo(4);
    }

    @Test
    void plainAndGzippedFilesOfDifferentContentAreRefused() throws IOException {
        write("t10k-labels-idx1-ubyte", IdxBytes.labels(1, 1));
        assertRefused("both t10k-labels-idx1-ubyte and t10k-labels-idx1-ubyte.gz could be the test labels, and their"
                + " content differs; keep one of them");
    }

    /** Kaggle's archive of MNIST. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileMayLieWithinAFolderOfItsName(boolean besideToo) throws IOException {
        for (String name : new String[] {
            "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
        }) {
            Files.createDirectory(folder.resolve(name));
            Files.copy(folder.resolve(name + ".gz"), folder.resolve(name + "/" + name));
            if (besideToo) {
                rename(name + ".gz", name.replace("-idx", ".idx"));
            } else {
                Files.delete(folder.resolve(name + ".gz"));
            }
        }
        ImageDataset data = IdxDataset.in(folder).read();
        assertThat(data.train().size()).isEqualTo(4);
        assertThat(data.test().label(0)).isEqualTo(1);
    }

    @Test
    void whatOthersPutBesideTheFilesIsLeft() throws IOException {
        for (String name : new String[] {
            "._train-images-idx3-ubyte.gz",
            ".train-images-idx3-ubyte.gz.swp",
            ".DS_Store",
            "Thumbs.db",
            "README.txt",
            "train-images-idx3-ubyte.gz.part",
            "train-images-idx3-ubyte.bak",
            "fashion-mnist_train.csv"
        }) {
            write(name, new byte[10]);
        }
        Files.createDirectories(folder.resolve("__MACOSX/train-images-idx3-ubyte"));
        Files.createSymbolicLink(folder.resolve("dangling"), Path.of("/nonexistent"));
        assertThat(IdxDataset.in(folder).read().train().size()).isEqualTo(4);
        assertThat(notes.lines()).isEmpty();
    }

    @Test
    void labelsNeedNotBeginAtZeroNorBeWithoutGaps() throws IOException {
        write("train-labels-idx1-ubyte.gz", IdxBytes.labels(255, 3, 3, 200));
        write("t10k-labels-idx1-ubyte.gz", IdxBytes.labels(255, 200));
        ImageDataset data = IdxDataset.in(folder).read();
        assertThat(data.train().classNames()).containsExactly("3", "200", "255");
        assertThat(data.train().label(0)).isEqualTo(2);
        assertThat(data.train().label(1)).isZero();
        assertThat(data.test().label(1)).isEqualTo(1);
        assertThat(notes.lines())
                .containsExactly(folder.resolve("train-labels-idx1-ubyte.gz")
                        + ": its labels are 3, 200, 255; the dataset has one class for each of these 3 values");
    }

    @Test
    void aSingleLabelIsRefused() throws IOException {
        write("train-labels-idx1-ubyte.gz", IdxBytes.labels(7, 7, 7, 7));
        assertRefused("train-labels-idx1-ubyte.gz: every label is 7; at least two classes are needed");
    }

    @Test
    void emnistsLettersHaveTheirNamesAndStandUpright() throws IOException {
        rename("train-images-idx3-ubyte.gz", "emnist-letters-train-images-idx3-ubyte.gz");
        rename("t10k-images-idx3-ubyte.gz", "emnist-letters-test-images-idx3-ubyte.gz");
        write("emnist-letters-train-labels-idx1-ubyte.gz", IdxBytes.labels(1, 2, 26, 2));
        write("emnist-letters-test-labels-idx1-ubyte.gz", IdxBytes.labels(26, 1));
        Files.delete(folder.resolve("train-labels-idx1-ubyte.gz"));
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte.gz"));
        write("emnist-letters-mapping.txt", "1 65 97 \n2 66 98 \n26 90 122 \n".getBytes(StandardCharsets.US_ASCII));
        ImageDataset data = IdxDataset.in(folder).read();
        assertThat(data.name()).isEqualTo("emnist-letters");
        assertThat(data.train().classNames()).containsExactly("A/a", "B/b", "Z/z");
        assertThat(data.train().label(0)).isZero();
        assertThat(data.test().label(0)).isEqualTo(2);
        // stored as 6 rows of 5, pixels counting up
        assertThat(data.train().height()).isEqualTo(5);
        assertThat(data.train().width()).isEqualTo(6);
        assertThat(data.train().pixels()).startsWith(0, 5, 10, 15, 20, 25, 1, 6);
        assertThat(data.test().grey(1)).startsWith(30, 35, 40);
        assertThat(notes.lines())
                .containsExactly(
                        folder.resolve("emnist-letters-train-labels-idx1-ubyte.gz")
                                + ": its labels are 1, 2, 26; the dataset has one class for each of these 3 values",
                        folder + ": EMNIST stores images transposed; they have been transposed back");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "zero 48", "0 48\n\n", "1 99999999", "1 9999999", "\u00e9 1"})
    void aMalformedMappingIsRefused(String mapping) throws IOException {
        write("-mapping.txt", mapping.getBytes(StandardCharsets.UTF_8));
        assertRefused("-mapping.txt: is not a line for each label with the codes of its characters");
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
        assertRefused("t10k-labels-idx1-ubyte.gz: has labels that no training image has (3); put files of one dataset"
                + " together");
    }

    @Test
    void imagesAndLabelsSwappedAreRefused() throws IOException {
        write("train-labels-idx1-ubyte.gz", IdxBytes.images(4, 6, 5));
        assertRefused("are images and labels swapped?");
    }

    @Test
    void aLabelOutsideTheClassesIsRefused() {
        assertThatThrownBy(() -> IdxDataset.imageSet(
                        IdxFile.parse("images", IdxBytes.images(3, 2, 3), 3),
                        IdxFile.parse("labels", IdxBytes.labels(0, 1, 2), 1),
                        List.of("a", "b")))
                .isInstanceOf(DatasetException.class)
                .hasMessage("labels: label 2 is 2, but there are 2 classes, numbered from 0");
    }

    private void assertRefused(String complaint) {
        assertThatThrownBy(() -> IdxDataset.in(folder).read())
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
