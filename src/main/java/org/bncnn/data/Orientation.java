package org.bncnn.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The way a camera was held, and so the way to turn its image upright: tag 274 of Exif (CIPA DC-008, TIFF 6.0).
 *
 * @param transposed whether rows become columns; the other two then concern columns
 * @param linesBackwards whether the last row comes first
 * @param backwards whether each row begins with its last pixel
 */
record Orientation(boolean transposed, boolean linesBackwards, boolean backwards) {
    static final Orientation UPRIGHT = new Orientation(false, false, false);

    private static final int TAG = 274;
    private static final int INTEL = 'I' << 8 | 'I';
    private static final int SHORT = 3;
    private static final int ENTRY_BYTES = 12;

    /**
     * {@return the orientation in an Exif block}, {@link #UPRIGHT} if it has none or cannot be read
     *
     * @param tiff the bytes that begin with the byte order
     */
    static Orientation of(ByteBuffer tiff) {
        ByteBuffer exif = tiff.slice();
        try {
            exif.order(exif.getChar(0) == INTEL ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = exif.getInt(4);
            int entries = exif.getChar(directory);
            for (int i = 0; i < entries; i++) {
                int entry = directory + 2 + i * ENTRY_BYTES;
                if (exif.getChar(entry) == TAG && exif.getChar(entry + 2) == SHORT) {
                    return numbered(exif.getChar(entry + 8));
                }
            }
            return UPRIGHT;
        } catch (IndexOutOfBoundsException damaged) {
            return UPRIGHT;
        }
    }

    private static Orientation numbered(int value) {
        return switch (value) {
            case 2 -> new Orientation(false, false, true);
            case 3 -> new Orientation(false, true, true);
            case 4 -> new Orientation(false, true, false);
            case 5 -> new Orientation(true, false, false);
            case 6 -> new Orientation(true, false, true);
            case 7 -> new Orientation(true, true, true);
            case 8 -> new Orientation(true, true, false);
            default -> UPRIGHT;
        };
    }
}
