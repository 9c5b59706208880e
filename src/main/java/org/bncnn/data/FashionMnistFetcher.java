package org.bncnn.data;

import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings Fashion-MNIST into the cache: over HTTP from several sources in turn, or else from Debian's package archive.
 *
 * <p>Each file is checked before it appears under its name, and appears whole. One process at a time fetches; another waits for it and
 * finds its work done. What was fetched of a file before an interruption is kept and gone on from.
 */
final class FashionMnistFetcher {
    private static final Logger log = LoggerFactory.getLogger(FashionMnistFetcher.class);

    /** The first try may break off, or find that an older part does not fit what the source has now; the second goes on or begins anew. */
    private static final int TRIES = 2;

    private final Path folder;
    private final List<FashionMnist.Part> parts;
    private final List<URI> sources;
    private final HttpDownload http;
    private final boolean debian;
    private final FetchProgress progress;

    /**
     * @param folder where the files go
     * @param parts the files to fetch
     * @param sources addresses that a file's name is appended to
     * @param debian whether Debian's archive may be tried after them
     */
    FashionMnistFetcher(
            Path folder,
            List<FashionMnist.Part> parts,
            List<URI> sources,
            HttpDownload http,
            boolean debian,
            FetchProgress progress) {
        this.folder = folder;
        this.parts = parts;
        this.sources = sources;
        this.http = http;
        this.debian = debian;
        this.progress = progress;
    }

    static FashionMnistFetcher standard(Path cache, FetchProgress progress) {
        return new FashionMnistFetcher(
                cache.resolve("fashion-mnist"),
                FashionMnist.PARTS,
                FashionMnist.SOURCES,
                HttpDownload.DEFAULT,
                true,
                progress);
    }

    /** {@return the folder the files are fetched into} */
    Path folder() {
        return folder;
    }

    /**
     * Fetches the files that are missing or damaged.
     *
     * @throws DatasetException if no source has them; it lists what each said
     */
    void fetch() throws DatasetException {
        try {
            Files.createDirectories(folder);
            synchronized (FashionMnistFetcher.class) {
                try (FileChannel channel = FileChannel.open(
                        folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    channel.lock(); // until the channel is closed
                    fetchAlone();
                }
            }
        } catch (DatasetException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetException(folder + ": cannot be written (" + e + "); check it, or set XDG_CACHE_HOME", e);
        }
    }

    private void fetchAlone() throws IOException {
        List<FashionMnist.Part> missing = new ArrayList<>(parts);
        missing.removeIf(this::isHere);
        List<String> failures = new ArrayList<>();
        for (URI source : sources) {
            try {
                while (!missing.isEmpty()) {
                    download(source, missing.get(0));
                    missing.remove(0);
                }
            } catch (IOException e) {
                failures.add(source.getHost() + ": " + describe(e));
            }
        }
        if (!missing.isEmpty() && debian) {
            log.info("No download source answered; trying Debian's package {}", DebianPackage.NAME);
            try {
                unpackDebianPackage(missing);
                missing.clear();
            } catch (IOException e) {
                failures.add("Debian's package " + DebianPackage.NAME + ": " + describe(e));
            }
        }
        if (!missing.isEmpty()) {
            throw new DatasetException(FashionMnist.NAME + " cannot be fetched (" + String.join("; ", failures)
                    + "); put its four files into a folder and name it with --data or " + DatasetLocator.VARIABLE
                    + ", or use --data " + DatasetLocator.SAMPLE);
        }
    }

    private boolean isHere(FashionMnist.Part part) {
        if (!Files.exists(folder.resolve(part.name()))) {
            return false;
        }
        try {
            part.read(folder);
            return true;
        } catch (DatasetException e) {
            log.warn("{}", e.getMessage());
            return false;
        }
    }

    private void download(URI source, FashionMnist.Part part) throws IOException {
        // Sources compress the files differently, so each has a part of its own to go on from.
        Path partial = folder.resolve(part.name() + "." + source.getHost() + ".part");
        IOException failure = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                http.fetch(source.resolve(part.name()), partial, progress);
                moveIntoPlace(partial, part);
                return;
            } catch (DatasetException damaged) {
                Files.delete(partial);
                failure = damaged;
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private void unpackDebianPackage(List<FashionMnist.Part> parts) throws IOException {
        Path work = folder.resolve(".debian");
        deleteTree(work); // an interrupted fetch may have left one
        Files.createDirectory(work);
        try {
            Path unpacked = DebianPackage.unpack(work);
            for (FashionMnist.Part part : parts) {
                moveIntoPlace(unpacked.resolve(part.name()), part);
            }
        } finally {
            deleteTree(work);
        }
    }

    private void moveIntoPlace(Path file, FashionMnist.Part part) throws IOException {
        part.check(IdxFile.read(file, part.rank()));
        Files.move(
                file, folder.resolve(part.name()), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String describe(IOException e) {
        return e.getMessage() == null || e instanceof UnknownHostException
                ? e.getClass().getSimpleName()
                : e.getMessage();
    }

    private static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
