package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import javax.imageio.ImageIO;
import javax.imageio.spi.IIOServiceProvider;
import javax.imageio.spi.ImageInputStreamSpi;
import javax.imageio.spi.ImageOutputStreamSpi;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ImageTranscoderSpi;
import javax.imageio.spi.ImageWriterSpi;
import org.bncnn.data.ImageCases.ImageCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images are read by nothing but the JDK's readers. */
class ImagePluginTest {
    @TempDir
    private Path folder;

    @Test
    void noPluginIsOnTheClassPath() {
        List<Object> plugins = new ArrayList<>();
        for (Class<? extends IIOServiceProvider> kind : List.of(
                ImageReaderSpi.class,
                ImageWriterSpi.class,
                ImageTranscoderSpi.class,
                ImageInputStreamSpi.class,
                ImageOutputStreamSpi.class)) {
            ServiceLoader.load(kind).forEach(plugins::add);
        }
        plugins.removeIf(each -> each.getClass().getModule() == ImageIO.class.getModule());
        assertThat(plugins).as("that of this test alone").singleElement().isInstanceOf(HostileImageReaderSpi.class);
    }

    @Test
    void aPluginThatIsThereIsNotAsked() throws IOException {
        HostileImageReaderSpi.TIMES_ASKED.set(0);
        List<ImageCase> cases = ImageCases.all();
        ImageIO.read(new ByteArrayInputStream(cases.get(0).file()));
        assertThat(HostileImageReaderSpi.TIMES_ASKED).as("Image I/O asks it").hasPositiveValue();
        HostileImageReaderSpi.TIMES_ASKED.set(0);
        for (ImageCase each : cases) {
            ImageDecoder.decode(each.file());
        }
        for (ImageFormat format : ImageFormat.values()) {
            format.decoder().dispose();
        }
        assertThat(HostileImageReaderSpi.TIMES_ASKED).hasValue(0);
    }

    /** CVE-2021-23792: a plug-in that was on the class path fetched what the XMP of a Photoshop document names. */
    @Test
    void aPhotoshopDocumentNamedAsPngIsRefusedAndFetchesNothing() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.configureBlocking(false);
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            Path file = Files.write(folder.resolve("shirt.png"), photoshopDocument("http://127.0.0.1:" + port + "/"));
            assertThatThrownBy(() -> PreparedImage.of(file, new ImageSet.Shape(1, 28, 28), Inversion.NEVER))
                    .hasMessageContaining("it is a Photoshop document, not PNG, JPEG, GIF or BMP");
            assertThat(server.accept()).isNull();
        }
    }

    private static byte[] photoshopDocument(String url) {
        byte[] xmp = EncodedImages.text(
                "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"" + url + "\">]><x>&e;</x>");
        ByteBuffer document = ByteBuffer.allocate(64 + xmp.length);
        document.put(EncodedImages.text("8BPS")).putShort((short) 1).put(new byte[6]);
        document.putShort((short) 1).putInt(1).putInt(1).putShort((short) 8).putShort((short) 1);
        document.putInt(0).putInt(12 + xmp.length);
        document.put(EncodedImages.text("8BIM"))
                .putShort((short) 1060)
                .putShort((short) 0)
                .putInt(xmp.length);
        return document.put(xmp).array();
    }
}
