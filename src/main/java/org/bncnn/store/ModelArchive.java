package org.bncnn.store;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.store.ModelInspection.Entry;
import org.bncnn.text.Printable;
import org.deeplearning4j.util.ModelSerializer;

/**
 * The zip around a model, opened only if it is whole, small enough, and reads the same to every reader.
 *
 * <p>A zip describes its entries twice: each before its content, and all in the directory at the end. DL4J reads the
 * former, {@link ZipFile} the latter; a file where they differ is two files in one and is refused.
 *
 * @param entries in their order
 */
record ModelArchive(ZipFile zip, List<Entry> entries) implements Closeable {
    /** Our own entry, which DL4J ignores. */
    static final String MANIFEST = "bncnn.json";

    /** The updater's state as DL4J wrote it until 0.4: a serialized Java object, which neither DL4J nor we read. */
    static final String SERIALIZED_UPDATER = "updater.bin";

    /** An entry, and how many bytes it may have. */
    private static final Map<String, Long> ENTRIES = Map.ofEntries(
            Map.entry(ModelSerializer.CONFIGURATION_JSON, 4L << 20),
            Map.entry(ModelSerializer.COEFFICIENTS_BIN, 1L << 30),
            Map.entry(ModelSerializer.NO_PARAMS_MARKER, 1L << 10),
            Map.entry(ModelSerializer.UPDATER_BIN, 1L << 30),
            Map.entry(SERIALIZED_UPDATER, 1L << 30),
            Map.entry(ModelSerializer.NORMALIZER_BIN, 64L << 20),
            Map.entry(MANIFEST, 4L << 20));

    /** Serialized Java objects, with whatever code they bring: DL4J's reader runs it. */
    private static final Set<String> SERIALIZED_OBJECTS = Set.of("preprocessor.bin");

    private static final String OBJECTS_FOLDER = "objects/";

    /**
     * Larger entries that unpack to more than {@link #LARGEST_RATIO} times their size are bombs. Zeros pack 1,000:1.
     */
    private static final long HARMLESS = 64L << 20;

    private static final int LARGEST_RATIO = 100;

    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END_LENGTH = 22;
    private static final int END_SIZE = 12;
    private static final int END_OFFSET = 16;
    private static final int LARGEST_DIRECTORY = 4096;

    /**
     * The content of {@link #MANIFEST}.
     *
     * @param model what the model is
     * @param sha256 checksums of the other entries' contents when it was saved, in hexadecimal, by name
     */
    record Manifest(ModelDescription model, Map<String, String> sha256) {
        Manifest {
            Objects.requireNonNull(model, "model");
            Objects.requireNonNull(sha256, "sha256");
        }
    }

    /**
     * Opens a file, after reading all of it once.
     *
     * @throws IOException if it is not a whole zip, or holds anything that a DL4J model does not
     */
    static ModelArchive open(Path file) throws IOException {
        checkEnd(file);
        ZipFile zip = new ZipFile(file.toFile());
        try {
            return new ModelArchive(zip, List.copyOf(readAll(file, zip)));
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    /** The directory's size is looked at first, because {@link ZipFile} takes all of it into memory. */
    private static void checkEnd(Path file) throws IOException {
        ByteBuffer end = ByteBuffer.allocate(END_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        long begin = Math.max(0, Files.size(file) - END_LENGTH);
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(begin);
            end.limit(in.readNBytes(end.array(), 0, END_LENGTH));
        }
        if (end.limit() < END_LENGTH || end.getInt(0) != END_SIGNATURE) {
            throw new IOException("it is cut short, or is no zip file");
        }
        long size = Integer.toUnsignedLong(end.getInt(END_SIZE));
        long offset = Integer.toUnsignedLong(end.getInt(END_OFFSET));
        if (size > LARGEST_DIRECTORY || offset + size != begin) {
            throw new IOException("its directory is not that of a model");
        }
    }

    private static List<Entry> readAll(Path file, ZipFile directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            for (ZipEntry local = zip.getNextEntry(); local != null; local = zip.getNextEntry()) {
                String name = local.getName();
                checkName(name, entries);
                ZipEntry listed = directory.getEntry(name);
                if (listed == null) {
                    throw new IOException(
                            "it holds the entry " + Printable.excerpt(name) + ", which its directory does not list");
                }
                entries.add(read(zip, listed));
                if (local.getCrc() != listed.getCrc() || local.getSize() != listed.getSize()) {
                    throw new IOException("its entry " + name + " differs from its directory record");
                }
            }
        }
        List<String> listed = directory.stream().map(ZipEntry::getName).toList();
        if (!listed.equals(entries.stream().map(Entry::name).toList())) {
            throw new IOException("its directory lists other entries than it holds");
        }
        return entries;
    }

    private static void checkName(String name, List<Entry> before) throws IOException {
        if (SERIALIZED_OBJECTS.contains(name) || name.startsWith(OBJECTS_FOLDER)) {
            throw new IOException("its entry " + Printable.excerpt(name)
                    + " is a serialized Java object, which can run code of its own when it is read");
        }
        if (!ENTRIES.containsKey(name)) {
            throw new IOException("it holds the entry " + Printable.excerpt(name) + ", which no DL4J model has");
        }
        if (before.stream().anyMatch(entry -> entry.name().equals(name))) {
            throw new IOException("it holds the entry " + name + " twice");
        }
    }

    /** Reads an entry to its end, where the stream compares the checksum with the content. */
    private static Entry read(InputStream content, ZipEntry listed) throws IOException {
        String name = listed.getName();
        long packed = listed.getCompressedSize();
        MessageDigest digest = DigestUtils.getSha256Digest();
        byte[] buffer = new byte[1 << 16];
        long bytes = 0;
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            digest.update(buffer, 0, n);
            bytes += n;
            if (bytes > ENTRIES.get(name)) {
                throw new IOException("its entry " + name + " is larger than " + (ENTRIES.get(name) >> 20) + " MiB");
            }
            if (bytes > HARMLESS && bytes > LARGEST_RATIO * packed) {
                throw new IOException(
                        "its entry " + name + " unpacks to more than " + LARGEST_RATIO + " times its size");
            }
        }
        return new Entry(name, bytes, packed, Hex.encodeHexString(digest.digest()));
    }

    /** @throws IOException if the entries are not those that were saved with a manifest */
    void check(Manifest manifest) throws IOException {
        Map<String, String> found = sha256ByName();
        for (String name : manifest.sha256.keySet()) {
            if (!found.containsKey(name)) {
                throw new IOException("its entry " + Printable.excerpt(name) + " is missing");
            }
        }
        for (String name : found.keySet()) {
            if (!found.get(name).equals(manifest.sha256.get(name))) {
                throw new IOException("its entry " + name + " is not the one that was saved: SHA-256 differs");
            }
        }
    }

    /** {@return the checksum of each entry's content}, without the manifest */
    Map<String, String> sha256ByName() {
        return entries.stream()
                .filter(entry -> !entry.name().equals(MANIFEST))
                .collect(Collectors.toMap(Entry::name, Entry::sha256));
    }

    /** {@return an entry; empty if there is none of that name} */
    Optional<Entry> entry(String name) {
        return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    /** {@return the content of an entry that is there} */
    DataInputStream open(Entry entry) throws IOException {
        return new DataInputStream(new BufferedInputStream(zip.getInputStream(zip.getEntry(entry.name()))));
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
