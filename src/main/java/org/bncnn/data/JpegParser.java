package org.bncnn.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * JPEG (ITU-T T.81): everything up to its end but comments and the applications' segments. Of these, those of JFIF,
 * Exif and Adobe say how colours are stored; the first two both mean YCbCr, and a JFIF header is written for either.
 */
final class JpegParser {
    private static final int APPLICATION_0 = 0xE0;
    private static final int APPLICATION_1 = 0xE1;
    private static final int APPLICATION_14 = 0xEE;
    private static final int APPLICATION_15 = 0xEF;
    private static final int COMMENT = 0xFE;
    private static final int END = 0xD9;
    private static final int SCAN = 0xDA;
    private static final int RESTART_0 = 0xD0;
    private static final int RESTART_7 = 0xD7;
    private static final int TEMPORARY = 0x01;

    /** Images of progressive encoders have about ten. More cost time without end and bring nothing. */
    private static final int MOST_SCANS = 100;

    private static final byte[] JFIF = {
        (byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    private final ByteBuffer in;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private Orientation orientation = Orientation.UPRIGHT;
    private boolean jfif;
    private boolean exif;
    private boolean adobe;
    private int width;
    private int height;
    private int scans;

    private JpegParser(byte[] file) {
        in = ByteBuffer.wrap(file).position(2);
    }

    static ImageContent parse(byte[] file) throws IOException {
        JpegParser parser = new JpegParser(file);
        parser.readSegments();
        ByteArrayOutputStream whole = new ByteArrayOutputStream(file.length + JFIF.length);
        whole.write(file, 0, 2);
        if (parser.jfif || parser.exif && !parser.adobe) {
            whole.writeBytes(JFIF);
        }
        parser.kept.writeTo(whole);
        if (parser.scans == 0) {
            throw new IOException("it holds no image");
        }
        return new ImageContent(whole.toByteArray(), parser.width, parser.height, parser.orientation);
    }

    private void readSegments() throws IOException {
        int marker = nextMarker();
        while (marker != END) {
            if (marker != TEMPORARY && (marker < RESTART_0 || marker > RESTART_7)) {
                readSegment(marker);
            }
            marker = nextMarker();
        }
        kept.write(0xFF);
        kept.write(END);
    }

    private int nextMarker() {
        int marker;
        do {
            while (in.get() != (byte) 0xFF) {} // between segments there may be anything
            do {
                marker = in.get() & 0xFF;
            } while (marker == 0xFF);
        } while (marker == 0);
        return marker;
    }

    private void readSegment(int marker) throws IOException {
        int from = in.position() - 2;
        ByteBuffer segment = in.slice();
        ImageContent.skip(in, segment.getChar());
        segment.limit(in.position() - from - 2);
        if (marker >= APPLICATION_0 && marker <= APPLICATION_15) {
            readApplication(marker, segment);
            if (marker != APPLICATION_14) {
                return;
            }
        } else if (marker == COMMENT) {
            return;
        } else if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            readFrame(segment);
        } else if (marker == SCAN) {
            skipScan();
        }
        kept.write(in.array(), from, in.position() - from);
    }

    private void readApplication(int marker, ByteBuffer segment) {
        String name = StandardCharsets.ISO_8859_1
                .decode(segment.slice(segment.position(), Math.min(6, segment.remaining())))
                .toString();
        if (marker == APPLICATION_0 && name.startsWith("JFIF")) {
            jfif = true;
        } else if (marker == APPLICATION_1 && name.equals("Exif\0\0") && !exif) {
            exif = true;
            orientation = Orientation.of(segment.position(segment.position() + name.length()));
        } else if (marker == APPLICATION_14 && name.startsWith("Adobe")) {
            adobe = true;
        }
    }

    private void readFrame(ByteBuffer frame) throws IOException {
        int bits = frame.get();
        height = frame.getChar();
        width = frame.getChar();
        int components = frame.get();
        if (bits != 8) {
            throw new IOException("it has " + bits + " bits per sample; convert it to 8");
        }
        if (components == 4) {
            throw new IOException("its colours are CMYK; convert it to RGB");
        }
    }

    /** Goes to the marker after the scan's data, in which 0xFF is followed by 0 or the number of a restart. */
    private void skipScan() throws IOException {
        if (++scans > MOST_SCANS) {
            throw new IOException("it has more than " + MOST_SCANS + " scans");
        }
        int next;
        do {
            while (in.get() != (byte) 0xFF) {}
            next = in.get(in.position()) & 0xFF;
        } while (next == 0 || next == 0xFF || next >= RESTART_0 && next <= RESTART_7);
        in.position(in.position() - 1);
    }
}
