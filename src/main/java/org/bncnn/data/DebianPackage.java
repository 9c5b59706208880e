package org.bncnn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Debian's package of Fashion-MNIST, for machines that reach their package archive and nothing else. It is downloaded
 * and unpacked, not installed, so root is not needed; where the machine has no package lists, they are fetched into the
 * work folder.
 */
final class DebianPackage {
    static final String NAME = "dataset-fashion-mnist";

    /** The package's folder of the files, below the root. */
    private static final String FOLDER = "usr/share/datasets/fashion-mnist";

    /** The folder of the files where the package is installed. */
    static final Path INSTALLED = Path.of("/", FOLDER);

    private static final long MINUTES = 15;

    private DebianPackage() {}

    /**
     * Downloads and unpacks the package.
     *
     * @param work an empty folder
     * @return the folder, below {@code work}, with the dataset's files
     * @throws IOException if this is not a Debian-family machine, or its archive cannot be reached
     */
    static Path unpack(Path work) throws IOException {
        if (!Files.isExecutable(Path.of("/usr/bin/apt-get")) || !Files.isExecutable(Path.of("/usr/bin/dpkg-deb"))) {
            throw new IOException("this is not a Debian-family machine");
        }
        try {
            run(work, "apt-get", "download", NAME);
        } catch (IOException noListsYet) {
            // This apt-get keeps its lists and cache in the work folder, so that it needs no rights elsewhere.
            Files.createDirectories(work.resolve("lists/partial"));
            Files.createDirectories(work.resolve("cache/archives/partial"));
            String lists = "Dir::State::lists=" + work.resolve("lists");
            String cache = "Dir::Cache=" + work.resolve("cache");
            run(work, "apt-get", "-o", lists, "-o", cache, "update");
            run(work, "apt-get", "-o", lists, "-o", cache, "download", NAME);
        }
        Path unpacked = work.resolve("unpacked");
        run(work, "dpkg-deb", "-x", packageIn(work).toString(), unpacked.toString());
        return unpacked.resolve(FOLDER);
    }

    private static Path packageIn(Path work) throws IOException {
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get left no package file"));
        }
    }

    private static void run(Path work, String... command) throws IOException {
        Path log = work.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(command[0] + " took more than " + MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command[0] + " was interrupted", e);
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0) {
            throw new IOException(command[0] + " failed: " + lastLine(log));
        }
    }

    private static String lastLine(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    }
}
