package org.bncnn.weights;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.weights.SafetensorsHeader.Entry;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads and writes safetensors (<a href="https://github.com/huggingface/safetensors#format">the format</a>): the
 * header's length in 8 bytes, little-endian; the header, JSON; the values side by side, little-endian, in 'c' order.
 *
 * <p>Lengths, shapes and places are checked against the file's own size, and every byte must belong to exactly one
 * tensor. Reading takes memory for the header and the values.
 */
final class SafetensorsFile {
    private static final String FORMAT = "safetensors";

    /** That of the format's own library. */
    private static final int LARGEST_HEADER = 100_000_000;

    private SafetensorsFile() {}

    /** @throws ModelFileException if the file is missing or not in the format to the last byte */
    static WeightsFile read(Path file) throws ModelFileException {
        SafetensorsHeader header = describe(file);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(Files.size(file) - header.dataBytes());
            for (Entry entry : header.entries()) {
                tensors.put(entry.name(), entry.type().read(in, ByteOrder.LITTLE_ENDIAN, entry.shape()));
            }
            return new WeightsFile(tensors, header.metadata());
        } catch (IOException | RuntimeException e) {
            throw ModelFileException.refused(file, FORMAT, e);
        }
    }

    /** {@return what a file says that it holds}; its values are not read */
    static SafetensorsHeader describe(Path file) throws ModelFileException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            long bytes = Files.size(file) - Long.BYTES;
            long length = Long.reverseBytes(in.readLong());
            if (length < 0 || length > LARGEST_HEADER) {
                throw new IOException("it does not begin with the length of a header");
            }
            if (length > bytes) {
                throw new EOFException();
            }
            SafetensorsHeader header = SafetensorsHeader.parse(in.readNBytes((int) length), bytes - length);
            TensorLimits.checkBytes(header.entries().stream()
                    .mapToLong(entry -> entry.values() * entry.type().arrayBytes())
                    .sum());
            return header;
        } catch (IOException | RuntimeException e) {
            throw ModelFileException.refused(file, FORMAT, e);
        }
    }

    /** As {@link WeightsFile#save}. */
    static void write(WeightsFile weights, Path file) throws IOException {
        AtomicFile.write(file, temporary -> {
            MessageDigest digest = DigestUtils.getSha256Digest();
            try (DataOutputStream out = new DataOutputStream(
                    new BufferedOutputStream(new DigestOutputStream(Files.newOutputStream(temporary), digest)))) {
                write(weights, out);
            }
            try (InputStream written = Files.newInputStream(temporary)) {
                if (!MessageDigest.isEqual(digest.digest(), DigestUtils.sha256(written))) {
                    throw new IOException("what was read back is not what was written");
                }
            }
        });
    }

    private static void write(WeightsFile weights, DataOutputStream out) throws IOException {
        SafetensorsHeader header = SafetensorsHeader.of(weights);
        byte[] json = header.bytes();
        if (json.length > LARGEST_HEADER || header.dataBytes() > TensorLimits.MOST_BYTES) {
            throw new IOException("it would be too large to be read again");
        }
        out.writeLong(Long.reverseBytes(json.length));
        out.write(json);
        for (Entry entry : header.entries()) {
            TensorType.write(weights.tensors().get(entry.name()), out);
        }
    }
}
