package org.bncnn.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Image files written byte by byte, so that tests know what is in them without asking any image library. */
final class EncodedImages {
    private EncodedImages() {}

    /** What an image holds. */
    @FunctionalInterface
    interface Samples {
        /** {@return the sample of a band, or the index into a palette} */
        int at(int x, int y, int band);
    }

    // ---- PNG
    // ------------------------------------------------------------------------------------------------------------------------

    static final int GREY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GREY_ALPHA = 4;
    static final int RGB_ALPHA = 6;

    private static final int[][] ADAM7 = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    static int bands(int colourType) {
        return new int[] {1, 0, 3, 1, 2, 0, 4}[colourType];
    }

    static byte[] png(int width, int height, int bits, int colourType, Samples samples, byte[]... chunks) {
        return png(width, height, bits, colourType, false, samples, chunks);
    }

    static byte[] png(
            int width, int height, int bits, int colourType, boolean interlaced, Samples samples, byte[]... chunks) {
        int[][] passes = interlaced ? ADAM7 : new int[][] {{0, 0, 1, 1}};
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        for (int[] pass : passes) {
            if (pass[0] >= width) {
                continue;
            }
            for (int y = pass[1]; y < height; y += pass[3]) {
                Bits row = new Bits(true);
                for (int x = pass[0]; x < width; x += pass[2]) {
                    for (int band = 0; band < bands(colourType); band++) {
                        row.put(samples.at(x, y, band), bits);
                    }
                }
                rows.write(0);
                rows.writeBytes(row.bytes());
            }
        }
        return png(width, height, bits, colourType, interlaced, deflate(rows.toByteArray()), chunks);
    }

