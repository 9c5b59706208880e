package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bncnn.model.Norm;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model file that something happened to on its way is refused, and nothing else happens. */
class DamagedModelFileTest {
    private static final int OFFSETS = 200;
    private static final int FLIPS = 500;

    @TempDir
    private static Path folder;

    private static ModelFile model;
    private static byte[] whole;

    @BeforeAll
    static void save() throws IOException {
        model = ModelFiles.model(Norm.CUSTOM);
        model.save(folder.resolve("model.zip"), true);
        whole = Files.readAllBytes(folder.resolve("model.zip"));
    }

    @Test
    void cutAtTheBeginningAndEndOfEachEntry() throws IOException {
        List<Integer> boundaries = boundaries();
        assertThat(boundaries).hasSize(2 * 5 + 1);
        for (int length : boundaries) {
            assertRefused(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void cutAnywhere() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < OFFSETS; i++) {
            assertRefused(Arrays.copyOf(whole, random.nextInt(whole.length)));
        }
    }

    @Test
    void aBitFlippedAnywhere() throws IOException {
        Random random = new Random(2);
        int refused = 0;
        for (int i = 0; i < FLIPS; i++) {
            byte[] flipped = whole.clone();
            flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
            Path file = Files.write(folder.resolve("flipped.zip"), flipped);
            try {
                ModelFile loaded = ModelFile.load(file);
                // Some bits mean nothing: those of the time, or of a version.
                assertThat(loaded.network().params()).isEqualTo(model.network().params());
                assertThat(loaded.network().getLayerWiseConfigurations())
                        .isEqualTo(model.network().getLayerWiseConfigurations());
                assertThat(loaded.normalizer()).isEqualTo(model.normalizer());
                assertThat(loaded.description()).isEqualTo(model.description());
            } catch (ModelFileException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(FLIPS * 9 / 10);
    }

    @Test
    void bytesBeforeOrAfterIt() throws IOException {
        byte[] more = "more".getBytes(StandardCharsets.US_ASCII);
        assertRefused(concatenate(more, whole));
        assertRefused(concatenate(whole, more));
        assertRefused(concatenate(whole, whole));
    }

    /** {@return where local headers, the directory's headers and its end begin} */
    private static List<Integer> boundaries() {
        List<Integer> boundaries = new ArrayList<>();
        for (int i = 0; i + 4 <= whole.length; i++) {
            boolean isHeader = whole[i] == 'P' && whole[i + 1] == 'K' && whole[i + 3] == whole[i + 2] + 1;
            if (isHeader && List.of((byte) 1, (byte) 3, (byte) 5).contains(whole[i + 2])) {
                boundaries.add(i);
            }
        }
        return boundaries;
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static void assertRefused(byte[] content) throws IOException {
        ModelFiles.assertRefused(Files.write(folder.resolve("damaged.zip"), content), "");
    }
}
