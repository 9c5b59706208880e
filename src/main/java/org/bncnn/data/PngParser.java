package org.bncnn.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.CRC32;

/** PNG (ISO/IEC 15948): its header, palette, transparency and pixels; of an animation the still image. */
final class PngParser {
    private static final Set<String> OF_PIXELS = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");
    private static final int SIGNATURE_BYTES = 8;
    private static final int AROUND_DATA = 12;

    private PngParser() {}

    static ImageContent parse(byte[] file) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        kept.write(file, 0, SIGNATURE_BYTES);
        ByteBuffer in = ByteBuffer.wrap(file).position(SIGNATURE_BYTES);
        Orientation orientation = Orientation.UPRIGHT;
        String type;
        do {
            int from = in.position();
            int length = in.getInt();
            ImageContent.skip(in, 4);
            type = new String(file, in.position() - 4, 4, StandardCharsets.ISO_8859_1);
            ByteBuffer data = in.slice();
            ImageContent.skip(in, length);
            if (OF_PIXELS.contains(type)) {
                requireWhole(type, file, from + 4, length + 4, in.getInt());
                kept.write(file, from, length + AROUND_DATA);
            } else {
                in.getInt();
                if (type.equals("eXIf")) {
                    orientation = Orientation.of(data.limit(length));
                }
            }
        } while (!type.equals("IEND"));
        ByteBuffer header = ByteBuffer.wrap(file, SIGNATURE_BYTES + 8, 8);
        return new ImageContent(kept.toByteArray(), header.getInt(), header.getInt(), orientation);
    }

    private static void requireWhole(String type, byte[] file, int from, int length, int expected) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(file, from, length);
        if ((int) crc.getValue() != expected) {
            throw new IOException("its part " + type + " is damaged");
        }
    }
}
