package org.bncnn.data;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bncnn.data.ClassFolders.Labelled;
import org.bncnn.data.ImageFile.Shape;

/**
 * Images in folders of their classes ({@link ImageFiles}), as {@link ImageFile} reads them.
 *
 * <p>Size and number of channels (1 or 3) are those of the first training image, and the others are scaled to it; colours are in the
 * order blue, green, red. No image is inverted.
 */
final class ImageFolder {
    private static final String ADVICE = "replace it or leave it out";

    private ImageFolder() {}

    /**
     * Reads all images.
     *
     * @throws DatasetException if one cannot be decoded, or they do not fit into memory
     */
    static ImageDataset load(ImageFiles files) throws DatasetException {
        List<String> classNames = files.classNames();
        Path first = files.train().get(0).file();
        Shape shape = ImageFile.shapeOf(first, ImageFile.contentOf(first, ADVICE));
        Map<String, String> sha256 = new TreeMap<>();
        return new ImageDataset(
                FolderListing.nameOf(files.folder()),
                files.folder().toString(),
                read(files.train(), shape, classNames, "train", sha256),
                files.validation().isEmpty() ? null : read(files.validation(), shape, classNames, "validation", sha256),
                read(files.test(), shape, classNames, "test", sha256),
                sha256,
                Inversion.NEVER);
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
}
