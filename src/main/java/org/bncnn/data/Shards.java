package org.bncnn.data;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A dataset cut into pieces, so that each worker of a cluster reads only its own: pairs of IDX files, images {@code [N, C, H, W]} and labels
 * {@code [N]}, and a list of them, {@value #LIST}.
 *
 * @param name what the dataset is called
 * @param classNames in the order of their numbers
 * @param channels of each image
 * @param height of each image
 * @param width of each image
 * @param train the pieces of the training images
 * @param test the test images, in one piece
 * @param inversion as {@link ImageDataset} has it
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
    private static final int LABELS_RANK = 1;

    /** Labels are unsigned bytes. */
    private static final int MOST_CLASSES = 256;

    /**
     * A piece.
     *
     * @param images name of the file of images
     * @param labels name of the file of labels
     * @param size how many images it has
     * @param imagesSha256 of the file
     * @param labelsSha256 of the file
     */
    public record Shard(String images, String labels, int size, String imagesSha256, String labelsSha256)
            implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** A folder, wherever it is. */
    public interface Folder {
        /** {@return the content of a file in it} */
        byte[] read(String file) throws IOException;

        /** {@return the name of a file in it, for messages} */
        String nameOf(String file);
    }

    public Shards {
        classNames = List.copyOf(classNames);
        train = List.copyOf(train);
        inversion = inversion == null ? Inversion.unrecorded(channels) : inversion; // written before it was recorded
    }

    /**
     * Writes a dataset in pieces; images are dealt to them like cards, so that each has as many of each class. The list is not written.
     *
     * @param count how many pieces the training images make, at least 1 and at most one for each image
     * @param folder that exists
     * @throws DatasetException if it has more classes than labels of a byte can tell apart
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
            shards.add(write(train.select(dealt), String.format(Locale.ROOT, "train-%05d", i), folder));
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
     * Checks that labels of a byte can tell the classes of a dataset apart.
     *
     * @throws DatasetException if it has more
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
                sha256(imagesFile),
                sha256(labelsFile));
        Files.write(folder.resolve(shard.images()), imagesFile);
        Files.write(folder.resolve(shard.labels()), labelsFile);
        return shard;
    }

    private static String sha256(byte[] content) {
        return HexFormat.of().formatHex(IdxFile.sha256Digest().digest(content));
    }

    /**
     * Reads a piece.
     *
     * @throws DatasetException if a file cannot be read, or is not what was written
     */
    public ImageSet read(Shard shard, Folder folder) throws DatasetException {
        IdxFile images = read(shard.images(), IMAGES_RANK, shard.imagesSha256(), folder);
        IdxFile labels = read(shard.labels(), LABELS_RANK, shard.labelsSha256(), folder);
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

    /** {@return how many training images there are} */
    public int size() {
        return train.stream().mapToInt(Shard::size).sum();
    }

    /** {@return the SHA-256 of each file} */
    public Map<String, String> sha256() {
        Map<String, String> sha256 = new TreeMap<>();
        for (Shard shard : train) {
            sha256.put(shard.images(), shard.imagesSha256());
            sha256.put(shard.labels(), shard.labelsSha256());
        }
        sha256.put(test.images(), test.imagesSha256());
        sha256.put(test.labels(), test.labelsSha256());
        return sha256;
    }
}
