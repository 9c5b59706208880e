package org.bncnn.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is in a folder, in the order of the names, without hidden entries and without what archivers and file managers
 * add.
 *
 * <p>Images are found by the endings of their names: those that can be read, and those of other formats, so that no
 * image is left out silently. {@link ImageFormat} tells from its content what a file really is.
 */
final class FolderListing {
    /** Of macOS, Windows, Synology and Linux, in lower case. Their files do not end as images do, or are hidden. */
    private static final Set<String> SYSTEM_FOLDERS =
            Set.of("__macosx", "$recycle.bin", "system volume information", "@eadir", "lost+found");

    private static final Set<String> READABLE_IMAGES = Set.of("png", "jpg", "jpeg", "gif", "bmp");

    private static final Set<String> OTHER_IMAGES = Set.of(
            "webp", "tif", "tiff", "heic", "heif", "avif", "jfif", "jpe", "jp2", "jxl", "ppm", "pgm", "pbm", "pnm",
            "exr", "svg", "ico", "tga", "psd");

    /** How many levels down to look for images where there should be none. */
    private static final int DEPTH = 3;

    private FolderListing() {}

    /** {@return the entries: files, folders, and whatever else there is} */
    static List<Path> of(Path folder) throws DatasetException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(FolderListing::isContent).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new DatasetException(folder + ": cannot be read as a folder (" + e + "); check its permissions", e);
        }
    }

    private static boolean isContent(Path entry) {
        String name = nameOf(entry);
        return !name.startsWith(".") && !SYSTEM_FOLDERS.contains(name.toLowerCase(Locale.ROOT));
    }

    /** {@return the folders in it, and links to folders} */
    static List<Path> folders(Path folder) throws DatasetException {
        return of(folder).stream().filter(Files::isDirectory).toList();
    }

    /**
     * {@return the only folder in a folder, if it holds folders itself, as where an archive was unpacked}; empty
     * otherwise
     */
    static Optional<Path> wrapped(Path folder) throws DatasetException {
        List<Path> subs = folders(folder);
        return subs.size() == 1 && !folders(subs.get(0)).isEmpty() ? Optional.of(subs.get(0)) : Optional.empty();
    }

    /** {@return the last part of a path; the path itself if it is a root} */
    static String nameOf(Path path) {
        return path.getFileName() == null ? path.toString() : path.getFileName().toString();
    }

    /**
     * Checks that Java reads a name as it is on the disk. Java replaces bytes that are not in the encoding of the
     * locale.
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

    /** {@return whether a path ends as an image that can be read does, and is not a folder} */
    static boolean isImage(Path path) {
        return READABLE_IMAGES.contains(ending(path)) && !Files.isDirectory(path);
    }

    /** {@return whether a path ends as an image of another format does} */
    static boolean isOtherImage(Path path) {
        return OTHER_IMAGES.contains(ending(path));
    }

    /**
     * {@return whether a folder, or one a few levels down, holds images that can be read}
     *
     * @throws DatasetException if links form a loop, or a folder cannot be read
     */
    static boolean holdsImages(Path folder) throws DatasetException {
        try (Stream<Path> files = Files.walk(folder, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            return files.anyMatch(FolderListing::isImage);
        } catch (IOException | UncheckedIOException e) {
            throw new DatasetException(
                    folder + ": cannot be searched for images (" + e.getMessage()
                            + "); remove links that form a loop, and check permissions",
                    e);
        }
    }

    /** {@return the endings of names for a message, each once and sorted} */
    static String endings(Collection<Path> images) {
        return DatasetException.shortened(
                images.stream().map(FolderListing::ending).distinct().sorted().toList());
    }

    private static String ending(Path path) {
        String name = nameOf(path);
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
