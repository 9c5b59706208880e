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
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings Fashion-MNIST into the cache: over HTTP from several sources in turn, or else from Debian's package archive.
 *
 * <p>Each file is checked before it appears under its name, and appears whole. One process at a time fetches; another
 * waits, and then finds the files there. An interrupted download is kept and resumed.
 *
 * @param folder for the files
 * @param parts the files to fetch
 * @param sources addresses that a file's name is appended to
 * @param http downloads from them
 * @param debian whether to try Debian's archive after them
 * @param progress observes the downloads
 */
record FashionMnistFetcher(
        Path folder,
        List<FashionMnist.Part> parts,
        List<URI> sources,
        HttpDownload http,
        boolean debian,
        DatasetLocator.Progress progress) {
    private static final Logger log = LoggerFactory.getLogger(FashionMnistFetcher.class);

    /**
     * The first try may break off, or have resumed a file that the source has changed since; the second resumes, or
     * starts again.
     */
    private static final int TRIES = 2;

    static FashionMnistFetcher standard(Path cache, DatasetLocator.Progress progress) {
        return new FashionMnistFetcher(
                cache.resolve("fashion-mnist"),
                FashionMnist.PARTS,
                FashionMnist.SOURCES,
                HttpDownload.DEFAULT,
                true,
                progress);
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
        // Sources compress the files differently, so each has a part of its own to resume.
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
        FileUtils.deleteDirectory(work.toFile()); // an interrupted fetch may have left one
        Files.createDirectory(work);
        try {
            Path unpacked = DebianPackage.unpack(work);
            for (FashionMnist.Part part : parts) {
                moveIntoPlace(unpacked.resolve(part.name()), part);
            }
        } finally {
            FileUtils.deleteDirectory(work.toFile());
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
}
