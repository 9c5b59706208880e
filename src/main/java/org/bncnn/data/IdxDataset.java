package org.bncnn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Four IDX files that belong together: images {@code [N, H, W]} and labels {@code [N]}, for training and for test. MNIST,
 * Fashion-MNIST, KMNIST and EMNIST are published this way; shape and number of classes come from the files.
 */
final class IdxDataset {
    static final int IMAGES_RANK = 3;
    static final int LABELS_RANK = 1;

    private static final Pattern FILE_NAME =
            Pattern.compile("(?i).*?(train|t10k|test)[-_.](images|labels)[-_.]idx[13][-_.]ubyte(\\.gz)?");

    private IdxDataset() {}

    /** {@return whether a folder holds a file named as one of the four} */
    static boolean isIn(Path folder) throws DatasetException {
        return list(folder).stream()
                .anyMatch(
                        file -> FILE_NAME.matcher(file.getFileName().toString()).matches());
    }

    /**
     * Reads the four files of a folder.
     *
     * @throws DatasetException if one is missing or there are several to choose from, if one is malformed, or if they disagree
     */
    static ImageDataset load(Path folder) throws DatasetException {
        Map<String, Path> files = new TreeMap<>();
        for (Path file : list(folder)) {
            Matcher name = FILE_NAME.matcher(file.getFileName().toString());
            if (name.matches()) {
                String role = (name.group(1).equalsIgnoreCase("train") ? "train " : "test ")
                        + name.group(2).toLowerCase(Locale.ROOT);
                Path other = files.put(role, file);
                if (other != null) {
                    throw new DatasetException(folder + ": both " + other.getFileName() + " and " + file.getFileName()
                            + " could be the " + role + "; keep one dataset in a folder");
                }
            }
        }
        for (String role : List.of("train images", "train labels", "test images", "test labels")) {
            if (!files.containsKey(role)) {
                throw new DatasetException(folder + ": has no file of " + role + ", such as "
                        + role.replace("test", "t10k").replace(' ', '-') + "-idx" + (role.endsWith("images") ? 3 : 1)
                        + "-ubyte.gz");
            }
        }
        IdxFile trainLabels = IdxFile.read(files.get("train labels"), LABELS_RANK);
        boolean fashion = trainLabels.sha256().equals(FashionMnist.TRAIN_LABELS.sha256());
        return assemble(
                fashion ? FashionMnist.NAME : folder.getFileName().toString(),
                folder.toString(),
                fashion ? FashionMnist.CLASS_NAMES : numbered(classesIn(trainLabels)),
                IdxFile.read(files.get("train images"), IMAGES_RANK),
                trainLabels,
                IdxFile.read(files.get("test images"), IMAGES_RANK),
                IdxFile.read(files.get("test labels"), LABELS_RANK));
    }

    /** Puts four files together, after checking that they belong together. */
    static ImageDataset assemble(
            String name,
            String location,
            List<String> classNames,
            IdxFile trainImages,
            IdxFile trainLabels,
            IdxFile testImages,
            IdxFile testLabels)
            throws DatasetException {
        ImageSet train = imageSet(trainImages, trainLabels, classNames);
        ImageSet test = imageSet(testImages, testLabels, classNames);
        if (train.height() != test.height() || train.width() != test.width()) {
            throw new DatasetException(testImages.name() + ": has images of " + test.height() + "×" + test.width()
                    + ", but the training images are " + train.height() + "×" + train.width()
                    + "; put files of one dataset together");
        }
        Map<String, String> sha256 = new TreeMap<>();
        for (IdxFile file : List.of(trainImages, trainLabels, testImages, testLabels)) {
            sha256.put(Path.of(file.name()).getFileName().toString(), file.sha256());
        }
        return new ImageDataset(name, location, train, test, sha256, Inversion.toBeLike(train));
    }

    /** {@return names for classes that have only numbers} */
    static List<String> numbered(int classes) {
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    private static int classesIn(IdxFile labels) {
        int classes = 0;
        for (byte label : labels.data()) {
            classes = Math.max(classes, (label & 0xff) + 1);
        }
        return classes;
    }

    /** Puts images, {@code [N, H, W]} or {@code [N, C, H, W]}, and labels together, after checking that they belong together. */
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
        int channels = shape.length == IMAGES_RANK ? 1 : shape[1];
        return new ImageSet(
                channels, shape[shape.length - 2], shape[shape.length - 1], images.data(), classNumbers, classNames);
    }

    private static List<Path> list(Path folder) throws DatasetException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new DatasetException(
                    folder + ": cannot be read as a folder (" + e + "); check --data and BNCNN_DATA", e);
        }
    }
}
