package org.bncnn.store;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.store.SafetensorsHeader.Entry;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Named tensors in the format in which weights are handed around for PyTorch, safetensors
 * (<a href="https://github.com/huggingface/safetensors#format">its description</a>): the header's length in 8 bytes, little-endian; the
 * header, JSON; the values side by side, little-endian, in 'c' order.
 *
 * <p>A file holds nothing that could be run. What it claims is checked before any memory is taken for it: lengths, shapes and places
 * against the file's own size, and that every byte belongs to just one tensor. Reading takes memory for the header and the values.
 *
 * @param tensors by name; I64, F64, F32, I32, I16, I8, U8 and BOOL are ND4J's types of that size, F16 and BF16 are read as {@code FLOAT}
 * @param metadata texts by key, which the format leaves free; PyTorch's files say {@code format: pt}
 */
public record SafetensorsFile(Map<String, INDArray> tensors, Map<String, String> metadata) {
    /** As for DL4J's parameters in a model file. */
    static final long LARGEST_DATA = 1L << 30;

    /** That of the format's own library. */
    private static final int LARGEST_HEADER = 100_000_000;

    /** @throws IllegalArgumentException if a tensor has a value that is not finite, another type, no shape, or a name that cannot be shown */
    public SafetensorsFile {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors.forEach(SafetensorsFile::check);
    }

    private static void check(String name, INDArray values) {
        SafetensorsHeader.checkName(name);
        try {
            if (values.length() * TensorType.of(values).arrayBytes() > LARGEST_DATA) {
                throw new IllegalArgumentException("has more than " + (LARGEST_DATA >> 20) + " MiB");
            }
            if (values.isEmpty() && values.rank() == 0) {
                throw new IllegalArgumentException("has no values and no shape");
            }
            TensorType.checkFinite(values);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(TensorName.shown(name) + " " + e.getMessage(), e);
        }
    }

    /**
     * {@return what a file holds}, all of it, in the order of the data
     *
     * @throws ModelFileException if the file is missing, is not in the format to the last byte, holds more than 1 GiB, has a tensor of a type
     *     that is not read, or a value that is not finite; the message names the tensor
     */
    public static SafetensorsFile read(Path file) throws ModelFileException {
        try {
            return read(file, header(file));
        } catch (IOException | RuntimeException e) {
            throw refused(file, e);
        }
    }

    /** {@return what a file says that it holds}; its values are not read */
    static SafetensorsHeader describe(Path file) throws ModelFileException {
        try {
            return header(file);
        } catch (IOException | RuntimeException e) {
            throw refused(file, e);
        }
    }

    private static ModelFileException refused(Path file, Exception why) {
        return new ModelFileException(file + ": is refused as safetensors: " + ModelReader.reason(why), why);
    }

    private static SafetensorsFile read(Path file, SafetensorsHeader header) throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(Files.size(file) - header.dataBytes());
            for (Entry entry : header.entries()) {
                tensors.put(entry.name(), entry.type().read(in, ByteOrder.LITTLE_ENDIAN, entry.shape()));
            }
        }
        return new SafetensorsFile(tensors, header.metadata());
    }

    private static SafetensorsHeader header(Path file) throws IOException {
        long bytes = Files.size(file);
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            long length = Long.reverseBytes(in.readLong());
            if (length < 0 || length > LARGEST_HEADER) {
                throw new IOException("it does not begin with the length of a header");
            }
            if (length > bytes - Long.BYTES) {
                throw new EOFException();
            }
            return header(in.readNBytes((int) length), bytes - Long.BYTES - length);
        }
    }

    private static SafetensorsHeader header(byte[] json, long dataBytes) throws IOException {
        SafetensorsHeader header;
        try {
            header = SafetensorsHeader.parse(new ByteArrayInputStream(json), dataBytes);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("its header: " + e.getMessage(), e);
        }
        if (header.entries().stream()
                        .mapToLong(entry -> entry.values() * entry.type().arrayBytes())
                        .sum()
                > LARGEST_DATA) {
            throw new IOException("it holds more than " + (LARGEST_DATA >> 20) + " MiB");
        }
        return header;
    }

    /**
     * Writes the file as the format's own library does, reads it back, and only then gives it its name: that holds the old content or the
     * new, whatever happens.
     *
     * @throws UnwritableFileException if it cannot be written
     */
    public void save(Path file) throws IOException {
        AtomicFile.write(file, temporary -> {
            MessageDigest digest = DigestUtils.getSha256Digest();
            try (DataOutputStream out = new DataOutputStream(
                    new BufferedOutputStream(new DigestOutputStream(Files.newOutputStream(temporary), digest)))) {
                writeTo(out);
            }
            try (InputStream written = Files.newInputStream(temporary)) {
                if (!MessageDigest.isEqual(digest.digest(), DigestUtils.sha256(written))) {
                    throw new IOException("what was read back is not what was written");
                }
            }
        });
    }

    private void writeTo(DataOutputStream out) throws IOException {
        SafetensorsHeader header = SafetensorsHeader.of(tensors, metadata);
        byte[] json = header.bytes();
        if (json.length > LARGEST_HEADER || header.dataBytes() > LARGEST_DATA) {
            throw new IOException("it would be too large to be read again");
        }
        out.writeLong(Long.reverseBytes(json.length));
        out.write(json);
        for (Entry entry : header.entries()) {
            TensorType.write(tensors.get(entry.name()), out);
        }
    }
}
