package org.bncnn.data;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.image.loader.NativeImageLoader;
import org.datavec.image.recordreader.ImageRecordReader;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A folder of images with one sub-folder per class, read by DataVec's {@link ImageRecordReader}.
 *
 * <p>Where there are sub-folders {@code train} and {@code test}, each holds one sub-folder per class. Otherwise every sixth image of a
 * class, in the order of their names, is held out as the test set. Size and number of channels (1 or 3) are those of the first
 * training image, and the others are scaled to it; colours are in the order blue, green, red.
 */
final class ImageFolder {
    private static final int HELD_OUT = 6;
    private static final Set<String> FORMATS = Set.of(NativeImageLoader.ALLOWED_FORMATS);

    private ImageFolder() {}

    /** An image file and the number of its class. */
    private record Labelled(Path file, int label) {}

    /** The size that every image is brought to. */
    private record Shape(int channels, int height, int width) {
        int pixels() {
            return channels * height * width;
        }
    }

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
        Shape shape = shapeOf(train.get(0).file());
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
            List<Path> files = list(sub, file -> FORMATS.contains(extension(file)));
            if (files.isEmpty()) {
                throw new DatasetException(sub + ": holds no image (" + String.join(", ", FORMATS) + ")");
            }
            for (Path file : files) {
                images.add(new Labelled(file, label));
            }
        }
        return images;
    }

    private static Shape shapeOf(Path file) throws DatasetException {
        try {
            long[] shape = new NativeImageLoader().asMatrix(file.toFile()).shape();
            return new Shape(shape[1] == 1 ? 1 : 3, (int) shape[2], (int) shape[3]);
        } catch (IOException | RuntimeException e) {
            throw undecodable(file, e);
        }
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
        try (ImageRecordReader reader = new ImageRecordReader(shape.height(), shape.width(), shape.channels())) {
            for (int i = 0; i < labels.length; i++) {
                labels[i] = images.get(i).label();
                byte[] content = contentOf(images.get(i).file());
                digest.update(content);
                INDArray image = decode(reader, images.get(i).file(), content);
                for (int j = 0; j < shape.pixels(); j++) {
                    pixels[i * shape.pixels() + j] = (byte) image.getInt(j);
                }
            }
        } catch (DatasetException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetException("the " + set + " images cannot be read (" + e + ")", e);
        }
        sha256.put(set, HexFormat.of().formatHex(digest.digest()));
        return new ImageSet(shape.channels(), shape.height(), shape.width(), pixels, labels, classNames);
    }

    private static byte[] contentOf(Path file) throws DatasetException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new DatasetException(file + ": cannot be read (" + e + "); check that it is a readable file", e);
        }
    }

    private static INDArray decode(ImageRecordReader reader, Path file, byte[] content) throws DatasetException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            return ((NDArrayWritable) reader.record(file.toUri(), in).get(0))
                    .get()
                    .ravel();
        } catch (IOException | RuntimeException e) {
            throw undecodable(file, e);
        }
    }

    private static DatasetException undecodable(Path file, Exception cause) {
        return new DatasetException(file + ": cannot be decoded as an image; replace it or take it away", cause);
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

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
