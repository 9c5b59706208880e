package org.bncnn.train;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.bncnn.array.Floats;
import org.bncnn.model.Augmentation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Changes the images of batches by an {@link Augmentation}: features {@code [n, C, H, W]} float, pixels 0 to 255, so it
 * comes before the normalizer. All channels of an image are changed alike.
 *
 * <p>The changes are drawn from the seed, the epoch and the number of the batch in it, so that training can resume at
 * any batch.
 */
final class Augmenter implements DataSetPreProcessor {
    private static final long serialVersionUID = 1L;

    /** Share of the image that an erased rectangle covers, and ratio of its sides: the article's choice. */
    private static final double SMALLEST_SHARE = 0.02;

    private static final double LARGEST_SHARE = 0.2;
    private static final double LARGEST_ASPECT = 1 / 0.3;

    private final Augmentation augmentation;
    private final long seed;
    private int epoch;
    private int batch;

    Augmenter(Augmentation augmentation, long seed) {
        this.augmentation = augmentation;
        this.seed = seed;
    }

    /** Moves to a position in an epoch, counted from 0, after a number of its batches. */
    void startEpoch(int number, int batches) {
        epoch = number;
        batch = batches;
    }

    /** Gives a batch other features, and moves to the next one. */
    @Override
    public void preProcess(DataSet data) {
        INDArray features = data.getFeatures();
        float[] pixels = Floats.copyOf(features);
        int height = Math.toIntExact(features.size(2));
        int width = Math.toIntExact(features.size(3));
        int size = pixels.length / Math.toIntExact(features.size(0));
        SplittableRandom random = new SplittableRandom(31 * (31 * seed + epoch) + batch++);
        float[] changed = new float[pixels.length];
        for (int image = 0; image < pixels.length; image += size) {
            move(pixels, changed, image, size, height, width, random);
            if (random.nextDouble() < augmentation.erase()) {
                erase(changed, image, size, height, width, random);
            }
        }
        data.setFeatures(Nd4j.create(changed, features.shape(), 'c'));
    }

    private void move(float[] from, float[] to, int image, int size, int height, int width, SplittableRandom random) {
        boolean flipped = augmentation.flip() && random.nextBoolean();
        int down = random.nextInt(-augmentation.shift(), augmentation.shift() + 1);
        int right = random.nextInt(-augmentation.shift(), augmentation.shift() + 1);
        int first = Math.max(0, right);
        int last = Math.min(width, width + right);
        for (int row = 0; row < size / width; row++) {
            int source = row % height - down;
            if (source < 0 || source >= height || first >= last) {
                continue;
            }
            int target = image + row * width;
            int line = target - down * width;
            if (flipped) {
                for (int column = first; column < last; column++) {
                    to[target + column] = from[line + width - 1 - (column - right)];
                }
            } else {
                System.arraycopy(from, line + first - right, to, target + first, last - first);
            }
        }
    }

    private static void erase(float[] pixels, int image, int size, int height, int width, SplittableRandom random) {
        double area = height * width * random.nextDouble(SMALLEST_SHARE, LARGEST_SHARE);
        double aspect = Math.exp(random.nextDouble(-Math.log(LARGEST_ASPECT), Math.log(LARGEST_ASPECT)));
        int tall = side(Math.sqrt(area * aspect), height);
        int wide = side(Math.sqrt(area / aspect), width);
        int top = random.nextInt(height - tall + 1);
        int left = random.nextInt(width - wide + 1);
        for (int row = 0; row < size / width; row++) {
            if (row % height >= top && row % height < top + tall) {
                int from = image + row * width + left;
                Arrays.fill(pixels, from, from + wide, 0);
            }
        }
    }

    private static int side(double length, int largest) {
        return Math.min(largest, Math.max(1, (int) Math.round(length)));
    }
}
