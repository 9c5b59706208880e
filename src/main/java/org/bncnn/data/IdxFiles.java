package org.bncnn.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The four IDX files of a dataset, by their names. Each may be there twice, plain and gzipped, as torchvision leaves them, and within a
 * folder of the file's own name, as Kaggle's archives have them.
 *
 * @param folder where they are
 * @param prefix what their names begin with before {@code train} or {@code t10k}; often nothing
 * @param candidates for each role at least one file
 */
record IdxFiles(Path folder, String prefix, Map<Role, List<Path>> candidates) implements DatasetFiles {
    private static final Pattern NAME =
            Pattern.compile("(?i)(.*?)[-_. ]?(train|t10k|test)[-_.](images|labels)[-_.]idx[13][-_.]ubyte(\\.gz)?");

    /** One of the four. */
    enum Role {
        TRAIN_IMAGES(FashionMnist.TRAIN_IMAGES),
        TRAIN_LABELS(FashionMnist.TRAIN_LABELS),
        TEST_IMAGES(FashionMnist.TEST_IMAGES),
        TEST_LABELS(FashionMnist.TEST_LABELS);

        private final FashionMnist.Part example;

        Role(FashionMnist.Part example) {
            this.example = example;
        }

        private static Role of(Matcher name) {
            boolean images = name.group(3).equalsIgnoreCase("images");
            return name.group(2).equalsIgnoreCase("train")
                    ? images ? TRAIN_IMAGES : TRAIN_LABELS
                    : images ? TEST_IMAGES : TEST_LABELS;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** {@return whether a folder holds a file named as one of the four} */
    static boolean areIn(Path folder) throws DatasetException {
        return !byPrefix(folder).isEmpty();
    }

    /**
     * {@return the files of a folder that holds those of one dataset}
     *
     * @throws DatasetException if one of the four is missing, or there are several datasets
     */
    static IdxFiles in(Path folder) throws DatasetException {
        Map<String, Map<Role, List<Path>>> datasets = byPrefix(folder);
        List<String> prefixes = List.copyOf(datasets.keySet());
        if (prefixes.size() < 2) {
            String prefix = prefixes.isEmpty() ? "" : prefixes.get(0);
            return complete(folder, prefix, datasets.getOrDefault(prefix, Map.of()));
        }
        if (prefixes.get(0).isEmpty()) {
            throw new DatasetException(folder + ": holds IDX files of several datasets, "
                    + ShortList.of(datasets.values().stream()
                            .map(files -> folder.relativize(
                                    files.values().iterator().next().get(0)))
                            .toList())
                    + "; keep one dataset in a folder");
        }
        throw new DatasetException(folder + ": holds IDX files of several datasets, " + ShortList.of(prefixes)
                + "; choose one by the start of its file names, such as --data " + folder.resolve(prefixes.get(0)));
    }

    /** {@return the files of a folder whose names begin with this}; empty if there are none */
    static Optional<IdxFiles> beginningWith(Path folder, String prefix) throws DatasetException {
        Map<Role, List<Path>> files = byPrefix(folder).get(prefix);
        return files == null ? Optional.empty() : Optional.of(complete(folder, prefix, files));
    }

    private static IdxFiles complete(Path folder, String prefix, Map<Role, List<Path>> files) throws DatasetException {
        for (Role role : Role.values()) {
            if (!files.containsKey(role)) {
                throw new DatasetException(
                        folder + ": has no file of " + role + ", such as " + example(prefix, role.example.name()));
            }
        }
        return new IdxFiles(folder, prefix, files);
    }

    private static String example(String prefix, String name) {
        return prefix.isEmpty() ? name : prefix + "-" + name;
    }

    /** Sorted, so that messages and what is chosen are the same each time. */
    private static Map<String, Map<Role, List<Path>>> byPrefix(Path folder) throws DatasetException {
        Map<String, Map<Role, List<Path>>> datasets = new TreeMap<>();
        for (Path entry : FolderListing.of(folder)) {
            if (!NAME.matcher(FolderListing.nameOf(entry)).matches()) {
                continue;
            }
            for (Path file : Files.isDirectory(entry) ? FolderListing.of(entry) : List.of(entry)) {
                Matcher name = NAME.matcher(FolderListing.nameOf(file));
                if (name.matches() && !Files.isDirectory(file)) {
                    datasets.computeIfAbsent(name.group(1), prefix -> new EnumMap<>(Role.class))
                            .computeIfAbsent(Role.of(name), role -> new ArrayList<>())
                            .add(file);
                }
            }
        }
        return datasets;
    }

    @Override
    public ImageDataset read() throws DatasetException {
        return IdxDataset.load(this);
    }

    /** {@return what the dataset is called} */
    String name() {
        if (!prefix.isEmpty()) {
            return prefix;
        }
        String name = FolderListing.nameOf(folder);
        return name.equals("raw") && folder.getParent() != null ? FolderListing.nameOf(folder.getParent()) : name;
    }

    /**
     * Reads one of the four files.
     *
     * @throws DatasetException if it cannot be read, or there are several that do not have the same content
     */
    IdxFile read(Role role) throws DatasetException {
        List<Path> files = candidates.get(role);
        IdxFile first = IdxFile.read(files.get(0), role.example.rank());
        for (Path other : files.subList(1, files.size())) {
            if (!IdxFile.read(other, role.example.rank()).sha256().equals(first.sha256())) {
                throw new DatasetException(folder + ": both " + folder.relativize(files.get(0)) + " and "
                        + folder.relativize(other) + " could be the " + role
                        + ", and their content differs; keep one of them");
            }
        }
        return first;
    }
}
