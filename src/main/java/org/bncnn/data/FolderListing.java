package org.bncnn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What people put into a folder, in the order of the names: hidden entries are left out, and so is what archivers, file managers and
 * file systems put there by themselves.
 */
final class FolderListing {
    /** Of macOS, Windows, Synology and Linux, in lower case. macOS's {@code .DS_Store} and {@code ._NAME} are hidden besides. */
    private static final Set<String> NOT_OF_PEOPLE = Set.of(
            "__macosx",
            "thumbs.db",
            "ehthumbs.db",
            "desktop.ini",
            "$recycle.bin",
            "system volume information",
            "@eadir",
            "lost+found");

    private FolderListing() {}

    /** {@return the entries: files, folders, and whatever else there is} */
    static List<Path> of(Path folder) throws DatasetException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(FolderListing::isOfPeople).sorted().toList();
        } catch (IOException e) {
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
     * Makes sure that the name that Java reads is the one on the disk: bytes that are not in the encoding of the locale are lost.
     *
     * @throws DatasetException if it is not
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

    private static boolean isOfPeople(Path entry) {
        String name = nameOf(entry);
        return !name.startsWith(".") && !NOT_OF_PEOPLE.contains(name.toLowerCase(Locale.ROOT));
    }
}
