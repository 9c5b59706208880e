package org.bncnn.data;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.text.Numbers;

/**
 * A dataset in pieces, so that each worker of a cluster reads only its own: pairs of IDX files, images {@code [N, C, H,
 * W]} and labels {@code [N]}, and a list of them, {@value #LIST}.
 *
 * @param name of the dataset
 * @param classNames in the order of their numbers
 * @param channels of each image
 * @param height of each image
 * @param width of each image
 * @param train pieces of the training images
 * @param test the test images, in one piece
 * @param inversion as in {@link ImageDataset}
 */
public record Shards(
        String name,
        List<String> classNames,
        int channels,
        int height,
        int width,
        List<Shard> train,
        Shard test,
        Inversion inversion)
        implements Serializable {
    /** The file that lists the pieces; written last. */
    public static final String LIST = "shards.json";

    private static final long serialVersionUID = 1L;
    private static final int IMAGES_RANK = 4;

    /** Labels are unsigned bytes. */
    private static final int MOST_CLASSES = 256;

    /**
     * A piece.
     *
     * @param images name of the file of images
     * @param labels name of the file of labels
     * @param size number of images
     * @param imagesSha256 checksum of the file of images
     * @param labelsSha256 checksum of the file of labels
     */
    public record Shard(String images, String labels, int size, String imagesSha256, String labelsSha256)
            implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** A folder, wherever it is. */
    public interface Folder {
        /**
         * {@return the content of a file in it}
         *
         * @param file name of the file
         * @throws IOException if it cannot be read
         */
        byte[] read(String file) throws IOException;

        /**
         * {@return the location of a file in it, for messages}
         *
         * @param file name of the file
         */
        String nameOf(String file);
    }

    /** {@return the inversion as in {@link ImageDataset}}; older lists do not record it */
    @Override
    public Inversion inversion() {
        return inversion == null ? Inversion.unrecorded(channels) : inversion;
    }

    /**
     * Writes a dataset in pieces; images are dealt to them like cards, so that each has the same share of each class.
     * The list is not written.
     *
     * @param data to write
     * @param count number of pieces of the training images, at least 1 and at most one for each image
     * @param folder that exists
     * @return the list of the pieces
     * @throws DatasetException if there are more classes than a byte can number
     * @throws IOException if a piece cannot be written
     */
    public static Shards write(ImageDataset data, int count, Path folder) throws IOException {
        ImageSet train = data.train();
        requireLabels(data);
        if (count < 1 || count > train.size()) {
            throw new IllegalArgumentException(
                    "shards must be at least 1 and at most " + train.size() + ", one for each image, not " + count);
        }
        List<Shard> shards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int first = i;
            int[] dealt = IntStream.iterate(first, image -> image < train.size(), image -> image + count)
                    .toArray();
            shards.add(write(train.select(dealt), Numbers.format("train-%05d", i), folder));
        }
        return new Shards(
                data.name(),
                train.classNames(),
                train.channels(),
                train.height(),
                train.width(),
                shards,
                write(data.test(), "test", folder),
                data.inversion());
    }

    /**
     * Checks that a byte can number the classes of a dataset.
     *
     * @param data to check
     * @throws DatasetException if it cannot
     */
    public static void requireLabels(ImageDataset data) throws DatasetException {
        int classes = data.train().classNames().size();
        if (classes > MOST_CLASSES) {
            throw new DatasetException(data.location() + ": has " + classes + " classes, but shards can hold at most "
                    + MOST_CLASSES + "; train without --spark");
        }
    }

    private static Shard write(ImageSet images, String name, Path folder) throws IOException {
        int[] shape = {images.size(), images.channels(), images.height(), images.width()};
        byte[] labels = new byte[images.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) images.label(i);
        }
        byte[] imagesFile = IdxFile.content(shape, images.pixels());
        byte[] labelsFile = IdxFile.content(new int[] {labels.length}, labels);
        Shard shard = new Shard(
                name + "-images-idx4-ubyte",
                name + "-labels-idx1-ubyte",
                images.size(),
                DigestUtils.sha256Hex(imagesFile),
                DigestUtils.sha256Hex(labelsFile));
        Files.write(folder.resolve(shard.images()), imagesFile);
        Files.write(folder.resolve(shard.labels()), labelsFile);
        return shard;
    }

    /**
     * Reads a piece.
     *
     * @param shard to read
     * @param folder that it is in
     * @return its images
     * @throws DatasetException if a file cannot be read, or has changed
     */
    public ImageSet read(Shard shard, Folder folder) throws DatasetException {
        IdxFile images = read(shard.images(), IMAGES_RANK, shard.imagesSha256(), folder);
        IdxFile labels = read(shard.labels(), IdxFile.LABELS_RANK, shard.labelsSha256(), folder);
        return IdxDataset.imageSet(images, labels, classNames);
    }

    private static IdxFile read(String file, int rank, String sha256, Folder folder) throws DatasetException {
        byte[] stored;
        try {
            stored = folder.read(file);
        } catch (IOException e) {
            throw new DatasetException(folder.nameOf(file) + ": cannot be read (" + e.getMessage() + ")", e);
        }
        IdxFile read = IdxFile.parse(folder.nameOf(file), stored, rank);
        if (!read.sha256().equals(sha256)) {
            throw new DatasetException(folder.nameOf(file) + ": is not what was written, its SHA-256 is "
                    + read.sha256() + "; make the shards again");
        }
        return read;
    }

    /** {@return the number of training images} */
    public int size() {
        return train.stream().mapToInt(Shard::size).sum();
    }

    /** {@return the SHA-256 of each file, by its name} */
    public Map<String, String> sha256() {
        Map<String, String> sha256 = new TreeMap<>();
        Stream.concat(train.stream(), Stream.of(test)).forEach(shard -> {
            sha256.put(shard.images(), shard.imagesSha256());
            sha256.put(shard.labels(), shard.labelsSha256());
        });
        return sha256;
    }
}
