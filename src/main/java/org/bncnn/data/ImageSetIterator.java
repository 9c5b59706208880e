package org.bncnn.data;

import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Batches of an {@link ImageSet}, in its own order or in a new one for each epoch.
 *
 * <p>The order of epoch e is a permutation drawn from (seed, e) alone, so that a training can return to any epoch.
 * {@link #reset()} starts the next epoch. The last batch may be smaller. Features are {@code [n, C, H, W]} float, 0 to
 * 255 before the pre-processor; labels {@code [n, classes]} float, one-hot.
 *
 * @serial exclude
 */
public final class ImageSetIterator implements DataSetIterator {
    private static final long serialVersionUID = 1L;

    private final ImageSet images;
    private final int batchSize;
    private final Long seed;
    private int[] order;
    private int epoch;
    private int position;
    private DataSetPreProcessor preProcessor;

    private ImageSetIterator(ImageSet images, int batchSize, Long seed) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size must be at least 1, not " + batchSize);
        }
        this.images = images;
        this.batchSize = batchSize;
        this.seed = seed;
        startEpoch(0, 0);
    }

    /**
     * {@return the images in their own order, the same in each epoch}
     *
     * @param images to iterate over
     * @param batchSize images in a batch, at least 1
     */
    public static ImageSetIterator ordered(ImageSet images, int batchSize) {
        return new ImageSetIterator(images, batchSize, null);
    }

    /**
     * {@return the images in an order drawn from the seed and the number of the epoch}
     *
     * @param images to iterate over
     * @param batchSize images in a batch, at least 1
     * @param seed of the orders
     */
    public static ImageSetIterator shuffled(ImageSet images, int batchSize, long seed) {
        return new ImageSetIterator(images, batchSize, seed);
    }

    /**
     * Goes into an epoch.
     *
     * @param number of the epoch, counted from 0
     * @param batches number of its batches to skip
     */
    public void startEpoch(int number, int batches) {
        epoch = number;
        position = Math.toIntExact(Math.min((long) batches * batchSize, images.size()));
        order = seed == null
                ? IntStream.range(0, images.size()).toArray()
                : ImageSet.shuffled(images.size(), seed * 0x9E3779B97F4A7C15L + epoch);
    }

    /** {@return number of images of the epoch that were returned} */
    public int position() {
        return position;
    }

    @Override
    public boolean hasNext() {
        return position < order.length;
    }

    @Override
    public DataSet next() {
        return next(batchSize);
    }

    @Override
    public DataSet next(int num) {
        if (!hasNext()) {
            throw new NoSuchElementException("the epoch is over; reset() starts the next one");
        }
        int n = Math.min(num, order.length - position);
        DataSet batch = images.batch(Arrays.copyOfRange(order, position, position + n));
        position += n;
        if (preProcessor != null) {
            preProcessor.preProcess(batch);
        }
        return batch;
    }

    @Override
    public void reset() {
        startEpoch(epoch + 1, 0);
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public boolean asyncSupported() {
        return true;
    }

    @Override
    public int batch() {
        return batchSize;
    }

    @Override
    public int inputColumns() {
        return images.shape().length();
    }

    @Override
    public int totalOutcomes() {
        return images.classNames().size();
    }

    @Override
    public List<String> getLabels() {
        return images.classNames();
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    @Override
    public DataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }
}
