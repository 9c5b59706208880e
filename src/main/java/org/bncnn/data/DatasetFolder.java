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
 * Finds the dataset in a folder: IDX files ({@link IdxDataset}) or folders of images ({@link FolderDataset}), in the
 * folder itself or in a folder that an archive wrapped around them.
 */
final class DatasetFolder {
    private static final Logger log = LoggerFactory.getLogger(DatasetFolder.class);

    /** torchvision's name for the folder of IDX files: {@code MNIST/raw}. */
    static final String RAW = "raw";

    private DatasetFolder() {}

    /** A dataset whose files were found, but not yet read. */
    interface Content {
        /**
         * {@return the dataset, read}
         *
         * @throws DatasetException if a file cannot be read, is malformed, or does not fit the others
         */
        ImageDataset read() throws DatasetException;
    }

    /**
     * {@return the dataset in a folder}
     *
     * @param asked a folder; or, where a folder holds the IDX files of several datasets, that folder and the prefix of
     *     one, such as {@code gzip/emnist-letters}
     * @param origin option or variable that named it, for messages
     * @throws DatasetException if there is none, or more than one
     */
    static Content find(Path asked, String origin) throws DatasetException {
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
                        + DatasetException.shortened(
                                places.stream().map(folder::relativize).toList()) + "); name one of them");
            }
            if (!places.isEmpty()) {
                warnOfUnusedImages(folder, places.get(0));
                return IdxDataset.in(places.get(0));
            }
            Optional<Path> wrapped = FolderListing.wrapped(folder)
                    .filter(sub -> FolderDataset.Subset.of(sub).isEmpty());
            if (wrapped.isEmpty()) {
                return FolderDataset.in(folder);
            }
            folder = wrapped.get();
        }
        throw new DatasetException(folder + ": is a link that forms a loop; remove it");
    }

    private static Content named(Path asked, String origin) throws DatasetException {
        Path parent = asked.getParent();
        if (parent != null && Files.isDirectory(parent) && !Files.exists(asked)) {
            Optional<IdxDataset> files = IdxDataset.in(parent, FolderListing.nameOf(asked));
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
        if (IdxDataset.isIn(folder)) {
            return List.of(folder);
        }
        List<Path> places = new ArrayList<>();
        for (Path sub : FolderListing.folders(folder)) {
            Path raw = sub.resolve(RAW);
            if (IdxDataset.isIn(sub)) {
                places.add(sub);
            } else if (Files.isDirectory(raw) && IdxDataset.isIn(raw)) {
                places.add(raw);
            }
        }
        return places;
    }

    /** Whatever else is in the folder, the IDX files are read. */
    private static void warnOfUnusedImages(Path folder, Path idxFiles) throws DatasetException {
        List<Path> unused = new ArrayList<>();
        for (Path sub : FolderListing.folders(folder)) {
            try {
                if (!idxFiles.startsWith(sub) && FolderListing.holdsImages(sub)) {
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
                    DatasetException.shortened(unused));
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
