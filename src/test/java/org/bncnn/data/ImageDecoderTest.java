package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.bncnn.data.ImageCases.ImageCase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageDecoderTest {
    static List<ImageCase> cases() {
        return ImageCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void thePixelsAreThoseThatWereWritten(ImageCase each) throws IOException {
        DecodedImage image = ImageDecoder.decode(each.file());
        assertThat(image.isGrey()).isEqualTo(each.grey());
        assertThat(pixels(image)).isEqualTo(hex(each.rgb()));
    }

    private static String pixels(DecodedImage image) {
        int[][] found = new int[image.height()][image.width()];
        int[][] rgb = new int[3][image.width()];
        for (int y = 0; y < image.height(); y++) {
            image.row(y, rgb);
            for (int x = 0; x < image.width(); x++) {
                found[y][x] = rgb[0][x] << 16 | rgb[1][x] << 8 | rgb[2][x];
            }
        }
        return hex(found);
    }

    private static String hex(int[][] rgb) {
        StringBuilder text = new StringBuilder();
        for (int[] row : rgb) {
            Arrays.stream(row).forEach(each -> text.append(String.format("%06x ", each)));
            text.append('\n');
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aFileThatIsCutIsRefusedUnlessAllPixelsAreThere(ImageCase each) {
        int refused = 0;
        for (int length = 0; length < each.file().length; length++) {
            String found;
            try {
                found = pixels(ImageDecoder.decode(Arrays.copyOf(each.file(), length)));
            } catch (IOException | RuntimeException e) {
                refused++;
                continue;
            }
            assertThat(found).as("%d of %d bytes", length, each.file().length).isEqualTo(hex(each.rgb()));
        }
        assertThat(refused).isPositive();
    }
}
