package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bncnn.data.Shards.Shard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
    @TempDir
    private Path folder;

    private final Shards.Folder files = new Shards.Folder() {
        @Override
        public byte[] read(String file) throws IOException {
            return Files.readAllBytes(folder.resolve(file));
        }

        @Override
        public String nameOf(String file) {
            return folder.resolve(file).toString();
        }
    };

    @Test
    void holdEveryImageOnceAndAsManyOfEachClass() throws IOException {
        ImageDataset data = DatasetLocator.sample();
        Shards shards = Shards.write(data, 3, folder);
        assertThat(shards.train()).extracting(Shard::size).containsExactly(667, 667, 666);
        assertThat(shards.size()).isEqualTo(2000);
        assertThat(shards.sha256()).hasSize(8);
        for (int i = 0; i < 3; i++) {
            ImageSet read = shards.read(shards.train().get(i), files);
            for (int image = 0; image < read.size(); image++) {
                assertThat(read.label(image)).isEqualTo(data.train().label(i + 3 * image));
                assertThat(read.grey(image)).isEqualTo(data.train().grey(i + 3 * image));
            }
            assertThat(IntStream.range(0, read.size()).filter(image -> read.label(image) == 5))
                    .hasSizeBetween(50, 80);
        }
        ImageSet test = shards.read(shards.test(), files);
        assertThat(test.size()).isEqualTo(1000);
        assertThat(test.classNames()).isEqualTo(data.test().classNames());
    }

    @Test
    void keepWhatIsInverted() throws IOException {
        ImageDataset data = DatasetLocator.sample().with(Inversion.ALWAYS);
        Shards shards = Shards.write(data, 1, folder);
        assertThat(shards.inversion()).isEqualTo(Inversion.ALWAYS);
        assertThat(shards.read(shards.test(), files).grey(7))
                .isEqualTo(data.test().grey(7))
                .isNotEqualTo(DatasetLocator.sample().test().grey(7));
    }

    @Test
    void madeBeforeThatWasRecordedInvertAsModelsOfThenDo() throws IOException {
        Shards now = Shards.write(DatasetLocator.sample(), 1, folder);
        for (int channels : new int[] {1, 3}) {
            assertThat(new Shards("", List.of("a"), channels, 16, 16, now.train(), now.test(), null).inversion())
                    .isEqualTo(channels == 1 ? Inversion.LIGHT_BORDER : Inversion.NEVER);
        }
    }

    @Test
    void keepAllChannels() throws IOException {
        byte[] pixels = new byte[4 * 3 * 16 * 16];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) i;
        }
        ImageSet images =
                new ImageSet(new ImageSet.Shape(3, 16, 16), pixels, new int[] {0, 1, 0, 1}, List.of("a", "b"));
        Shards shards = Shards.write(dataset("colours", images), 2, folder);
        ImageSet read = ImageSet.concatenate(List.of(
                shards.read(shards.train().get(0), files),
                shards.read(shards.train().get(1), files)));
        assertThat(read.channels()).isEqualTo(3);
        assertThat(read.pixels())
                .isEqualTo(images.select(new int[] {0, 2, 1, 3}).pixels());
    }

    @Test
    void aFileThatIsNotWhatWasWrittenIsNamed() throws IOException {
        Shards shards = Shards.write(DatasetLocator.sample(), 2, folder);
        Shard shard = shards.train().get(1);
        Path labels = folder.resolve(shard.labels());
        byte[] bytes = Files.readAllBytes(labels);
        bytes[20] = (byte) (bytes[20] == 3 ? 4 : 3);
        Files.write(labels, bytes);
        assertThatThrownBy(() -> shards.read(shard, files))
                .isInstanceOf(DatasetException.class)
                .hasMessageContainingAll(labels.toString(), "is not what was written", "make the shards again");
        Files.write(labels, new byte[3]);
        assertThatThrownBy(() -> shards.read(shard, files))
                .isInstanceOf(DatasetException.class)
                .hasMessageContainingAll(labels.toString(), "is cut short");
        Files.delete(labels);
        assertThatThrownBy(() -> shards.read(shard, files))
                .isInstanceOf(DatasetException.class)
                .hasMessageContainingAll(labels.toString(), "cannot be read")
                .hasCauseInstanceOf(NoSuchFileException.class);
    }

    @Test
    void thereMustBeOneAtLeastAndNotMoreThanImages() throws IOException {
        ImageDataset data = DatasetLocator.sample();
        for (int count : new int[] {0, 2001}) {
            assertThatThrownBy(() -> Shards.write(data, count, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("shards must be at least 1 and at most 2000, one for each image, not " + count);
        }
    }

    @Test
    void setsOfOtherShapesCannotBeOne() {
        ImageSet one = new ImageSet(new ImageSet.Shape(1, 16, 16), new byte[256], new int[1], List.of("a"));
        ImageSet other = new ImageSet(new ImageSet.Shape(1, 16, 17), new byte[272], new int[1], List.of("a"));
        assertThatThrownBy(() -> ImageSet.concatenate(List.of(one, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("images of 1×16×16 and of 1×16×17 cannot be one set");
    }

    @Test
    void moreClassesThanLabelsOfAByteAreRefused() {
        List<String> names = IntStream.range(0, 257).mapToObj(String::valueOf).toList();
        ImageSet images = new ImageSet(new ImageSet.Shape(1, 1, 1), new byte[2], new int[] {0, 256}, names);
        assertThatThrownBy(() -> Shards.write(dataset("many", images), 1, folder))
                .isInstanceOf(DatasetException.class)
                .hasMessage("somewhere: has 257 classes, but shards can hold at most 256; train without --spark");
        assertThat(folder).isEmptyDirectory();
    }

    private static ImageDataset dataset(String name, ImageSet images) {
        return new ImageDataset(name, "somewhere", images, null, images, Map.of(), Inversion.NEVER);
    }
}
