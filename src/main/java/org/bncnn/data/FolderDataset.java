package org.bncnn.data;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.data.ClassFolders.Labelled;
import org.bncnn.data.ImageSet.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dataset of image files in folders, one for each class.
 *
 * <p>Where sub-folders are named after sets ({@link Subset}), each holds one sub-folder for each class; without a test
 * set, the validation set takes its place. Otherwise the sub-folders are the classes, and every sixth image of a class,
 * in the order of their names, is held out as the test set.
 *
 * <p>Size and number of channels (1 or 3) are those of the first training image, and the others are scaled to it, as
 * {@link PreparedImage} does; colours are in the order blue, green, red. No image is inverted.
 *
 * @param folder that holds them
 * @param classNames at least two, in the order of their numbers
 * @param train images to train on, at least one of each class
 * @param validation images to validate on; empty if there is no such set beside the test set
 * @param test images to measure on, at least one
 */
record FolderDataset(
        Path folder, List<String> classNames, List<Labelled> train, List<Labelled> validation, List<Labelled> test)
        implements DatasetFolder.Content {
    private static final Logger log = LoggerFactory.getLogger(FolderDataset.class);
    private static final int HELD_OUT = 6;

    /** The sets that a folder may be divided into, known by the usual names of their folders, in any capitals. */
    enum Subset {
        TRAIN("train(ing)?"),
        VALIDATION("val(id(ation)?)?"),
        TEST("test(ing)?");

        private final Pattern names;

        Subset(String names) {
            this.names = Pattern.compile("(?i)" + names + "([-_ ]?set)?");
        }

        /** {@return the set that a folder is named after}; empty if it has another name */
        static Optional<Subset> of(Path folder) {
            String name = FolderListing.nameOf(folder);
            return Stream.of(values())
                    .filter(set -> set.names.matcher(name).matches())
                    .findFirst();
        }
    }

    /**
     * {@return the dataset in a folder}
     *
     * @throws DatasetException if the images are not in folders of their classes, if there are fewer than two classes
     *     or one without training images, if a set is missing or empty, or if what is named as an image is not a file
     */
    static FolderDataset in(Path folder) throws DatasetException {
        List<Path> subs = FolderListing.folders(folder);
        Map<Subset, Path> sets = sets(subs);
        boolean inSets = sets.size() == subs.size()
                || sets.containsKey(Subset.TRAIN)
                        && !FolderListing.folders(sets.get(Subset.TRAIN)).isEmpty();
        return inSets && !subs.isEmpty() ? inSets(folder, subs, sets) : inOneSet(folder);
    }

    private static Map<Subset, Path> sets(List<Path> subs) throws DatasetException {
        Map<Subset, Path> sets = new EnumMap<>(Subset.class);
        for (Path sub : subs) {
            Subset set = Subset.of(sub).orElse(null);
            Path other = set == null ? null : sets.put(set, sub);
            if (other != null) {
                throw new DatasetException(other + ": is the same set of images as " + sub.getFileName()
                        + ", by its name; keep one of them");
            }
        }
        return sets;
    }

    private static FolderDataset inOneSet(Path folder) throws DatasetException {
        ClassFolders classes = classes(folder);
        List<Labelled> train = new ArrayList<>();
        List<Labelled> test = new ArrayList<>();
        int sameClass = 0;
        int previous = -1;
        for (Labelled image : trainImages(classes)) {
            sameClass = image.label() == previous ? sameClass + 1 : 1;
            previous = image.label();
            (sameClass % HELD_OUT == 0 ? test : train).add(image);
        }
        if (test.isEmpty()) {
            throw new DatasetException(folder + ": has no class of " + HELD_OUT
                    + " images, so none can be held out for test; add images, or make folders train and test");
        }
        return new FolderDataset(folder, classes.names(), train, List.of(), test);
    }

    private static FolderDataset inSets(Path folder, List<Path> subs, Map<Subset, Path> sets) throws DatasetException {
        Path train = sets.get(Subset.TRAIN);
        Path validation = sets.get(Subset.VALIDATION);
        Path test = sets.get(Subset.TEST);
        if (train == null) {
            throw new DatasetException(folder + ": has a folder "
                    + DatasetException.shortened(
                            subs.stream().map(Path::getFileName).toList()) + " but no folder train; add it");
        }
        if (validation == null && test == null) {
            throw new DatasetException(folder + ": has a folder " + train.getFileName()
                    + " but neither test nor val; add one, or pass --data " + train
                    + " to hold out every sixth image for test");
        }
        ClassFolders classes = classes(FolderListing.wrapped(train).orElse(train));
        List<String> names = classes.names();
        List<Labelled> trainImages = trainImages(classes);
        List<Labelled> validationImages = validation == null
                ? List.of()
                : heldOutImages(FolderListing.wrapped(validation).orElse(validation), names);
        List<Labelled> testImages = test == null
                ? validationImages
                : heldOutImages(FolderListing.wrapped(test).orElse(test), names);
        for (Path sub : subs) {
            if (!sets.containsValue(sub) && FolderListing.holdsImages(sub)) {
                log.warn("{}: its images are not used; only folders named train, val and test are", sub);
            }
        }
        if (test == null) {
            log.info("{}: is used as the test set, because there is no folder test", validation);
        }
        return new FolderDataset(folder, names, trainImages, test == null ? List.of() : validationImages, testImages);
    }

    private static ClassFolders classes(Path folder) throws DatasetException {
        ClassFolders classes = ClassFolders.in(folder);
        if (classes.names().isEmpty()) {
            throw new DatasetException(
                    folder + ": holds neither IDX files (such as train-images-idx3-ubyte.gz) nor a sub-folder of"
                            + " images for each of at least two classes; check --data and BNCNN_DATA");
        }
        if (classes.names().size() == 1) {
            throw new DatasetException(
                    folder + ": has a single class, " + classes.names().get(0) + "; add a folder for each other class");
        }
        return classes;
    }

    private static List<Labelled> trainImages(ClassFolders classes) throws DatasetException {
        List<Labelled> images = classes.images(classes.names());
        List<String> empty = classes.without(images);
        if (!empty.isEmpty()) {
            throw new DatasetException(classes.folder() + ": holds no image (" + ImageFormat.ALL + ") of class "
                    + DatasetException.shortened(empty) + "; add images, or delete the folder of such a class");
        }
        return images;
    }

    private static List<Labelled> heldOutImages(Path folder, List<String> classNames) throws DatasetException {
        ClassFolders classes = ClassFolders.in(folder);
        List<String> unknown = new ArrayList<>(classes.names());
        unknown.removeAll(classNames);
        if (!unknown.isEmpty()) {
            throw new DatasetException(folder + ": has classes that the training images do not have ("
                    + DatasetException.shortened(unknown) + "); they have " + DatasetException.shortened(classNames));
        }
        List<Labelled> images = classes.images(classNames);
        if (images.isEmpty()) {
            throw new DatasetException(folder + ": holds no image (" + ImageFormat.ALL
                    + ") in a class folder; add images, or remove " + folder.getFileName());
        }
        List<String> missing = new ArrayList<>(classNames);
        missing.removeAll(classes.names());
        missing.addAll(classes.without(images));
        if (!missing.isEmpty()) {
            log.warn(
                    "{}: holds no image of class {}",
                    folder,
                    DatasetException.shortened(missing.stream().sorted().toList()));
        }
        return images;
    }

    @Override
    public ImageDataset read() throws DatasetException {
        Shape shape = PreparedImage.shapeOf(train.get(0).file());
        Map<String, String> sha256 = new TreeMap<>();
        return new ImageDataset(
                FolderListing.nameOf(folder),
                folder.toString(),
                read(train, shape, "train", sha256),
                validation.isEmpty() ? null : read(validation, shape, "validation", sha256),
                read(test, shape, "test", sha256),
                Collections.unmodifiableMap(sha256),
                Inversion.NEVER);
    }

    private ImageSet read(List<Labelled> images, Shape shape, String set, Map<String, String> sha256)
            throws DatasetException {
        long length = (long) images.size() * shape.length();
        if (length > Math.min(IdxFile.MAX_ARRAY, Runtime.getRuntime().maxMemory())) {
            throw new DatasetException("the " + set + " images take " + (length >> 20)
                    + " MiB, more than can be kept in memory; make them smaller, or give Java more with -Xmx");
        }
        byte[] pixels = new byte[(int) length];
        int[] labels = new int[images.size()];
        MessageDigest digest = DigestUtils.getSha256Digest();
        for (int i = 0; i < labels.length; i++) {
            Path file = images.get(i).file();
            labels[i] = images.get(i).label();
            byte[] content = PreparedImage.contentOf(file);
            digest.update(content);
            byte[] image = PreparedImage.of(file, content, shape).pixels();
            System.arraycopy(image, 0, pixels, i * image.length, image.length);
        }
        sha256.put(set, Hex.encodeHexString(digest.digest()));
        return new ImageSet(shape, pixels, labels, classNames);
    }
}
