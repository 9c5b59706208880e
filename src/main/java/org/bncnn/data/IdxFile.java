package org.bncnn.data;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.bncnn.text.Numbers;

/**
 * A file of unsigned bytes in the IDX format of MNIST, plain or gzipped.
 *
 * <p>Big-endian: two zero bytes, the element type (8, unsigned byte), the rank, one 32-bit size for each dimension,
 * then the elements in row-major order. Source: LeCun, Cortes &amp; Burges, "The MNIST database of handwritten digits",
 * section "The IDX file format".
 *
 * @param name of the file in messages
 * @param shape the size of each dimension
 * @param data the elements; their number is the product of {@code shape}
 * @param sha256 of the content, header and elements, before any compression: distributors gzip the same content
 *     differently
 */
record IdxFile(String name, int[] shape, byte[] data, String sha256) {
    /** Number of dimensions of grey images, {@code [N, H, W]}. */
    static final int IMAGES_RANK = 3;

    /** Number of dimensions of labels, {@code [N]}. */
    static final int LABELS_RANK = 1;

    /** Length of the longest array that every virtual machine can make. */
    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private static final int UNSIGNED_BYTE = 8;

    /** No deflate stream expands by more than this factor, so a header that claims more is wrong. */
    private static final long MAX_DEFLATE_RATIO = 1032;

    /**
     * Reads a whole file.
     *
     * @param rank number of dimensions it must have
     * @throws DatasetException if it cannot be read, or its content and its header disagree
     * @throws OutOfMemoryError with the file and its size, if Java's heap cannot hold the elements
     */
    static IdxFile read(Path file, int rank) throws DatasetException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new DatasetException(file + ": is not a regular file; replace it with one");
        }
        byte[] stored;
        try {
            if (Files.size(file) > MAX_ARRAY) {
                throw new IOException("it is larger than 2 GiB");
            }
            stored = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new DatasetException(file + ": cannot be read (" + e + "); check that it is a readable file", e);
        }
        return parse(file.toString(), stored, rank);
    }

    /**
     * Parses the content of a file.
     *
     * @param name of the file in messages
     * @param stored its bytes, gzipped if they begin as gzip does
     * @param rank number of dimensions it must have
     */
    static IdxFile parse(String name, byte[] stored, int rank) throws DatasetException {
        boolean gzipped = GzipCompressorInputStream.matches(stored, stored.length);
        MessageDigest digest = DigestUtils.getSha256Digest();
        try (InputStream bytes = new ByteArrayInputStream(stored);
                InputStream content = gzipped ? gunzip(bytes) : bytes;
                DataInputStream in = new DataInputStream(new DigestInputStream(content, digest))) {
            int[] shape = readShape(name, in, rank);
            long most = gzipped ? stored.length * MAX_DEFLATE_RATIO : stored.length;
            byte[] data = readData(name, in, shape, most);
            return new IdxFile(name, shape, data, Hex.encodeHexString(digest.digest()));
        } catch (EOFException e) {
            throw new DatasetException(
                    name + ": is cut short, it ends before the elements its header announces; fetch it again", e);
        } catch (DatasetException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetException(name + ": is corrupt gzip (" + e.getMessage() + "); fetch it again", e);
        }
    }

    /** {@return the content of all members of a gzip file} */
    private static InputStream gunzip(InputStream bytes) throws IOException {
        return GzipCompressorInputStream.builder()
                .setInputStream(bytes)
                .setDecompressConcatenated(true)
                .get();
    }

    /** {@return images {@code [N, H, W]} as images {@code [N, W, H]}, rows and columns exchanged} */
    IdxFile transposed() {
        int height = shape[1];
        int width = shape[2];
        byte[] turned = new byte[data.length];
        for (int image = 0; image < data.length; image += height * width) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    turned[image + x * height + y] = data[image + y * width + x];
                }
            }
        }
        return new IdxFile(name, new int[] {shape[0], width, height}, turned, sha256);
    }

    /** {@return the content of a file with that shape and these elements} */
    static byte[] content(int[] shape, byte[] data) {
        ByteBuffer content = ByteBuffer.allocate((1 + shape.length) * Integer.BYTES + data.length);
        content.putInt(UNSIGNED_BYTE << 8 | shape.length);
        for (int size : shape) {
            content.putInt(size);
        }
        return content.put(data).array();
    }

    private static int[] readShape(String name, DataInputStream in, int rank) throws IOException {
        int magic = in.readInt();
        if (magic >>> 16 != 0) {
            throw new DatasetException(Numbers.format(
                    "%s: is not an IDX file, it begins with %08x; expected %08x",
                    name, magic, UNSIGNED_BYTE << 8 | rank));
        }
        if ((magic >>> 8 & 0xff) != UNSIGNED_BYTE) {
            throw new DatasetException(Numbers.format(
                    "%s: holds elements of IDX type 0x%02x; only unsigned bytes (0x08) can be read; convert it",
                    name, magic >>> 8 & 0xff));
        }
        if ((magic & 0xff) != rank) {
            throw new DatasetException(name + ": has " + (magic & 0xff) + " dimensions, expected " + rank
                    + (rank == 1
                            ? " (labels); are images and labels swapped?"
                            : " (images); are images and labels swapped?"));
        }
        int[] shape = new int[rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = in.readInt();
            if (shape[i] <= 0) {
                throw new DatasetException(name + ": its header gives dimension " + i + " the size "
                        + Integer.toUnsignedString(shape[i]) + "; expected 1 to " + MAX_ARRAY);
            }
        }
        return shape;
    }

    private static byte[] readData(String name, InputStream in, int[] shape, long most) throws IOException {
        long length = 1;
        for (int size : shape) {
            length *= size;
            if (length > Math.min(most, MAX_ARRAY)) {
                throw new DatasetException(name + ": its header announces " + Arrays.toString(shape)
                        + " elements, more than the file can hold; fetch it again");
            }
        }
        byte[] data;
        try {
            data = new byte[(int) length]; // and not in pieces, which would take twice the memory for a moment
        } catch (OutOfMemoryError e) {
            throw new OutOfMemoryError(name + " needs " + (length >> 20) + " MiB at once");
        }
        if (in.readNBytes(data, 0, data.length) < length) {
            throw new EOFException(name);
        }
        if (in.read() >= 0) {
            throw new DatasetException(
                    name + ": holds more than the " + length + " elements its header announces; fetch it again");
        }
        return data;
    }
}
