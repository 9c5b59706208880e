package org.bncnn.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Files of {@code torch.save}, good and bad ones, operation by operation. A pickle is a text with a character for each
 * byte.
 */
final class PyTorchBytes {
    static final String PROTOCOL_2 = "\u0080\u0002";
    static final String ORDERED_DICT = global("collections", "OrderedDict") + ")R";

    private PyTorchBytes() {}

    /** {@return a whole pickle} of a value */
    static String pickle(String value) {
        return PROTOCOL_2 + value + ".";
    }

    static String global(String module, String name) {
        return "c" + module + "\n" + name + "\n";
    }

    static String text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return "X" + littleEndian(bytes.length) + new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** {@return an int, or, if it is larger, a long of 8 bytes} */
    static String integer(long value) {
        return value == (int) value
                ? "J" + littleEndian((int) value)
                : "\u008a\b" + littleEndian((int) value) + littleEndian((int) (value >> Integer.SIZE));
    }

    static String littleEndian(int value) {
        byte[] bytes = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static String tuple(long... values) {
        StringBuilder tuple = new StringBuilder("(");
        for (long value : values) {
            tuple.append(integer(value));
        }
        return tuple + "t";
    }

    static String storage(String type, String key, long values) {
        return "(" + text("storage") + global("torch", type) + text(key) + text("cpu") + integer(values) + "tQ";
    }

    /** {@return a tensor of floats in the storage 0} */
    static String tensor(long values, long offset, String shape, String strides) {
        return tensor(storage("FloatStorage", "0", values), integer(offset) + shape + strides);
    }

    static String tensor(String storage, String view) {
        return global("torch._utils", "_rebuild_tensor_v2") + "(" + storage + view + "\u0089" + ORDERED_DICT + "tR";
    }

    /** {@return a dict of one item} */
    static String dict(String name, String value) {
        return "}" + text(name) + value + "s";
    }

    /** {@return a state_dict of two floats, x} */
    static String good() {
        return pickle(dict("x", tensor(2, 0, tuple(2), tuple(1))));
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    static byte[] bytes(String latin) {
        return latin.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** {@return an archive of a pickle and the storage 0} */
    static byte[] archive(String pickle, byte[] storage) {
        return archive(entries(pickle, storage));
    }

    static Map<String, byte[]> entries(String pickle, byte[] storage) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("archive/data.pkl", bytes(pickle));
        entries.put("archive/data/0", storage);
        return entries;
    }

    static byte[] archive(Map<String, byte[]> entries) {
        return archive(entries, ZipEntry.STORED);
    }

    static byte[] archive(Map<String, byte[]> entries, int method) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                CRC32 checksum = new CRC32();
                checksum.update(each.getValue());
                ZipEntry entry = new ZipEntry(each.getKey());
                entry.setMethod(method);
                entry.setSize(each.getValue().length);
                entry.setCrc(checksum.getValue());
                zip.putNextEntry(entry);
                zip.write(each.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
