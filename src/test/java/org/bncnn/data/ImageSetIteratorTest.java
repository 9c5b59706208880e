package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ImageSetIteratorTest {
    /** Ten images of 2×3; the first pixel of image i is 10·i, and its class is i mod 3. */
    private static final ImageSet IMAGES = images();

    private static ImageSet images() {
        byte[] pixels = new byte[60];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i / 6 * 10 + i % 6);
        }
        int[] labels = IntStream.range(0, 10).map(i -> i % 3).toArray();
        return new ImageSet(new ImageSet.Shape(1, 2, 3), pixels, labels, List.of("a", "b", "c"));
    }

    @Test
    void batchesHoldPixelsAndOneHotLabels() {
        ImageSetIterator batches = ImageSetIterator.ordered(IMAGES, 4);
        batches.next();
        DataSet second = batches.next();
        assertThat(second.getFeatures().shape()).containsExactly(4, 1, 2, 3);
        assertThat(second.getLabels().shape()).containsExactly(4, 3);
        assertThat(second.getFeatures().getFloat(0, 0, 1, 2)).isEqualTo(45f);
        assertThat(second.getLabels().getRow(0).toFloatVector()).containsExactly(0, 1, 0);
    }

    @Test
    void pixelsAreUnsigned() {
        ImageSet bright =
                new ImageSet(new ImageSet.Shape(1, 1, 1), new byte[] {(byte) 255}, new int[] {0}, List.of("a", "b"));
        assertThat(ImageSetIterator.ordered(bright, 1).next().getFeatures().getFloat(0))
                .isEqualTo(255f);
    }

    @Test
    void theLastBatchIsSmallerAndNothingComesAfterIt() {
        ImageSetIterator batches = ImageSetIterator.ordered(IMAGES, 4);
        assertThat(sizes(batches)).containsExactly(4, 4, 2);
        assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void aBatchMayBeLargerThanTheDataset() {
        assertThat(sizes(ImageSetIterator.ordered(IMAGES, 64))).containsExactly(10);
    }

    @Test
    void anEpochShowsEveryImageOnceInAnOrderOfItsOwn() {
        ImageSetIterator batches = ImageSetIterator.shuffled(IMAGES, 4, 7);
        List<Integer> first = imagesOf(batches);
        batches.reset();
        List<Integer> second = imagesOf(batches);
        assertThat(first)
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
                .isNotEqualTo(second);
        assertThat(second).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void theOrderOfAnEpochFollowsFromSeedAndNumber() {
        ImageSetIterator batches = ImageSetIterator.shuffled(IMAGES, 4, 7);
        imagesOf(batches);
        batches.reset();
        List<Integer> second = imagesOf(batches);
        ImageSetIterator other = ImageSetIterator.shuffled(IMAGES, 3, 7);
        other.startEpoch(1, 0);
        assertThat(imagesOf(other)).isEqualTo(second);
        assertThat(imagesOf(ImageSetIterator.shuffled(IMAGES, 4, 8)))
                .isNotEqualTo(imagesOf(ImageSetIterator.shuffled(IMAGES, 4, 7)));
    }

    @Test
    void thePreProcessorIsAppliedOnceToEachBatch() {
        ImageSetIterator batches = ImageSetIterator.ordered(IMAGES, 10);
        batches.setPreProcessor(new ImagePreProcessingScaler(-1, 1));
        for (int epoch = 0; epoch < 2; epoch++) {
            assertThat(batches.next().getFeatures().getDouble(0)).isEqualTo(-1.0);
            batches.reset();
        }
    }

    @Test
    void aBatchSizeBelowOneIsRefused() {
        assertThatThrownBy(() -> ImageSetIterator.ordered(IMAGES, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Integer> sizes(ImageSetIterator batches) {
        List<Integer> sizes = new ArrayList<>();
        batches.forEachRemaining(batch -> sizes.add(batch.numExamples()));
        return sizes;
    }

    /** Reads the rest of an epoch and tells the images by their first pixel; their labels must be theirs. */
    private static List<Integer> imagesOf(ImageSetIterator batches) {
        List<Integer> images = new ArrayList<>();
        batches.forEachRemaining(batch -> {
            for (int i = 0; i < batch.numExamples(); i++) {
                int image = batch.getFeatures().getInt(i, 0, 0, 0) / 10;
                assertThat(batch.getLabels().get(NDArrayIndex.point(i)).argMax().getInt(0))
                        .isEqualTo(image % 3);
                images.add(image);
            }
        });
        return images;
    }
}
