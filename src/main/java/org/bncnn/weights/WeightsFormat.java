package org.bncnn.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The format of a file of weights, by its content and not by its name. */
public enum WeightsFormat {
    /** safetensors. */
    SAFETENSORS("safetensors"),
    /** A file of {@code torch.save}, even if it is refused later. */
    PYTORCH("PyTorch"),
    /** Anything else, such as a model file. */
    NONE("none");

    /** Place of the header, an object, after its length. */
    private static final int SAFETENSORS_BEGIN = Long.BYTES;

    private static final int LONGEST_HEADER_LENGTH = 4;

    private static final int ZIP_ENTRY = 0x04034b50;
    private static final int ZIP_NAME_LENGTH = 26;
    private static final int ZIP_NAME = 30;

    /** Of the first entry in a zip. */
    private static final Pattern PYTORCH_NAME =
            Pattern.compile("[^/]*/(data\\.pkl|data/.*|code/.*|constants.*|version|byteorder|\\..*)");

    private static final int LONGEST_NAME = 200;

    private final String text;

    WeightsFormat(String text) {
        this.text = text;
    }

    /**
     * {@return the format of a file}; {@link #NONE} if there is no such file
     *
     * @param file to read
     * @throws IOException if it cannot be read
     */
    public static WeightsFormat of(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return NONE;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return of(ByteBuffer.wrap(in.readNBytes(ZIP_NAME + LONGEST_NAME)).order(ByteOrder.LITTLE_ENDIAN));
        }
    }

    private static WeightsFormat of(ByteBuffer start) {
        if (start.limit() > ZIP_NAME && start.getInt(0) == ZIP_ENTRY) {
            int length = Math.min(Short.toUnsignedInt(start.getShort(ZIP_NAME_LENGTH)), start.limit() - ZIP_NAME);
            String name = new String(start.array(), ZIP_NAME, length, StandardCharsets.UTF_8);
            return PYTORCH_NAME.matcher(name).matches() ? PYTORCH : NONE;
        }
        if (PyTorchArchive.isPickle(start)) {
            return PYTORCH;
        }
        return start.limit() > SAFETENSORS_BEGIN
                        && start.get(SAFETENSORS_BEGIN) == '{'
                        && start.getInt(LONGEST_HEADER_LENGTH) == 0
                ? SAFETENSORS
                : NONE;
    }

    @Override
    public String toString() {
        return text;
    }
}
