package org.bncnn.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** GIF (89a): everything up to the end of its first frame, which may cover only a part of the image. */
final class GifParser {
    private static final int SCREEN = 6;
    private static final int EXTENSION = 0x21;
    private static final int FRAME = 0x2C;
    private static final int END = 0x3B;
    private static final int INTERLACED = 0x40;
    private static final int LEAST_INTERLACED_ROWS = 5;

    private GifParser() {}

    static ImageContent parse(byte[] file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(SCREEN);
        int screenWidth = in.getChar();
        int screenHeight = in.getChar();
        skipColours(in, in.get(), 2);
        int block = in.get();
        while (block == EXTENSION) {
            in.get();
            skipData(in);
            block = in.get();
        }
        if (block != FRAME) {
            throw new IOException(block == END ? "it holds no image" : "it is damaged");
        }
        int left = in.getChar();
        int top = in.getChar();
        int width = in.getChar();
        int height = in.getChar();
        int flags = in.get();
        if ((flags & INTERLACED) != 0 && height < LEAST_INTERLACED_ROWS) {
            // The JDK's reader does not see that the second pass has no row, and puts the others in the wrong places.
            throw new IOException("it is interlaced and has fewer than " + LEAST_INTERLACED_ROWS + " rows");
        }
        skipColours(in, flags, 0);
        in.get();
        skipData(in);
        byte[] firstFrame = Arrays.copyOf(file, in.position() + 1);
        firstFrame[in.position()] = END;
        return new ImageContent(
                firstFrame,
                Math.max(screenWidth, left + width),
                Math.max(screenHeight, top + height),
                left,
                top,
                Orientation.UPRIGHT);
    }

    private static void skipColours(ByteBuffer in, int flags, int before) throws IOException {
        ImageContent.skip(in, before + ((flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1));
    }

    private static void skipData(ByteBuffer in) throws IOException {
        for (int length = in.get() & 0xFF; length > 0; length = in.get() & 0xFF) {
            ImageContent.skip(in, length);
        }
    }
}
