package org.bncnn.data;

import java.io.EOFException;
import java.nio.ByteBuffer;

/**
 * The parts of an image file that its pixels are made of. Descriptions, colour profiles and previews are left out, so
 * that a decoder neither applies them nor fails on them.
 *
 * @param bytes a file of the same format
 * @param width of the image before it is turned, in pixels
 * @param height of the image before it is turned, in pixels
 * @param left column where the decoded pixels begin; what is outside is transparent
 * @param top row where the decoded pixels begin
 * @param orientation that turns the image upright
 */
record ImageContent(byte[] bytes, int width, int height, int left, int top, Orientation orientation) {
    ImageContent(byte[] bytes, int width, int height, Orientation orientation) {
        this(bytes, width, height, 0, 0, orientation);
    }

    /** Moves forward in a file. */
    static void skip(ByteBuffer file, int bytes) throws EOFException {
        if (bytes < 0 || bytes > file.remaining()) {
            throw new EOFException();
        }
        file.position(file.position() + bytes);
    }
}
