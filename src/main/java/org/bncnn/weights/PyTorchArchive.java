package org.bncnn.weights;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.bncnn.text.Printable;
import org.bncnn.weights.PyTorchTensor.Storage;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The zip that {@code torch.save} has written since PyTorch 1.6: a folder of any name with {@code data.pkl}, which
 * describes the tensors, and {@code data/0}, {@code data/1} and so on, their storages. Nothing in it is compressed, so
 * it never takes more memory than its own size.
 *
 * <p>It is read by its directory, as PyTorch does.
 */
final class PyTorchArchive implements Closeable {
    private static final String PICKLE = "/data.pkl";

    private static final int LARGEST_PICKLE = 32 << 20;

    /** Four of them for each tensor that a pickle has room for. */
    private static final int MOST_ENTRIES = 100_000;

    private final ZipFile zip;
    private final String folder;
    private final Map<String, ZipEntry> entries = new HashMap<>();

    /** @throws IOException if it is not a whole zip, or not one that {@code torch.save} writes */
    PyTorchArchive(Path file) throws IOException {
        zip = open(file);
        try {
            folder = folder();
            long bytes = Files.size(file);
            for (ZipEntry entry : zip.stream().toList()) {
                bytes -= check(entry);
                if (bytes < 0) {
                    throw new IOException("its entries overlap");
                }
            }
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    /** {@return whether a file begins as the pickles without a zip that PyTorch wrote before 1.6} */
    static boolean isPickle(ByteBuffer start) {
        return start.limit() >= Long.BYTES && start.get(0) == (byte) 0x80 && start.getInt(Integer.BYTES) != 0;
    }

    private static ZipFile open(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            if (isPickle(ByteBuffer.wrap(in.readNBytes(Long.BYTES)))) {
                throw new IOException("it is a pickle without a zip, from before PyTorch 1.6; in Python,"
                        + " torch.save(torch.load(\"x.pt\", weights_only=True), \"y.pt\") converts it");
            }
        }
        try {
            return new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw new IOException("it is cut short, or not a whole zip file (" + e.getMessage() + ")", e);
        }
    }

    private String folder() throws IOException {
        if (zip.size() > MOST_ENTRIES) {
            throw new IOException("it has more than " + MOST_ENTRIES + " entries");
        }
        List<String> pickles = zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.endsWith(PICKLE))
                .toList();
        if (pickles.isEmpty()) {
            throw new IOException("it has no entry data.pkl, which torch.save writes");
        }
        String folder = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
        if (folder.contains("/")) {
            throw new IOException("its data.pkl is not where torch.save puts it");
        }
        return folder;
    }

    /** {@return the number of bytes of an entry} */
    private long check(ZipEntry entry) throws IOException {
        String name = Printable.excerpt(TensorLimits.shown(entry.getName()));
        if (!entry.getName().startsWith(folder + "/")
                || Arrays.asList(entry.getName().split("/")).contains("..")) {
            throw new IOException("it holds the entry " + name + ", which torch.save does not write");
        }
        String local = entry.getName().substring(folder.length() + 1);
        if (local.equals("constants.pkl") || local.startsWith("code/")) {
            throw new IOException(
                    "it is TorchScript, a program; in Python, torch.save(torch.jit.load(\"x.pt\").state_dict(),"
                            + " \"y.pt\") saves its weights");
        }
        if (entries.put(local, entry) != null) {
            throw new IOException("it holds the entry " + name + " twice");
        }
        if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
            throw new IOException("its entry " + name + " is compressed, which torch.save does not do");
        }
        return entry.getSize();
    }

    /** {@return the pickle that describes the tensors} */
    byte[] pickle() throws IOException {
        return read("data.pkl", InputStream::readAllBytes);
    }

    /** {@return the order of the bytes in each value}; before PyTorch 2.1 files did not say it */
    ByteOrder byteOrder() throws IOException {
        if (!entries.containsKey("byteorder")) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        String order = new String(read("byteorder", InputStream::readAllBytes), StandardCharsets.US_ASCII);
        return switch (order) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default -> throw new IOException("its byteorder is " + Printable.excerpt(order) + ", not little or big");
        };
    }

    /** @throws IOException if the file does not have the storage, or not with as many values */
    void check(Storage storage) throws IOException {
        long bytes = entry(storage.entry()).getSize();
        if (bytes != storage.bytes()) {
            throw new IOException("its entry " + storage.entry() + " has " + bytes + " bytes, but " + storage.values()
                    + " values of " + storage.type() + " are " + storage.bytes());
        }
    }

    /** {@return the values of a storage that was checked}, in one dimension */
    INDArray values(Storage storage, ByteOrder order) throws IOException {
        return read(storage.entry(), in -> storage.type().read(in, order, storage.values()));
    }

    private ZipEntry entry(String name) throws IOException {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new IOException("it has no entry " + name);
        }
        return entry;
    }

    /** Reads an entry's content. */
    @FunctionalInterface
    private interface Parser<T> {
        T parse(InputStream content) throws IOException;
    }

    private <T> T read(String name, Parser<T> parser) throws IOException {
        ZipEntry entry = entry(name);
        if (!name.startsWith(Storage.FOLDER) && entry.getSize() > LARGEST_PICKLE) {
            throw new IOException("its entry " + name + " is larger than " + (LARGEST_PICKLE >> 20) + " MiB");
        }
        CRC32 checksum = new CRC32();
        try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), checksum)) {
            T parsed = parser.parse(in);
            if (checksum.getValue() != entry.getCrc()) {
                throw new IOException("its entry " + name + " is damaged: its checksum is another");
            }
            return parsed;
        }
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
