package org.bncnn.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** BMP (Windows and OS/2): all of it, but said to be sRGB instead of having a colour profile. */
final class BmpParser {
    private static final int HEADER = 14;
    private static final int SHORT_HEADER_BYTES = 12;
    private static final int BYTES_WITH_COLOUR_SPACE = 108;
    private static final int WIDTH = 18;
    private static final int HEIGHT = 22;
    private static final int COMPRESSION = 30;
    private static final int JPEG = 4;
    private static final int PNG = 5;
    private static final int COLOUR_SPACE = 70;
    private static final int SRGB = 's' << 24 | 'R' << 16 | 'G' << 8 | 'B';

    private BmpParser() {}

    static ImageContent parse(byte[] file) throws IOException {
        try {
            ByteBuffer content = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
            int headerBytes = content.getInt(HEADER);
            if (headerBytes == SHORT_HEADER_BYTES) {
                return new ImageContent(
                        content.array(), content.getChar(WIDTH), content.getChar(WIDTH + 2), Orientation.UPRIGHT);
            }
            int compression = content.getInt(COMPRESSION);
            if (compression == JPEG || compression == PNG) {
                throw new IOException("it wraps a " + (compression == JPEG ? "JPEG" : "PNG") + "; save it as such");
            }
            if (headerBytes >= BYTES_WITH_COLOUR_SPACE) {
                content.putInt(COLOUR_SPACE, SRGB);
            }
            return new ImageContent(
                    content.array(), content.getInt(WIDTH), Math.abs(content.getInt(HEIGHT)), Orientation.UPRIGHT);
        } catch (IndexOutOfBoundsException e) {
            throw new EOFException();
        }
    }
}
