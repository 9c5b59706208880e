package org.bncnn.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dataset of four IDX files, found by their names: images {@code [N, H, W]} and labels {@code [N]}, for training and
 * for test. MNIST, Fashion-MNIST, KMNIST and EMNIST are published this way; shape and number of classes come from the
 * files.
 *
 * <p>A file may be there twice, plain and gzipped, as torchvision leaves it, and within a folder of its own name, as in
 * Kaggle's archives.
 *
 * @param folder that holds them
 * @param prefix start of their names, before {@code train} or {@code t10k}; often empty
 * @param candidates at least one file for each role
 */
record IdxDataset(Path folder, String prefix, Map<Role, List<Path>> candidates) implements DatasetFolder.Content {
    private static final Logger log = LoggerFactory.getLogger(IdxDataset.class);

    private static final Pattern NAME =
            Pattern.compile("(?i)(.*?)[-_. ]?(train|t10k|test)[-_.](images|labels)[-_.]idx[13][-_.]ubyte(\\.gz)?");

    /** Only EMNIST stores images column by column; its files are known by their names. */
    private static final Pattern TRANSPOSED = Pattern.compile("(?i)emnist.*");

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
    static boolean isIn(Path folder) throws DatasetException {
        return !byPrefix(folder).isEmpty();
    }

    /**
     * {@return the dataset in a folder}
     *
     * @throws DatasetException if one of the four files is missing, or there are several datasets
     */
    static IdxDataset in(Path folder) throws DatasetException {
        Map<String, Map<Role, List<Path>>> datasets = byPrefix(folder);
        List<String> prefixes = List.copyOf(datasets.keySet());
        if (prefixes.size() < 2) {
            String prefix = prefixes.isEmpty() ? "" : prefixes.get(0);
            return complete(folder, prefix, datasets.getOrDefault(prefix, Map.of()));
        }
        if (prefixes.get(0).isEmpty()) {
            throw new DatasetException(folder + ": holds IDX files of several datasets, "
                    + DatasetException.shortened(datasets.values().stream()
                            .map(files -> folder.relativize(
                                    files.values().iterator().next().get(0)))
                            .toList())
                    + "; keep one dataset in a folder");
        }
        throw new DatasetException(folder + ": holds IDX files of several datasets, "
                + DatasetException.shortened(prefixes)
                + "; choose one by the start of its file names, such as --data " + folder.resolve(prefixes.get(0)));
    }

    /** {@return the dataset whose file names start with a prefix}; empty if there is none */
    static Optional<IdxDataset> in(Path folder, String prefix) throws DatasetException {
        Map<Role, List<Path>> files = byPrefix(folder).get(prefix);
        return files == null ? Optional.empty() : Optional.of(complete(folder, prefix, files));
    }

    private static IdxDataset complete(Path folder, String prefix, Map<Role, List<Path>> files)
            throws DatasetException {
        for (Role role : Role.values()) {
            if (!files.containsKey(role)) {
                throw new DatasetException(folder + ": has no file of " + role + ", such as "
                        + (prefix.isEmpty() ? "" : prefix + "-") + role.example.name());
            }
        }
        return new IdxDataset(folder, prefix, files);
    }

    /** Sorted, so that messages and the choice of a file are the same each time. */
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
        IdxFile trainLabels = read(Role.TRAIN_LABELS);
        boolean fashion = trainLabels.sha256().equals(FashionMnist.TRAIN_LABELS.sha256());
        IdxClasses classes = IdxClasses.of(trainLabels, folder.resolve(prefix + "-mapping.txt"));
        IdxFile testLabels = classes.numbered(read(Role.TEST_LABELS));
        boolean transposed = TRANSPOSED.matcher(prefix).matches();
        IdxFile trainImages = read(Role.TRAIN_IMAGES);
        IdxFile testImages = read(Role.TEST_IMAGES);
        ImageDataset data = of(
                fashion ? FashionMnist.NAME : name(),
                folder.toString(),
                fashion ? FashionMnist.CLASS_NAMES : classes.names(),
                List.of(
                        transposed ? trainImages.transposed() : trainImages,
                        classes.numbered(trainLabels),
                        transposed ? testImages.transposed() : testImages,
                        testLabels));
        if (!classes.areNumbers()) {
            log.info(
                    "{}: its labels are {}; the dataset has one class for each of these {} values",
                    trainLabels.name(),
                    DatasetException.shortened(classes.values()),
                    classes.values().size());
        }
        if (transposed) {
            log.info("{}: EMNIST stores images transposed; they have been transposed back", data.location());
        }
        return data;
    }

    private String name() {
        if (!prefix.isEmpty()) {
            return prefix;
        }
        String name = FolderListing.nameOf(folder);
        return name.equals(DatasetFolder.RAW) && folder.getParent() != null
                ? FolderListing.nameOf(folder.getParent())
                : name;
    }

    private IdxFile read(Role role) throws DatasetException {
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

    /**
     * {@return a dataset of four files, which are checked to belong together}
     *
     * @param files one for each {@link Role}, in that order; labels are numbers of classes
     * @throws DatasetException if they disagree
     */
    static ImageDataset of(String name, String location, List<String> classNames, List<IdxFile> files)
            throws DatasetException {
        ImageSet train = imageSet(files.get(0), files.get(1), classNames);
        ImageSet test = imageSet(files.get(2), files.get(3), classNames);
        if (!train.shape().equals(test.shape())) {
            throw new DatasetException(files.get(2).name() + ": has images of " + test.height() + "×" + test.width()
                    + ", but the training images are " + train.height() + "×" + train.width()
                    + "; put files of one dataset together");
        }
        Map<String, String> sha256 = new TreeMap<>();
        for (IdxFile file : files) {
            sha256.put(Path.of(file.name()).getFileName().toString(), file.sha256());
        }
        return new ImageDataset(
                name, location, train, null, test, Collections.unmodifiableMap(sha256), Inversion.toBeLike(train));
    }

    /**
     * {@return images, {@code [N, H, W]} or {@code [N, C, H, W]}, with their labels}
     *
     * @throws DatasetException if they do not belong together
     */
    static ImageSet imageSet(IdxFile images, IdxFile labels, List<String> classNames) throws DatasetException {
        int n = images.shape()[0];
        if (labels.shape()[0] != n) {
            throw new DatasetException(labels.name() + ": has " + labels.shape()[0] + " labels for the " + n
                    + " images of " + images.name() + "; put files of one dataset together");
        }
        int[] classNumbers = new int[n];
        for (int i = 0; i < n; i++) {
            classNumbers[i] = labels.data()[i] & 0xff;
            if (classNumbers[i] >= classNames.size()) {
                throw new DatasetException(labels.name() + ": label " + i + " is " + classNumbers[i]
                        + ", but there are " + classNames.size() + " classes, numbered from 0");
            }
        }
        int[] shape = images.shape();
        int channels = shape.length == IdxFile.IMAGES_RANK ? 1 : shape[1];
        return new ImageSet(
                new ImageSet.Shape(channels, shape[shape.length - 2], shape[shape.length - 1]),
                images.data(),
                classNumbers,
                classNames);
    }
}
