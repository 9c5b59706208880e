package org.bncnn.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Labelled images of one size, kept as bytes: 60,000 of 28×28 take 47 MB. Immutable and safe to share between threads.
 *
 * <p>Pixels are unsigned bytes in the order {@code [N, C, H, W]}, 0 to 255; labels are class numbers from 0.
 */
public final class ImageSet implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int channels;
    private final int height;
    private final int width;
    private final byte[] pixels;
    private final int[] labels;
    private final String[] classNames;

    /**
     * @param pixels {@code labels.length · channels · height · width} bytes, kept and not copied
     * @param labels one class number for each image, kept and not copied
     * @param classNames one for each class
     */
    ImageSet(int channels, int height, int width, byte[] pixels, int[] labels, List<String> classNames) {
        if (pixels.length != (long) labels.length * channels * height * width) {
            throw new IllegalArgumentException(pixels.length + " pixels are not " + labels.length + " images of "
                    + channels + "×" + height + "×" + width);
        }
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.pixels = pixels;
        this.labels = labels;
        this.classNames = classNames.toArray(String[]::new);
    }

    /** {@return the number of images} */
    public int size() {
        return labels.length;
    }

    public int channels() {
        return channels;
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    /** {@return the names of the classes, in the order of their numbers} */
    public List<String> classNames() {
        return List.of(classNames);
    }

    /** {@return the class number of an image} */
    public int label(int image) {
        return labels[image];
    }

    /** {@return an image as grey values, row by row}: the mean of its channels, 0 to 255 */
    public float[] grey(int image) {
        float[] grey = new float[height * width];
        int first = image * channels * grey.length;
        for (int i = 0; i < channels * grey.length; i++) {
            grey[i % grey.length] += (float) (pixels[first + i] & 0xff) / channels;
        }
        return grey;
    }

    /** {@return some of the images, in the order of their numbers given} */
    public ImageSet select(int[] images) {
        int imageSize = channels * height * width;
        byte[] chosen = new byte[Math.multiplyExact(images.length, imageSize)];
        for (int i = 0; i < images.length; i++) {
            System.arraycopy(pixels, images[i] * imageSize, chosen, i * imageSize, imageSize);
        }
        int[] chosenLabels = Arrays.stream(images).map(image -> labels[image]).toArray();
        return new ImageSet(channels, height, width, chosen, chosenLabels, List.of(classNames));
    }

    /** {@return the same images, inverted where that applies} */
    ImageSet inverted(Inversion inversion) {
        int imageSize = channels * height * width;
        byte[] changed = pixels.clone();
        for (int i = 0; i < size(); i++) {
            if (inversion.appliesTo(pixels, i * imageSize, channels, height, width)) {
                Inversion.invert(changed, i * imageSize, imageSize);
            }
        }
        return new ImageSet(channels, height, width, changed, labels, List.of(classNames));
    }

    /**
     * {@return several sets as one, in their order}
     *
     * @param sets at least one, of the same shape and the same classes
     */
    public static ImageSet concatenate(List<ImageSet> sets) {
        ImageSet first = sets.get(0);
        int images = sets.stream().mapToInt(ImageSet::size).reduce(0, Math::addExact);
        byte[] pixels = new byte[Math.multiplyExact(images, first.channels * first.height * first.width)];
        int[] labels = new int[images];
        int position = 0;
        for (ImageSet set : sets) {
            if (set.channels != first.channels || set.height != first.height || set.width != first.width) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "images of %d×%d×%d and of %d×%d×%d cannot be one set",
                        first.channels,
                        first.height,
                        first.width,
                        set.channels,
                        set.height,
                        set.width));
            }
            System.arraycopy(set.pixels, 0, pixels, position * (pixels.length / images), set.pixels.length);
            System.arraycopy(set.labels, 0, labels, position, set.labels.length);
            position += set.size();
        }
        return new ImageSet(first.channels, first.height, first.width, pixels, labels, List.of(first.classNames));
    }

    /** {@return the pixels, unsigned bytes in the order {@code [N, C, H, W]}}, not copied */
    byte[] pixels() {
        return pixels;
    }

    /**
     * {@return some of the images as a batch: features {@code [n, C, H, W]} float, 0 to 255, and labels {@code [n, classes]} float,
     * one-hot}
     *
     * @param order image numbers, of which a run is taken
     * @param from where the run begins
     * @param n how many images it has
     */
    DataSet batch(int[] order, int from, int n) {
        int imageSize = channels * height * width;
        float[] features = new float[n * imageSize];
        float[] oneHot = new float[n * classNames.length];
        for (int i = 0; i < n; i++) {
            int image = order[from + i];
            int source = image * imageSize;
            int target = i * imageSize;
            for (int j = 0; j < imageSize; j++) {
                features[target + j] = pixels[source + j] & 0xff;
            }
            oneHot[i * classNames.length + labels[image]] = 1;
        }
        INDArray featureArray = Nd4j.create(features, new long[] {n, channels, height, width}, 'c');
        INDArray labelArray = Nd4j.create(oneHot, new long[] {n, classNames.length}, 'c');
        return new DataSet(featureArray, labelArray);
    }
}
