package org.bncnn.store;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bncnn.store.SafetensorsHeader.Entry;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Named tensors in the format in which weights are handed around for PyTorch, safetensors
 * (<a href="https://github.com/huggingface/safetensors#format">its description</a>): the header's length in 8 bytes, little-endian; the
 * header, JSON; the values side by side, little-endian, in 'c' order.
 *
 * <p>A file holds nothing that could be run. What it claims is checked before any memory is taken for it: lengths, shapes and places
 * against the file's own size, and that every byte belongs to just one tensor. Reading and writing take memory for the values, and for those of the
 * largest tensor once more.
 *
 * @param tensors by name; {@code FLOAT} (F32), {@code DOUBLE} (F64) or {@code LONG} (I64); F16 and BF16 are read as {@code FLOAT}
 * @param metadata texts by key, which the format leaves free; PyTorch's files say {@code format: pt}
 */
public record SafetensorsFile(Map<String, INDArray> tensors, Map<String, String> metadata) {
    /** As for DL4J's parameters in a model file. */
    private static final long LARGEST_DATA = 1L << 30;

    /** A tensor takes about 100 bytes of it: room for 10,000, ten times what the largest CNNs have. The format itself allows 100 MB. */
    private static final int LARGEST_HEADER = 1 << 20;

    /** @throws IllegalArgumentException if a tensor has no values, one that is not finite, another type, or a name that cannot be shown */
    public SafetensorsFile {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors.forEach(SafetensorsFile::check);
    }

    private static void check(String name, INDArray values) {
        SafetensorsHeader.checkName(name);
        try {
            SafetensorsType.of(values);
            if (values.isEmpty()) {
                throw new IllegalArgumentException("has no values");
            }
            SafetensorsType.checkFinite(values);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " " + e.getMessage(), e);
        }
    }

    /**
     * {@return what a file holds}, all of it, in the order of the data
     *
     * @throws ModelFileException if the file is missing, is not in the format to the last byte, is larger than 1 GiB, has a tensor of a type
     *     other than F32, F64, F16, BF16 and I64 or one without values, or a value that is not finite; the message names the tensor
     */
    public static SafetensorsFile read(Path file) throws ModelFileException {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException(
                    file + ": is not a file; name one that safetensors.torch.save_file wrote", null);
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return read(in, Files.size(file));
        } catch (IOException | RuntimeException e) {
            throw new ModelFileException(file + ": is refused as safetensors: " + ModelReader.reason(e), e);
        }
    }

    private static SafetensorsFile read(DataInputStream in, long bytes) throws IOException {
        if (bytes > LARGEST_DATA + LARGEST_HEADER) {
            throw new IOException("it is larger than " + (LARGEST_DATA >> 20) + " MiB");
        }
        long length = Long.reverseBytes(in.readLong());
        if (length < 0 || length > LARGEST_HEADER) {
            throw new IOException(
                    "it does not begin with the length of a header; weights that torch.save wrote are not read,"
                            + " write them with safetensors.torch.save_file");
        }
        SafetensorsHeader header = header(in, (int) length, bytes - Long.BYTES - length);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (Entry entry : header.entries()) {
            tensors.put(entry.name(), entry.type().read(in, entry.shape(), entry.length()));
        }
        return new SafetensorsFile(tensors, header.metadata());
    }

    private static SafetensorsHeader header(DataInputStream in, int length, long dataBytes) throws IOException {
        byte[] json = new byte[length];
        in.readFully(json);
        try {
            return SafetensorsHeader.parse(json, dataBytes);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("its header: " + e.getMessage(), e);
        }
    }

    /**
     * Writes the file as the format's own library does, reads it back, and only then gives it its name: that holds the old content or the
     * new, whatever happens.
     *
     * @throws UnwritableFileException if it cannot be written
     */
    public void save(Path file) throws IOException {
        AtomicFile.write(file, temporary -> {
            MessageDigest digest = Sha256.digest();
            try (DataOutputStream out = new DataOutputStream(
                    new BufferedOutputStream(new DigestOutputStream(Files.newOutputStream(temporary), digest)))) {
                writeTo(out);
            }
            if (!Sha256.of(temporary).equals(HexFormat.of().formatHex(digest.digest()))) {
                throw new IOException("what was read back is not what was written");
            }
        });
    }

    private void writeTo(DataOutputStream out) throws IOException {
        SafetensorsHeader header = SafetensorsHeader.of(tensors, metadata);
        byte[] json = header.bytes();
        long dataBytes = header.entries().stream().mapToLong(Entry::end).max().orElse(0);
        if (json.length > LARGEST_HEADER || dataBytes > LARGEST_DATA) {
            throw new IOException("it would be too large to be read again");
        }
        out.writeLong(Long.reverseBytes(json.length));
        out.write(json);
        for (Entry entry : header.entries()) {
            SafetensorsType.write(tensors.get(entry.name()), out);
        }
    }
}
