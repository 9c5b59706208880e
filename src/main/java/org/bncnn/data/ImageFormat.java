package org.bncnn.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.apache.commons.io.function.IOFunction;

/**
 * A format that images are read in, known by how a file begins; its name does not matter.
 *
 * <p>Each is decoded by the reader of the JDK's module {@code java.desktop}. Image I/O's own way, {@code ImageIO.read},
 * asks every plug-in on the class path whether it knows a file, and so hands the bytes to each of them.
 */
enum ImageFormat {
    PNG("\u0089PNG\r\n\u001a\n.*", PngParser::parse),
    JPEG("\u00ff\u00d8\u00ff.*", JpegParser::parse),
    GIF("GIF8[79]a.*", GifParser::parse),
    BMP("BM.*", BmpParser::parse);

    /** The formats, as messages list them. */
    static final String ALL = "PNG, JPEG, GIF or BMP";

    /** Other kinds of files that people take for such images. */
    private static final List<Kind> OTHERS = List.of(
            new Kind("WebP", "RIFF.{4}WEBP.*"),
            new Kind("TIFF", "(II[*+]\0|MM\0[*+]).*"),
            new Kind("a Photoshop document", "8BPS.*"),
            new Kind("AVIF", ".{4}ftypavi[fs].*"),
            new Kind("HEIC", ".{4}ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1).*"),
            new Kind("JPEG XL", "(\u00ff\n|\0{3}\fJXL ).*"),
            new Kind("JPEG 2000", "(\0{3}\fjP  |\u00ffO\u00ffQ).*"),
            new Kind("an icon", "\0\0[\u0001\u0002]\0.*"),
            new Kind("PNM", "P[1-7]\\s.*"),
            new Kind("PDF", "%PDF.*"),
            new Kind("SVG", "\\s*(<\\?xml.*)?<(svg|!DOCTYPE svg).*"),
            new Kind("HTML", "\\s*(<!--.*)?<(!doctype )?html.*"),
            new Kind("a Git LFS pointer and not the file itself", "version https://git-lfs.*"));

    private static final int LONGEST_START = 512;

    /** What a file is. */
    private record Kind(String name, Pattern start) {
        Kind(String name, String start) {
            this(name, Pattern.compile("\\A(?is:\ufeff|\u00ef\u00bb\u00bf)?(?is:" + start + ")\\z"));
        }
    }

    private final Pattern start;
    private final IOFunction<byte[], ImageContent> parser;
    private final ImageReaderSpi decoder;

    ImageFormat(String start, IOFunction<byte[], ImageContent> parser) {
        this.start = Pattern.compile(start, Pattern.DOTALL);
        this.parser = parser;
        this.decoder = decoderOfTheJdk(name());
    }

    /**
     * {@return the format of a file}
     *
     * @param file its content
     * @throws IOException if it is none of these; the message says what it is, if that can be seen
     */
    static ImageFormat of(byte[] file) throws IOException {
        if (file.length == 0) {
            throw new IOException("it is empty");
        }
        String start = new String(file, 0, Math.min(file.length, LONGEST_START), StandardCharsets.ISO_8859_1);
        for (ImageFormat format : values()) {
            if (format.start.matcher(start).matches()) {
                return format;
            }
        }
        for (Kind other : OTHERS) {
            if (other.start.matcher(start).matches()) {
                throw new IOException("it is " + other.name + ", not " + ALL);
            }
        }
        throw new IOException("it is not " + ALL);
    }

    /**
     * {@return the pixels of a file of this format, still encoded}
     *
     * @throws IOException if it is damaged, or of a variant that cannot be read
     */
    ImageContent parse(byte[] file) throws IOException {
        return parser.apply(file);
    }

    /** {@return a new reader, which the caller disposes of} */
    ImageReader decoder() throws IOException {
        return decoder.createReaderInstance();
    }

    private static ImageReaderSpi decoderOfTheJdk(String format) {
        Iterator<ImageReaderSpi> all = IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
        while (all.hasNext()) {
            ImageReaderSpi each = all.next();
            if (each.getClass().getModule() == ImageIO.class.getModule()
                    && Stream.of(each.getFormatNames()).anyMatch(format::equalsIgnoreCase)) {
                return each;
            }
        }
        throw new IllegalStateException("this Java runtime's module java.desktop has no reader of " + format);
    }
}