    static byte[] png(
            int width, int height, int bits, int colourType, boolean interlaced, byte[] data, byte[]... chunks) {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        header.put((byte) bits).put((byte) colourType).put((byte) 0).put((byte) 0);
        header.put((byte) (interlaced ? 1 : 0));
        List<byte[]> parts = new ArrayList<>();
        parts.add(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        parts.add(chunk("IHDR", header.array()));
        parts.addAll(List.of(chunks));
        parts.add(chunk("IDAT", data));
        parts.add(chunk("IEND"));
        return join(parts.toArray(byte[][]::new));
    }

    static byte[] deflate(byte[] data) {
        Deflater deflater = new Deflater();
        deflater.setInput(data);
        deflater.finish();
        byte[] deflated = new byte[data.length + 100];
        int length = deflater.deflate(deflated);
        deflater.end();
        return Arrays.copyOf(deflated, length);
    }

    static byte[] chunk(String type, int... data) {
        return chunk(type, bytes(data));
    }

    static byte[] chunk(String type, byte[] data) {
        byte[] typed = join(type.getBytes(StandardCharsets.US_ASCII), data);
        CRC32 crc = new CRC32();
        crc.update(typed);
        return ByteBuffer.allocate(typed.length + 8)
                .putInt(data.length)
                .put(typed)
                .putInt((int) crc.getValue())
                .array();
    }

    // ---- JPEG
    // -----------------------------------------------------------------------------------------------------------------------

    static final byte[] JFIF = segment(0xE0, join(text("JFIF\0"), bytes(1, 1, 0, 0, 1, 0, 1, 0, 0)));
    static final byte[] ADOBE_RGB = segment(0xEE, join(text("Adobe"), bytes(0, 100, 0, 0, 0, 0, 0)));

    /**
     * Blocks of 8×8 pixels, each of one colour: DC coefficients only, quantized by 1, which decoders bring back to the
     * last bit.
     */
    static byte[] jpeg(int columns, int rows, int components, boolean progressive, Samples blocks, byte[]... segments) {
        return jpeg(columns, rows, components, progressive, 1, blocks, segments);
    }

    static byte[] jpeg(
            int columns, int rows, int components, boolean progressive, int scans, Samples blocks, byte[]... segments) {
        List<byte[]> parts = new ArrayList<>();
        parts.add(bytes(0xFF, 0xD8));
        parts.addAll(List.of(segments));
        byte[] ones = new byte[65];
        Arrays.fill(ones, 1, ones.length, (byte) 1);
        parts.add(segment(0xDB, ones));
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(bytes(8, rows * 8 >> 8, rows * 8, columns * 8 >> 8, columns * 8, components));
        ByteArrayOutputStream scan = new ByteArrayOutputStream();
        scan.write(components);
        for (int component = 1; component <= components; component++) {
            frame.writeBytes(bytes(component, 0x11, 0));
            scan.writeBytes(bytes(component, 0));
        }
        scan.writeBytes(bytes(0, progressive ? 0 : 63, 0));
        parts.add(segment(progressive ? 0xC2 : 0xC0, frame.toByteArray()));
        // Twelve codes of 4 bits for the lengths 0 to 11 of DC differences; the code 0 for the end of a block.
        parts.add(segment(
                0xC4,
                bytes(0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
        parts.add(segment(0xC4, bytes(0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
        for (int i = 0; i < scans; i++) {
            parts.add(segment(0xDA, scan.toByteArray()));
            parts.add(scanData(columns, rows, components, progressive, blocks));
        }
        for (int component = 1; progressive && component <= components; component++) {
            parts.add(segment(0xDA, bytes(1, component, 0, 1, 63, 0))); // decoders smooth what they know of DC alone
            parts.add(new byte[(columns * rows + 7) / 8]);
        }
        parts.add(bytes(0xFF, 0xD9));
        return join(parts.toArray(byte[][]::new));
    }

    /** {@return a JPEG of three components, sequential and without other segments, numbered from 0 instead of 1} */
    static byte[] numberedFromZero(byte[] jpeg) {
        byte[] numbered = jpeg.clone();
        for (int i = 0; i + 1 < numbered.length; i++) {
            boolean frame = numbered[i] == (byte) 0xFF && numbered[i + 1] == (byte) 0xC0;
            boolean scan = numbered[i] == (byte) 0xFF && numbered[i + 1] == (byte) 0xDA;
            for (int component = 0; (frame || scan) && component < 3; component++) {
                numbered[i + (frame ? 10 + 3 * component : 5 + 2 * component)] = (byte) component;
            }
        }
        return numbered;
    }

    private static byte[] scanData(int columns, int rows, int components, boolean progressive, Samples blocks) {
        Bits bits = new Bits(true);
        int[] last = new int[components];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                for (int component = 0; component < components; component++) {
                    int dc = 8 * (blocks.at(x, y, component) - 128);
                    int difference = dc - last[component];
                    last[component] = dc;
                    int length = 32 - Integer.numberOfLeadingZeros(Math.abs(difference));
                    bits.put(length, 4);
                    bits.put(difference < 0 ? difference + (1 << length) - 1 : difference, length);
                    if (!progressive) {
                        bits.put(0, 1);
                    }
                }
            }
        }
        bits.fillWithOnes();
        ByteArrayOutputStream stuffed = new ByteArrayOutputStream();
        for (byte each : bits.bytes()) {
            stuffed.write(each);
            if (each == (byte) 0xFF) {
                stuffed.write(0);
            }
        }
        return stuffed.toByteArray();
    }

    static byte[] segment(int marker, byte[] data) {
        return join(bytes(0xFF, marker, data.length + 2 >> 8, data.length + 2), data);
    }

    static byte[] exifSegment(int orientation, ByteOrder order) {
        return segment(0xE1, join(text("Exif\0\0"), exif(orientation, order)));
    }

    /** One directory with a width, which is of no interest, and the orientation. */
    static byte[] exif(int orientation, ByteOrder order) {
        ByteBuffer exif = ByteBuffer.allocate(38).order(order);
        exif.put(text(order == ByteOrder.BIG_ENDIAN ? "MM" : "II"))
                .putShort((short) 42)
                .putInt(8);
        exif.putShort((short) 2);
        exif.putShort((short) 256).putShort((short) 4).putInt(1).putInt(100);
        exif.putShort((short) 274).putShort((short) 3).putInt(1).putShort((short) orientation);
        return exif.array();
    }

    // ---- GIF
    // ------------------------------------------------------------------------------------------------------------------------

    /** The beginning of a GIF, with a palette of 256 colours for all images; null for none. */
    static byte[] gifScreen(int width, int height, int[] palette) {
        return join(
                text("GIF89a"),
                bytes(width, width >> 8, height, height >> 8, palette == null ? 0 : 0xF7, 0, 0),
                palette == null ? new byte[0] : gifPalette(palette));
    }

    private static byte[] gifPalette(int[] palette) {
        byte[] colours = new byte[3 * 256];
        for (int i = 0; i < palette.length; i++) {
            colours[3 * i] = (byte) (palette[i] >> 16);
            colours[3 * i + 1] = (byte) (palette[i] >> 8);
            colours[3 * i + 2] = (byte) palette[i];
        }
        return colours;
    }

    static byte[] gifTransparency(int index) {
        return bytes(0x21, 0xF9, 4, 1, 0, 0, index, 0);
    }

    static byte[] gifFrame(
            int left, int top, int width, int height, int[] palette, boolean interlaced, Samples samples) {
        Bits bits = new Bits(false);
        bits.put(256, 9);
        for (int[] pass : interlaced ? new int[][] {{0, 8}, {4, 8}, {2, 4}, {1, 2}} : new int[][] {{0, 1}}) {
            for (int y = pass[0]; y < height; y += pass[1]) {
                for (int x = 0; x < width; x++) {
                    bits.put(samples.at(x, y, 0), 9); // codes get longer after 255 pixels
                }
            }
        }
        bits.put(257, 9);
        byte[] data = bits.bytes();
        return join(
                bytes(0x2C, left, left >> 8, top, top >> 8, width, width >> 8, height, height >> 8),
                bytes((palette == null ? 0 : 0x87) | (interlaced ? 0x40 : 0)),
                palette == null ? new byte[0] : gifPalette(palette),
                bytes(8, data.length),
                data,
                bytes(0));
    }

    static final byte[] GIF_END = bytes(0x3B);

    // ---- BMP
    // ------------------------------------------------------------------------------------------------------------------------

    /** @param extra of a header that is longer than 40 bytes, or masks behind one of 40 */
    static byte[] bmp(
            int width,
            int height,
            int bits,
            int compression,
            int headerBytes,
            byte[] extra,
            int[] palette,
            byte[] data) {
        int offset = 14 + 40 + extra.length + 4 * palette.length;
        ByteBuffer file = ByteBuffer.allocate(offset + data.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(text("BM")).putInt(offset + data.length).putInt(0).putInt(offset);
        file.putInt(headerBytes)
                .putInt(width)
                .putInt(height)
                .putShort((short) 1)
                .putShort((short) bits);
        file.putInt(compression)
                .putInt(data.length)
                .putInt(0)
                .putInt(0)
                .putInt(palette.length)
                .putInt(0);
        file.put(extra);
        for (int colour : palette) {
            file.putInt(colour);
        }
        return file.put(data).array();
    }

    /** {@return rows from the last to the first, each filled up to 4 bytes} */
    static byte[] bmpRows(int width, int height, int bits, Samples samples) {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        for (int y = height - 1; y >= 0; y--) {
            rows.writeBytes(bmpRow(width, y, bits, samples));
        }
        return rows.toByteArray();
    }

    static byte[] bmpRow(int width, int y, int bits, Samples samples) {
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        if (bits < 8) {
            Bits packed = new Bits(true);
            for (int x = 0; x < width; x++) {
                packed.put(samples.at(x, y, 0), bits);
            }
            row.writeBytes(packed.bytes());
        } else {
            for (int x = 0; x < width; x++) {
                for (int i = 0; i < bits / 8; i++) {
                    row.write(samples.at(x, y, 0) >> 8 * i);
                }
            }
        }
        while (row.size() % 4 != 0) {
            row.write(0);
        }
        return row.toByteArray();
    }

    // ---------------------------------------------------------------------------------------------------------------------------------

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    /** Packs numbers into bytes. */
    private static final class Bits {
        private final boolean highFirst;
        private final BitSet bits = new BitSet();
        private int size;

        Bits(boolean highFirst) {
            this.highFirst = highFirst;
        }

        void put(int value, int length) {
            for (int i = 0; i < length; i++) {
                bits.set(size++, (value >> (highFirst ? length - 1 - i : i) & 1) == 1);
            }
        }

        void fillWithOnes() {
            while (size % 8 != 0) {
                bits.set(size++);
            }
        }

        byte[] bytes() {
            byte[] bytes = new byte[(size + 7) / 8];
            for (int i = 0; i < size; i++) {
                if (bits.get(i)) {
                    bytes[i / 8] |= (byte) (highFirst ? 0x80 >> i % 8 : 1 << i % 8);
                }
            }
            return bytes;
        }
    }
}
