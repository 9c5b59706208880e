package org.bncnn.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Fashion-MNIST: its four files, their checksums, its classes, and where it is published; and the sample that ships
 * with the program.
 *
 * <p>60,000 training and 10,000 test images, 28×28, grey, 10 classes, MIT licence. Source: Xiao, Rasul &amp; Vollgraf
 * (2017), "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", arXiv:1708.07747.
 */
public final class FashionMnist {
    static final String NAME = "Fashion-MNIST";

    /** Height and width of the images, which have one channel. */
    public static final int SIDE = 28;

    /** Names of the labels 0 to 9. */
    public static final List<String> CLASS_NAMES = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    /**
     * One of the four files.
     *
     * @param name of the file
     * @param rank number of dimensions
     * @param sha256 of the content, before compression
     */
    record Part(String name, int rank, String sha256) {
        /** {@return the file in this folder, read and checked} */
        IdxFile read(Path folder) throws DatasetException {
            return check(IdxFile.read(folder.resolve(name), rank));
        }

        IdxFile check(IdxFile file) throws DatasetException {
            if (!file.sha256().equals(sha256)) {
                throw new DatasetException(file.name() + ": is not the file of " + NAME + ", its content has SHA-256 "
                        + file.sha256() + ", expected " + sha256 + "; delete it and run: bncnn data --fetch");
            }
            return file;
        }
    }

    static final Part TRAIN_IMAGES = new Part(
            "train-images-idx3-ubyte.gz",
            IdxFile.IMAGES_RANK,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888");
    static final Part TRAIN_LABELS = new Part(
            "train-labels-idx1-ubyte.gz",
            IdxFile.LABELS_RANK,
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9");
    static final Part TEST_IMAGES = new Part(
            "t10k-images-idx3-ubyte.gz",
            IdxFile.IMAGES_RANK,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b");
    static final Part TEST_LABELS = new Part(
            "t10k-labels-idx1-ubyte.gz",
            IdxFile.LABELS_RANK,
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    static final List<Part> PARTS = List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS);

    /** The authors' own address, their repository, and Keras's copy; each followed by a file's name. */
    static final List<URI> SOURCES = List.of(
            URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
            URI.create("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
            URI.create("https://storage.googleapis.com/tensorflow/tf-keras-datasets/"));

    private FashionMnist() {}

    /** {@return the dataset in a folder, with its checksums checked} */
    static ImageDataset read(Path folder) throws DatasetException {
        List<IdxFile> files = new ArrayList<>();
        for (Part part : PARTS) {
            files.add(part.read(folder));
        }
        return IdxDataset.of(NAME, folder.toString(), CLASS_NAMES, files);
    }

    /**
     * {@return the sample: 2,000 training and 1,000 test images, the same number of each class} It is there for tests
     * and for trying things out; what is measured on it says little about the whole dataset.
     */
    static ImageDataset sample() throws DatasetException {
        List<IdxFile> files = new ArrayList<>();
        for (Part part : PARTS) {
            try (InputStream in = FashionMnist.class.getResourceAsStream("sample/" + part.name())) {
                files.add(IdxFile.parse(part.name(), in.readAllBytes(), part.rank()));
            } catch (IOException e) {
                throw new DatasetException("the program's jar is damaged (" + e.getMessage() + "); build it again", e);
            }
        }
        return IdxDataset.of("a sample of " + NAME, "this program", CLASS_NAMES, files);
    }
}
