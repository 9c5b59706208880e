package org.bncnn.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The ends of names by which image files are found in a folder: of those that are read, and of others, so that nobody's images are left out
 * unsaid. What a file is, its content tells ({@link ImageFormat}).
 */
final class ImageEndings {
    private static final Set<String> READABLE_ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");

    private static final Set<String> OTHER_ENDINGS = Set.of(
            "webp", "tif", "tiff", "heic", "heif", "avif", "jfif", "jpe", "jp2", "jxl", "ppm", "pgm", "pbm", "pnm",
            "exr", "svg", "ico", "tga", "psd");

    /** How many folders down images are looked for where there should be none. */
    private static final int DEPTH = 3;

    private ImageEndings() {}

    /** {@return whether a path ends as an image that can be read does, and is not a folder} */
    static boolean isImage(Path path) {
        return READABLE_ENDINGS.contains(ending(path)) && !Files.isDirectory(path);
    }

    /** {@return whether a path ends as an image of another format does} */
    static boolean isOfOtherFormat(Path path) {
        return OTHER_ENDINGS.contains(ending(path));
    }

    /**
     * {@return whether there are images that can be read in a folder, or a few folders further down}
     *
     * @throws DatasetException if links form a loop, or a folder cannot be read
     */
    static boolean areIn(Path folder) throws DatasetException {
        try (Stream<Path> files = Files.walk(folder, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            return files.anyMatch(ImageEndings::isImage);
        } catch (IOException | UncheckedIOException e) {
            throw new DatasetException(
                    folder + ": cannot be searched for images (" + e.getMessage()
                            + "); remove links that form a loop, and check permissions",
                    e);
        }
    }

    /** {@return the ends of names, each once and sorted} */
    static List<String> endingsOf(Collection<Path> images) {
        return images.stream().map(ImageEndings::ending).distinct().sorted().toList();
    }

    private static String ending(Path path) {
        String name = FolderListing.nameOf(path);
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
