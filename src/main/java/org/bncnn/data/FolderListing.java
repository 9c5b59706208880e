package org.bncnn.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Lists a folder in the order of the names, without hidden entries and without what archivers and file managers add to it. */
final class FolderListing {
    /** Of macOS, Windows, Synology and Linux, in lower case. Their files do not end as images do, or are hidden. */
    private static final Set<String> SYSTEM_FOLDERS =
            Set.of("__macosx", "$recycle.bin", "system volume information", "@eadir", "lost+found");

    private FolderListing() {}

    /** {@return the entries: files, folders, and whatever else there is} */
    static List<Path> of(Path folder) throws DatasetException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(FolderListing::isContent).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new DatasetException(folder + ": cannot be read as a folder (" + e + "); check its permissions", e);
        }
    }

    /** {@return the folders in it, and links to folders} */
    static List<Path> folders(Path folder) throws DatasetException {
        return of(folder).stream().filter(Files::isDirectory).toList();
    }

    /** {@return the last part of a path; the path itself if it is a root} */
    static String nameOf(Path path) {
        return path.getFileName() == null ? path.toString() : path.getFileName().toString();
    }

    /**
     * Checks that Java reads the name as it is on the disk; it replaces bytes that are not in the encoding of the locale.
     *
     * @throws DatasetException if it does not
     */
    static void requireReadableName(Path entry) throws DatasetException {
        boolean same;
        try {
            same = entry.resolveSibling(nameOf(entry)).equals(entry);
        } catch (InvalidPathException e) {
            same = false;
        }
        if (!same) {
            throw new DatasetException(entry + ": has a name that is not in the encoding of this locale, "
                    + System.getProperty("sun.jnu.encoding")
                    + "; set LC_ALL=C.UTF-8 if the name is UTF-8, or rename it");
        }
    }

    private static boolean isContent(Path entry) {
        String name = nameOf(entry);
        return !name.startsWith(".") && !SYSTEM_FOLDERS.contains(name.toLowerCase(Locale.ROOT));
    }
}
