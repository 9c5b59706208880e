package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bncnn.model.Augmentation;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class AugmenterTest {
    private static final int IMAGES = 200;
    private static final int CHANNELS = 2;
    private static final int HEIGHT = 4;
    private static final int WIDTH = 5;

    /** Pixels 1 to 20 in the first channel of each image, 101 to 120 in the second. */
    private static DataSet batch() {
        float[] pixels = new float[IMAGES * CHANNELS * HEIGHT * WIDTH];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = 1 + i % (HEIGHT * WIDTH) + i / (HEIGHT * WIDTH) % CHANNELS * 100;
        }
        return new DataSet(
                Nd4j.create(pixels, new long[] {IMAGES, CHANNELS, HEIGHT, WIDTH}, 'c'), Nd4j.ones(IMAGES, 2));
    }

    private static INDArray augmented(Augmentation augmentation) {
        DataSet batch = batch();
        new Augmenter(augmentation, 7).preProcess(batch);
        return batch.getFeatures();
    }

    /** {@return what is at a place of the original}, 0 outside */
    private static float original(int channel, int row, int column) {
        return row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH ? 0 : 1 + row * WIDTH + column + 100 * channel;
    }

    /** {@return whether an image is the original, moved and perhaps flipped, in both channels} */
    private static boolean is(INDArray image, int down, int right, boolean flipped) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            for (int row = 0; row < HEIGHT; row++) {
                for (int column = 0; column < WIDTH; column++) {
                    int from = column - right;
                    float expected = original(channel, row - down, flipped ? WIDTH - 1 - from : from);
                    if (image.getFloat(channel, row, column) != expected) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    @Test
    void eachImageIsMovedByNoMoreThanTheShiftAndFlippedOrNot() {
        INDArray images = augmented(new Augmentation(true, 2, 0));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < IMAGES; i++) {
            List<String> fitting = new ArrayList<>();
            for (int down = -2; down <= 2; down++) {
                for (int right = -2; right <= 2; right++) {
                    for (boolean flipped : new boolean[] {false, true}) {
                        if (is(images.slice(i), down, right, flipped)) {
                            fitting.add(down + " " + right + " " + flipped);
                        }
                    }
                }
            }
            assertThat(fitting).hasSize(1);
            seen.addAll(fitting);
        }
        assertThat(seen).hasSizeGreaterThan(45); // of 50
    }

    @Test
    void aboutHalfAreFlipped() {
        INDArray images = augmented(new Augmentation(true, 0, 0));
        int flipped = 0;
        for (int i = 0; i < IMAGES; i++) {
            boolean isFlipped = is(images.slice(i), 0, 0, true);
            assertThat(isFlipped || is(images.slice(i), 0, 0, false)).isTrue();
            flipped += isFlipped ? 1 : 0;
        }
        assertThat(flipped).isBetween(70, 130);
    }

    @Test
    void aShiftMayBeLargerThanTheImage() {
        INDArray images = augmented(new Augmentation(false, 20, 0));
        Set<Float> sums = new HashSet<>();
        for (int i = 0; i < IMAGES; i++) {
            sums.add(images.slice(i).sumNumber().floatValue());
        }
        assertThat(sums).contains(0f).hasSizeGreaterThan(2);
    }

    @Test
    void aRectangleOfAnImageIsErasedInAllChannels() {
        INDArray images = augmented(new Augmentation(false, 0, 0.5));
        int erased = 0;
        Set<Integer> areas = new HashSet<>();
        for (int i = 0; i < IMAGES; i++) {
            List<int[]> empty = new ArrayList<>();
            for (int row = 0; row < HEIGHT; row++) {
                for (int column = 0; column < WIDTH; column++) {
                    float first = images.getFloat(i, 0, row, column);
                    assertThat(first).isIn(0f, original(0, row, column));
                    assertThat(images.getFloat(i, 1, row, column)).isEqualTo(first == 0 ? 0 : first + 100);
                    if (first == 0) {
                        empty.add(new int[] {row, column});
                    }
                }
            }
            if (!empty.isEmpty()) {
                erased++;
                areas.add(empty.size());
                int[] first = empty.get(0);
                int[] last = empty.get(empty.size() - 1);
                assertThat((last[0] - first[0] + 1) * (last[1] - first[1] + 1)).isEqualTo(empty.size());
            }
        }
        assertThat(erased).isBetween(70, 130);
        assertThat(areas).hasSizeGreaterThan(2).allMatch(area -> area <= 6);
    }

    @Test
    void whatABatchBecomesDependsOnSeedEpochAndNumber() {
        Augmentation augmentation = new Augmentation(true, 2, 0.5);
        List<INDArray> first = batches(new Augmenter(augmentation, 7), 0, 0, 3);
        List<INDArray> again = batches(new Augmenter(augmentation, 7), 0, 0, 3);
        assertThat(again).isEqualTo(first);
        assertThat(first).doesNotHaveDuplicates();
        assertThat(batches(new Augmenter(augmentation, 7), 0, 1, 2)).isEqualTo(first.subList(1, 3));
        assertThat(batches(new Augmenter(augmentation, 7), 1, 0, 3)).doesNotContainAnyElementsOf(first);
        assertThat(batches(new Augmenter(augmentation, 8), 0, 0, 3)).doesNotContainAnyElementsOf(first);
    }

    private static List<INDArray> batches(Augmenter augmenter, int epoch, int behind, int count) {
        augmenter.startEpoch(epoch, behind);
        List<INDArray> features = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DataSet batch = batch();
            augmenter.preProcess(batch);
            features.add(batch.getFeatures());
        }
        return features;
    }
}
