package org.bncnn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Debian's package of Fashion-MNIST, for machines that reach their package archive and nothing else. It is downloaded and unpacked,
 * not installed, so root is not needed; where the machine has no package lists, they are fetched into the work folder.
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
            run(work, List.of("apt-get", "download", NAME));
        } catch (IOException noListsYet) {
            List<String> ownLists = ownLists(work);
            run(work, with(ownLists, "update"));
            run(work, with(ownLists, "download", NAME));
        }
        Path unpacked = work.resolve("unpacked");
        run(work, List.of("dpkg-deb", "-x", packageIn(work).toString(), unpacked.toString()));
        return unpacked.resolve(FOLDER);
    }

    /** An apt-get that keeps its lists and cache in the work folder, so that it needs no rights elsewhere. */
    private static List<String> ownLists(Path work) throws IOException {
        Path lists = work.resolve("lists");
        Path cache = work.resolve("cache");
        Files.createDirectories(lists.resolve("partial"));
        Files.createDirectories(cache.resolve("archives/partial"));
        return List.of("apt-get", "-o", "Dir::State::lists=" + lists, "-o", "Dir::Cache=" + cache);
    }

    private static List<String> with(List<String> command, String... arguments) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(arguments));
        return whole;
    }

    private static Path packageIn(Path work) throws IOException {
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get left no package file"));
        }
    }

    private static void run(Path work, List<String> command) throws IOException {
        Path log = work.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(command.get(0) + " took more than " + MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command.get(0) + " was interrupted", e);
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0) {
            throw new IOException(command.get(0) + " failed: " + lastLine(log));
        }
    }

    private static String lastLine(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    }
}
