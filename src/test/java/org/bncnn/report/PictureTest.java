package org.bncnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureTest {
    @TempDir
    private Path folder;

    @Test
    void needsNoTemporaryFile() throws IOException {
        Path cache = Files.createDirectory(folder.resolve("cache"));
        ImageIO.setCacheDirectory(cache.toFile());
        try {
            Files.delete(cache);
            Picture picture = Picture.grey(new float[] {-1, 0, 1}, 3, 1, "caption");
            byte[] png = Base64.getDecoder().decode(picture.png());
            int[] pixels = ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(png)))
                    .getRaster()
                    .getPixels(0, 0, 3, 1, (int[]) null);
            assertThat(pixels).containsExactly(0, 128, 255);
        } finally {
            ImageIO.setCacheDirectory(null);
        }
    }
}
