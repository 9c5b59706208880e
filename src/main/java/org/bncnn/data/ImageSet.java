package org.bncnn.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.common.util.MathUtils;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Labelled images of one size, kept as bytes: 60,000 of 28×28 take 47 MB. Immutable and safe to share between threads.
 *
 * <p>Pixels are unsigned bytes in the order {@code [N, C, H, W]}, 0 to 255; labels are class numbers from 0.
 *
 * @serial exclude
 */
public final class ImageSet implements Serializable {
    private static final long serialVersionUID = 2L;

    private final Shape shape;
    private final byte[] pixels;
    private final int[] labels;
    private final String[] classNames;

    /**
     * Channels and size of an image.
     *
     * @param channels 1 for grey, 3 for blue, green and red
     * @param height in pixels
     * @param width in pixels
     */
    public record Shape(int channels, int height, int width) implements Serializable {
        private static final long serialVersionUID = 1L;

        /** {@return the number of values} */
        public int length() {
            return Math.multiplyExact(channels, Math.multiplyExact(height, width));
        }

        /** {@return channels, height and width}, such as {@code 1×28×28} */
        @Override
        public String toString() {
            return channels + "×" + height + "×" + width;
        }
    }

    /**
     * @param shape of each image
     * @param pixels {@code labels.length · shape.length()} bytes, kept and not copied
     * @param labels one class number for each image, kept and not copied
     * @param classNames one for each class
     */
    ImageSet(Shape shape, byte[] pixels, int[] labels, List<String> classNames) {
        if (pixels.length != (long) labels.length * shape.length()) {
            throw new IllegalArgumentException(
                    pixels.length + " pixels are not " + labels.length + " images of " + shape);
        }
        this.shape = shape;
        this.pixels = pixels;
        this.labels = labels;
        this.classNames = classNames.toArray(new String[0]);
    }

    /** {@return the number of images} */
    public int size() {
        return labels.length;
    }

    /** {@return channels and size of each image} */
    public Shape shape() {
        return shape;
    }

    /** {@return the number of channels: 1 for grey, 3 for blue, green and red} */
    public int channels() {
        return shape.channels();
    }

    /** {@return the height of each image, in pixels} */
    public int height() {
        return shape.height();
    }

    /** {@return the width of each image, in pixels} */
    public int width() {
        return shape.width();
    }

    /** {@return the names of the classes, in the order of their numbers} */
    public List<String> classNames() {
        return List.of(classNames);
    }

    /**
     * {@return the class number of an image}
     *
     * @param image number of the image
     */
    public int label(int image) {
        return labels[image];
    }

    /**
     * {@return an image as grey values, row by row}: the mean of its channels, 0 to 255
     *
     * @param image number of the image
     */
    public float[] grey(int image) {
        float[] grey = new float[shape.height() * shape.width()];
        int first = image * shape.length();
        for (int i = 0; i < shape.length(); i++) {
            grey[i % grey.length] += (float) (pixels[first + i] & 0xff) / shape.channels();
        }
        return grey;
    }

    /**
     * {@return some of the images}
     *
     * @param images their numbers, in the order of the result
     */
    public ImageSet select(int[] images) {
        int length = shape.length();
        byte[] chosen = new byte[Math.multiplyExact(images.length, length)];
        for (int i = 0; i < images.length; i++) {
            System.arraycopy(pixels, images[i] * length, chosen, i * length, length);
        }
        int[] chosenLabels = Arrays.stream(images).map(image -> labels[image]).toArray();
        return new ImageSet(shape, chosen, chosenLabels, classNames());
    }

    /** {@return the same images, inverted where that applies} */
    ImageSet inverted(Inversion inversion) {
        if (inversion == Inversion.NEVER) {
            return this;
        }
        byte[] changed = pixels.clone();
        for (int i = 0; i < size(); i++) {
            inversion.apply(changed, i * shape.length(), shape);
        }
        return new ImageSet(shape, changed, labels, classNames());
    }

    /**
     * {@return several sets as one, in their order}
     *
     * @param sets at least one, of the same shape and the same classes
     */
    public static ImageSet concatenate(List<ImageSet> sets) {
        ImageSet first = sets.get(0);
        int images = sets.stream().mapToInt(ImageSet::size).reduce(0, Math::addExact);
        int length = first.shape.length();
        byte[] pixels = new byte[Math.multiplyExact(images, length)];
        int[] labels = new int[images];
        int position = 0;
        for (ImageSet set : sets) {
            if (!set.shape.equals(first.shape)) {
                throw new IllegalArgumentException(
                        "images of " + first.shape + " and of " + set.shape + " cannot be one set");
            }
            System.arraycopy(set.pixels, 0, pixels, position * length, set.pixels.length);
            System.arraycopy(set.labels, 0, labels, position, set.labels.length);
            position += set.size();
        }
        return new ImageSet(first.shape, pixels, labels, first.classNames());
    }

    /** {@return the pixels, unsigned bytes in the order {@code [N, C, H, W]}}, not copied */
    byte[] pixels() {
        return pixels;
    }

    /**
     * {@return some of the images as a batch: features {@code [n, C, H, W]} float, 0 to 255, and labels {@code [n,
     * classes]} float, one-hot}
     *
     * @param images their numbers, in the order of the batch
     */
    DataSet batch(int... images) {
        int n = images.length;
        int length = shape.length();
        float[] features = new float[n * length];
        float[] oneHot = new float[n * classNames.length];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < length; j++) {
                features[i * length + j] = pixels[images[i] * length + j] & 0xff;
            }
            oneHot[i * classNames.length + labels[images[i]]] = 1;
        }
        return new DataSet(
                Nd4j.create(features, new long[] {n, shape.channels(), shape.height(), shape.width()}, 'c'),
                Nd4j.create(oneHot, new long[] {n, classNames.length}, 'c'));
    }

    /** {@return the numbers from 0 to n − 1 in an order drawn from a seed, the same on every platform} */
    static int[] shuffled(int n, long seed) {
        int[] order = IntStream.range(0, n).toArray();
        MathUtils.shuffleArray(order, seed); // Fisher and Yates, by a java.util.Random, whose numbers are specified
        return order;
    }
}
