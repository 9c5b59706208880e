package org.bncnn.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/** IDX files made for tests, well-formed unless asked otherwise. */
final class IdxBytes {
    private IdxBytes() {}

    /** {@return a file with this header and these elements, whether or not they fit each other} */
    static byte[] file(int magic, int[] shape, byte[] data) {
        ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * shape.length + data.length);
        buffer.putInt(magic);
        for (int size : shape) {
            buffer.putInt(size);
        }
        return buffer.put(data).array();
    }

    /** {@return n images whose pixels count up from 0, modulo 256} */
    static byte[] images(int n, int height, int width) {
        byte[] pixels = new byte[n * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) i;
        }
        return file(0x803, new int[] {n, height, width}, pixels);
    }

    static byte[] labels(int... labels) {
        byte[] data = new byte[labels.length];
        for (int i = 0; i < labels.length; i++) {
            data[i] = (byte) labels[i];
        }
        return file(0x801, new int[] {labels.length}, data);
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return bytes.toByteArray();
    }

    static byte[] concatenate(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}
