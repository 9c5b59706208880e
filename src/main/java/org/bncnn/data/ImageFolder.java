package org.bncnn.data;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bncnn.data.ClassFolders.Labelled;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.image.loader.NativeImageLoader;
import org.datavec.image.recordreader.ImageRecordReader;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images in folders of their classes ({@link ImageFiles}), read by DataVec's {@link ImageRecordReader}.
 *
 * <p>Size and number of channels (1 or 3) are those of the first training image, and the others are scaled to it; colours are in the
 * order blue, green, red.
 */
final class ImageFolder {
    private ImageFolder() {}

    /** The size that every image is brought to. */
    private record Shape(int channels, int height, int width) {
        int pixels() {
            return channels * height * width;
        }
    }

    /**
     * Reads all images.
     *
     * @throws DatasetException if one cannot be decoded, or they do not fit into memory
     */
    static ImageDataset load(ImageFiles files) throws DatasetException {
        List<String> classNames = files.classNames();
        Shape shape = shapeOf(files.train().get(0).file());
        Map<String, String> sha256 = new TreeMap<>();
        return new ImageDataset(
                FolderListing.nameOf(files.folder()),
                files.folder().toString(),
                read(files.train(), shape, classNames, "train", sha256),
                files.validation().isEmpty() ? null : read(files.validation(), shape, classNames, "validation", sha256),
                read(files.test(), shape, classNames, "test", sha256),
                sha256);
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
}
