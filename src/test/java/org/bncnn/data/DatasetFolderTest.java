package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetFolderTest {
    @TempDir
    private Path folder;

    private final Notes notes = new Notes();

    @AfterEach
    void stopListening() {
        notes.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "FashionMNIST", "FashionMNIST/raw"})
    void torchvisionsRootAndRawFolderAreTheSame(String asked) throws IOException {
        writeIdx("FashionMNIST/raw/");
        Files.createDirectory(folder.resolve("FashionMNIST/processed"));
        ImageDataset data = find(asked).read();
        assertThat(data.name()).isEqualTo("FashionMNIST");
        assertThat(data.location()).isEqualTo(folder.resolve("FashionMNIST/raw").toString());
    }

    @Test
    void severalFoldersOfIdxFilesAreToChooseFrom() throws IOException {
        writeIdx("MNIST/raw/");
        writeIdx("KMNIST/raw/");
        assertRefused(".", folder + ": holds IDX files in several folders (KMNIST/raw, MNIST/raw); name one of them");
        assertThat(find("KMNIST").read().name()).isEqualTo("KMNIST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"archive/", "archive/dataset/", "archive/.hidden/../dataset/"})
    void foldersThatWrapADatasetAreOpened(String wrapping) throws IOException {
        Files.createDirectories(folder.resolve("__MACOSX/bag"));
        Files.createDirectories(folder.resolve("archive/.hidden"));
        writeImages(wrapping);
        assertThat(find(".")).isInstanceOf(FolderDataset.class);
        assertThat(((FolderDataset) find(".")).train()).hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/", "a/b/", "a/b/c/"})
    void foldersThatWrapIdxFilesAreOpened(String wrapping) throws IOException {
        writeIdx(wrapping);
        assertThat(find(".").read().train().size()).isEqualTo(2);
    }

    @Test
    void aSetAloneIsNotAWrapping() throws IOException {
        writeImages("Train/");
        assertRefused(
                ".",
                folder + ": has a folder Train but neither test nor val; add one, or pass --data "
                        + folder.resolve("Train") + " to hold out every sixth image for test");
    }

    @Test
    void aLinkThatLeadsBackIsRefused() throws IOException {
        Files.createSymbolicLink(folder.resolve("round"), Path.of("."));
        assertRefused(".", folder.resolve("round") + ": is a link that forms a loop; remove it");
    }

    @Test
    void aFolderOfManyIdxDatasetsIsReadByHowTheFilesOfOneBegin() throws IOException {
        writeIdx("kuzushiji-10-");
        writeIdx("kuzushiji-49-");
        assertRefused(
                ".",
                folder
                        + ": holds IDX files of several datasets, kuzushiji-10, kuzushiji-49; choose one by the start of its file"
                        + " names, such as --data " + folder.resolve("kuzushiji-10"));
        ImageDataset data = find("kuzushiji-49").read();
        assertThat(data.name()).isEqualTo("kuzushiji-49");
        assertThat(data.sha256()).containsKey("kuzushiji-49-train-labels-idx1-ubyte");
        assertRefused("kuzushiji", folder.resolve("kuzushiji") + ": is not a folder; check --data");
    }

    @Test
    void foldersOfImagesBesideIdxFilesAreTold() throws IOException {
        writeIdx("");
        writeImages("");
        writeImages("photos/mine/");
        Files.createDirectory(folder.resolve("plots"));
        Files.createSymbolicLink(folder.resolve("plots/round"), Path.of("."));
        assertThat(find(".").read().train().size()).isEqualTo(2);
        assertThat(notes.lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith(folder.resolve("plots") + ": cannot be searched for images ("),
                        line -> assertThat(line)
                                .isEqualTo(
                                        folder + ": the images in its folders bag, photos, shoe are not used, because"
                                                + " it holds IDX files too"));
    }

    @Test
    void anArchiveIsToBeUnpacked() throws IOException {
        Files.createFile(folder.resolve("archive.zip"));
        assertRefused(
                "archive.zip",
                folder.resolve("archive.zip")
                        + ": is not a folder; if it is an archive, unpack it and name the folder; check --data");
    }

    @Test
    void shardsAreSaidToBeShards() throws IOException {
        Files.createFile(folder.resolve(Shards.LIST));
        Files.createFile(folder.resolve("test-labels-idx1-ubyte"));
        assertRefused(".", folder + ": holds shards for training with --spark; name the dataset they were made of");
    }

    private DatasetFolder.Content find(String asked) throws DatasetException {
        return DatasetFolder.find(folder.resolve(asked).normalize(), "--data");
    }

    private void assertRefused(String asked, String message) {
        assertThatThrownBy(() -> find(asked))
                .isInstanceOf(DatasetException.class)
                .hasMessage(message);
    }

    private void writeIdx(String prefix) throws IOException {
        Files.createDirectories(folder.resolve(prefix + "x").getParent());
        Files.write(folder.resolve(prefix + "train-images-idx3-ubyte"), IdxBytes.images(2, 4, 4));
        Files.write(folder.resolve(prefix + "train-labels-idx1-ubyte"), IdxBytes.labels(0, 1));
        Files.write(folder.resolve(prefix + "t10k-images-idx3-ubyte"), IdxBytes.images(1, 4, 4));
        Files.write(folder.resolve(prefix + "t10k-labels-idx1-ubyte"), IdxBytes.labels(1));
    }

    private void writeImages(String prefix) throws IOException {
        for (String name : new String[] {"bag", "shoe"}) {
            Path classFolder = Files.createDirectories(folder.resolve(prefix + name));
            for (int i = 0; i < 6; i++) {
                Files.createFile(classFolder.resolve(i + ".png"));
            }
        }
    }
}
