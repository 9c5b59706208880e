package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageDatasetTest {
    /** Image i of the training set has pixel i; the test set is one image of pixel 99. */
    private static final ImageDataset DATA = new ImageDataset(
            "some",
            "somewhere",
            images(IntStream.range(0, 20).toArray()),
            null,
            images(99),
            Map.of("file", "ab"),
            Inversion.NEVER);

    private static ImageSet images(int... pixels) {
        byte[] bytes = new byte[pixels.length];
        int[] labels = new int[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            bytes[i] = (byte) pixels[i];
            labels[i] = pixels[i] % 2;
        }
        return new ImageSet(new ImageSet.Shape(1, 1, 1), bytes, labels, List.of("even", "odd"));
    }

    private static List<Integer> pixels(ImageSet images) {
        return IntStream.range(0, images.size())
                .mapToObj(i -> (int) images.pixels()[i])
                .toList();
    }

    @Test
    void heldOutImagesAreTheLastOfAPermutationAndNoneIsTrainedOn() throws DatasetException {
        ImageDataset split = DATA.holdOut(5);
        List<Integer> order = IntStream.of(ImageSet.shuffled(20, 1)).boxed().toList();
        assertThat(pixels(split.train())).isEqualTo(order.subList(0, 15));
        assertThat(pixels(split.test())).isEqualTo(order.subList(15, 20)).isNotEqualTo(List.of(15, 16, 17, 18, 19));
        assertThat(order).containsExactlyInAnyOrderElementsOf(pixels(DATA.train()));
        assertThat(split.test().label(0)).isEqualTo(order.get(15) % 2);
        assertThat(split.sha256()).isEqualTo(DATA.sha256());
    }

    @Test
    void theyAreTheSameEachTime() throws DatasetException {
        assertThat(pixels(DATA.holdOut(5).test()))
                .isEqualTo(pixels(DATA.holdOut(5).test()));
    }

    @Test
    void someMustBeLeftToTrainOn() {
        assertThatThrownBy(() -> DATA.holdOut(19))
                .isInstanceOf(DatasetException.class)
                .hasMessage("somewhere: of 20 training images 19 cannot be held out for validation; choose fewer with"
                        + " --validation");
    }

    @Test
    void validationImagesOfItsOwnAreTakenInsteadOfTrainingImages() throws DatasetException {
        ImageSet own = images(30, 31, 32, 33);
        ImageDataset data =
                new ImageDataset("some", "somewhere", DATA.train(), own, DATA.test(), Map.of(), Inversion.NEVER);
        assertThat(pixels(data.test())).containsExactly(99);
        ImageDataset all = data.holdOut(4);
        assertThat(all.train()).isSameAs(data.train());
        assertThat(pixels(all.test())).containsExactlyInAnyOrder(30, 31, 32, 33);
        assertThat(pixels(data.holdOut(2).test())).isEqualTo(pixels(all.test()).subList(0, 2));
        assertThatThrownBy(() -> data.holdOut(5))
                .isInstanceOf(DatasetException.class)
                .hasMessage("somewhere: has 4 validation images of its own, not 5; choose fewer with --validation");
    }

    @Test
    void imagesOnBlackHaveOthersInvertedThatHaveALightBorder() throws DatasetException {
        assertThat(DatasetLocator.sample().inversion()).isEqualTo(Inversion.LIGHT_BORDER);
        assertThat(DATA.inversion()).isEqualTo(Inversion.NEVER);
        assertThat(Inversion.toBeLike(framed(127, 255))).isEqualTo(Inversion.LIGHT_BORDER);
        assertThat(Inversion.toBeLike(framed(128, 0))).isEqualTo(Inversion.NEVER);
        ImageSet coloured = new ImageSet(new ImageSet.Shape(3, 1, 1), new byte[3], new int[1], List.of("a", "b"));
        assertThat(Inversion.toBeLike(coloured)).isEqualTo(Inversion.NEVER);
    }

    /** One image of 3×3. */
    private static ImageSet framed(int border, int middle) {
        byte[] pixels = new byte[9];
        Arrays.fill(pixels, (byte) border);
        pixels[4] = (byte) middle;
        return new ImageSet(new ImageSet.Shape(1, 3, 3), pixels, new int[1], List.of("a", "b"));
    }

    @Test
    void allImagesAreInvertedOrNone() throws DatasetException {
        ImageDataset inverted = DATA.with(Inversion.ALWAYS);
        assertThat(inverted.inversion()).isEqualTo(Inversion.ALWAYS);
        assertThat(inverted.train().grey(3)).containsExactly(252);
        assertThat(inverted.test().grey(0)).containsExactly(156);
        assertThat(inverted.train().label(3)).isEqualTo(1);
        assertThat(inverted.with(Inversion.ALWAYS).test().grey(0)).containsExactly(156);
        assertThat(inverted.with(Inversion.NEVER).test().grey(0)).containsExactly(99);
        assertThat(inverted.with(null)).isSameAs(inverted);
        assertThat(inverted.holdOut(5).inversion()).isEqualTo(Inversion.ALWAYS);
        assertThat(DATA.with(Inversion.LIGHT_BORDER).test().grey(0)).containsExactly(99);
    }

    @Test
    void theTestImagesAreAsTheModelSeesThem() {
        ImageDataset light = new ImageDataset("", "", DATA.train(), null, framed(200, 0), Map.of(), Inversion.NEVER);
        assertThat(light.testFor(Inversion.NEVER)).isSameAs(light.test());
        assertThat(light.testFor(Inversion.ALWAYS).grey(0)).startsWith(55).contains(255);
        assertThat(light.testFor(Inversion.LIGHT_BORDER).grey(0)).startsWith(55);
        assertThat(DATA.testFor(Inversion.LIGHT_BORDER).grey(0)).containsExactly(99);
        ImageDataset alike = light.with(Inversion.LIGHT_BORDER);
        assertThat(alike.testFor(Inversion.LIGHT_BORDER)).isSameAs(alike.test());
        assertThat(alike.testFor(Inversion.ALWAYS).grey(0)).startsWith(55);
    }
}
