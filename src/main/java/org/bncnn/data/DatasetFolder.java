package org.bncnn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the dataset of a folder as people have them: IDX files or class folders, in the folder itself or below a folder that an archive
 * wrapped around them.
 */
final class DatasetFolder {
    private static final Logger log = LoggerFactory.getLogger(DatasetFolder.class);

    /** torchvision's name for the folder of IDX files: {@code MNIST/raw}. */
    private static final String RAW = "raw";

    private DatasetFolder() {}

    /**
     * Finds the files of a dataset.
     *
     * @param asked a folder; or, where a folder holds the IDX files of several datasets, that folder and how the files of one begin, such
     *     as {@code gzip/emnist-letters}
     * @param origin what named it, for messages
     * @throws DatasetException if there is none, or more than one
     */
    static DatasetFiles find(Path asked, String origin) throws DatasetException {
        if (!Files.isDirectory(asked)) {
            return named(asked, origin);
        }
        Set<Path> seen = new HashSet<>();
        Path folder = asked;
        while (seen.add(real(folder))) {
            if (Files.exists(folder.resolve(Shards.LIST))) {
                throw new DatasetException(
                        folder + ": holds shards for training with --spark; name the dataset they were made of");
            }
            List<Path> places = placesOfIdxFiles(folder);
            if (places.size() > 1) {
                throw new DatasetException(folder + ": holds IDX files in several folders ("
                        + ShortList.of(places.stream().map(folder::relativize).toList()) + "); name one of them");
            }
            if (!places.isEmpty()) {
                tellOfImages(folder, places.get(0));
                return IdxFiles.in(places.get(0));
            }
            Optional<Path> wrapped = wrapped(folder);
            if (wrapped.isEmpty()) {
                return ImageFiles.in(folder);
            }
            folder = wrapped.get();
        }
        throw new DatasetException(folder + ": is a link that forms a loop; remove it");
    }

    private static DatasetFiles named(Path asked, String origin) throws DatasetException {
        Path parent = asked.getParent();
        if (parent != null && Files.isDirectory(parent) && !Files.exists(asked)) {
            Optional<IdxFiles> files = IdxFiles.beginningWith(parent, FolderListing.nameOf(asked));
            if (files.isPresent()) {
                return files.get();
            }
        }
        throw new DatasetException(asked
                + (Files.exists(asked)
                        ? ": is not a folder; if it is an archive, unpack it and name the folder; check "
                        : ": is not a folder; check ")
                + origin);
    }

    private static List<Path> placesOfIdxFiles(Path folder) throws DatasetException {
        if (IdxFiles.areIn(folder)) {
            return List.of(folder);
        }
        List<Path> places = new ArrayList<>();
        for (Path sub : FolderListing.folders(folder)) {
            Path raw = sub.resolve(RAW);
            if (IdxFiles.areIn(sub)) {
                places.add(sub);
            } else if (Files.isDirectory(raw) && IdxFiles.areIn(raw)) {
                places.add(raw);
            }
        }
        return places;
    }

    /** {@return the only folder in a folder, if it holds folders itself and is not one of a dataset's sets} */
    private static Optional<Path> wrapped(Path folder) throws DatasetException {
        List<Path> subs = FolderListing.folders(folder);
        return subs.size() == 1
                        && Subset.of(subs.get(0)).isEmpty()
                        && !FolderListing.folders(subs.get(0)).isEmpty()
                ? Optional.of(subs.get(0))
                : Optional.empty();
    }

    /** What else is in the folder must not keep the IDX files from being read. */
    private static void tellOfImages(Path folder, Path idxFiles) throws DatasetException {
        List<Path> unused = new ArrayList<>();
        for (Path sub : FolderListing.folders(folder)) {
            try {
                if (!idxFiles.startsWith(sub) && ImageEndings.areIn(sub)) {
                    unused.add(sub.getFileName());
                }
            } catch (DatasetException e) {
                log.warn(e.getMessage());
            }
        }
        if (!unused.isEmpty()) {
            log.warn(
                    "{}: the images in its folders {} are not used, because it holds IDX files too",
                    folder,
                    ShortList.of(unused));
        }
    }

    private static Path real(Path folder) throws DatasetException {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            throw new DatasetException(folder + ": cannot be read as a folder (" + e + "); check its permissions", e);
        }
    }
}
