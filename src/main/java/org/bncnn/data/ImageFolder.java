package org.bncnn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bncnn.data.ImageFile.Shape;

/**
 * A folder of images with one sub-folder per class, which may hold nothing but images as {@link ImageFile} reads them.
 *
 * <p>Where there are sub-folders {@code train} and {@code test}, each holds one sub-folder per class. Otherwise every sixth image of a
 * class, in the order of their names, is held out as the test set. Size and number of channels (1 or 3) are those of the first
 * training image, and the others are scaled to it; colours are in the order blue, green, red. No image is inverted.
 */
final class ImageFolder {
    private static final int HELD_OUT = 6;
    private static final String ADVICE = "replace it or leave it out";

    private ImageFolder() {}

    /** An image file and the number of its class. */
    private record Labelled(Path file, int label) {}

    /**
     * Reads all images of a folder.
     *
     * @throws DatasetException if there are fewer than two classes, a class without images, or an image that cannot be decoded
     */
    static ImageDataset load(Path folder) throws DatasetException {
        List<Labelled> train = new ArrayList<>();
        List<Labelled> test = new ArrayList<>();
        List<String> classNames;
        if (Files.isDirectory(folder.resolve("train")) && Files.isDirectory(folder.resolve("test"))) {
            classNames = classNames(folder.resolve("train"));
            train = labelled(folder.resolve("train"), classNames);
            test = labelled(folder.resolve("test"), classNames);
        } else {
            classNames = classNames(folder);
            int sameClass = 0;
            int previous = -1;
            for (Labelled image : labelled(folder, classNames)) {
                sameClass = image.label() == previous ? sameClass + 1 : 1;
                previous = image.label();
                (sameClass % HELD_OUT == 0 ? test : train).add(image);
            }
            if (test.isEmpty()) {
                throw new DatasetException(folder + ": has no class of " + HELD_OUT
                        + " images, so none can be held out for test; add images, or make folders train and test");
            }
        }
        Path first = train.get(0).file();
        Shape shape = ImageFile.shapeOf(first, ImageFile.contentOf(first, ADVICE));
        Map<String, String> sha256 = new TreeMap<>();
        return new ImageDataset(
                folder.getFileName().toString(),
                folder.toString(),
                read(train, shape, classNames, "train", sha256),
                read(test, shape, classNames, "test", sha256),
                sha256);
    }

    private static List<String> classNames(Path folder) throws DatasetException {
        List<String> names = list(folder, Files::isDirectory).stream()
                .map(sub -> sub.getFileName().toString())
                .toList();
        if (names.size() < 2) {
            throw new DatasetException(
                    folder + ": holds neither IDX files (such as train-images-idx3-ubyte.gz) nor a sub-folder of"
                            + " images for each of at least two classes; check --data and BNCNN_DATA");
        }
        return names;
    }

    private static List<Labelled> labelled(Path folder, List<String> classNames) throws DatasetException {
        for (Path sub : list(folder, Files::isDirectory)) {
            if (!classNames.contains(sub.getFileName().toString())) {
                throw new DatasetException(
                        sub + ": is a class the training images do not have; they have " + classNames);
            }
        }
        List<Labelled> images = new ArrayList<>();
        for (int label = 0; label < classNames.size(); label++) {
            Path sub = folder.resolve(classNames.get(label));
            List<Path> files = list(sub, file -> true);
            if (files.isEmpty()) {
                throw new DatasetException(sub + ": holds no image (" + ImageFormat.ALL + ")");
            }
            for (Path file : files) {
                images.add(new Labelled(file, label));
            }
        }
        return images;
    }

    private static ImageSet read(
            List<Labelled> images, Shape shape, List<String> classNames, String set, Map<String, String> sha256)
            throws DatasetException {
        long length = (long) images.size() * shape.pixels();
        if (length > Math.min(IdxFile.MAX_ARRAY, Runtime.getRuntime().maxMemory())) {
            throw new DatasetException("the " + set + " images take " + (length >> 20)
                    + " MiB, more than can be kept in memory; make them smaller, or give Java more with -Xmx");
        }
        byte[] pixels = new byte[(int) length];
        int[] labels = new int[images.size()];
        MessageDigest digest = IdxFile.sha256Digest();
        for (int i = 0; i < labels.length; i++) {
            Path file = images.get(i).file();
            labels[i] = images.get(i).label();
            byte[] content = ImageFile.contentOf(file, ADVICE);
            digest.update(content);
            byte[] image = ImageFile.pixels(file, content, shape, new ArrayList<>());
            System.arraycopy(image, 0, pixels, i * image.length, image.length);
        }
        sha256.put(set, HexFormat.of().formatHex(digest.digest()));
        return new ImageSet(shape.channels(), shape.height(), shape.width(), pixels, labels, classNames);
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) throws DatasetException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(wanted)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DatasetException(folder + ": cannot be read as a folder (" + e + "); check its permissions", e);
        }
    }
}
