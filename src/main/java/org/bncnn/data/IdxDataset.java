package org.bncnn.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bncnn.data.IdxFiles.Role;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Four IDX files that belong together: images {@code [N, H, W]} and labels {@code [N]}, for training and for test. MNIST,
 * Fashion-MNIST, KMNIST and EMNIST are published this way; shape and number of classes come from the files.
 */
final class IdxDataset {
    static final int IMAGES_RANK = 3;
    static final int LABELS_RANK = 1;

    private static final Logger log = LoggerFactory.getLogger(IdxDataset.class);

    /** Only EMNIST stores images column by column; its files are known by their names. */
    private static final Pattern TRANSPOSED = Pattern.compile("(?i)emnist.*");

    private IdxDataset() {}

    /**
     * Reads four files.
     *
     * @throws DatasetException if one is malformed, or they disagree
     */
    static ImageDataset load(IdxFiles files) throws DatasetException {
        IdxFile trainLabels = files.read(Role.TRAIN_LABELS);
        boolean fashion = trainLabels.sha256().equals(FashionMnist.TRAIN_LABELS.sha256());
        IdxClasses classes = IdxClasses.of(trainLabels, files.folder().resolve(files.prefix() + "-mapping.txt"));
        IdxFile testLabels = classes.numbered(files.read(Role.TEST_LABELS));
        IdxFile trainImages = files.read(Role.TRAIN_IMAGES);
        IdxFile testImages = files.read(Role.TEST_IMAGES);
        boolean transposed = TRANSPOSED.matcher(files.prefix()).matches();
        ImageDataset data = assemble(
                fashion ? FashionMnist.NAME : files.name(),
                files.folder().toString(),
                fashion ? FashionMnist.CLASS_NAMES : classes.names(),
                transposed ? trainImages.transposed() : trainImages,
                classes.numbered(trainLabels),
                transposed ? testImages.transposed() : testImages,
                testLabels);
        if (!classes.areNumbers()) {
            log.info(
                    "{}: its labels are {}; the dataset has one class for each of these {} values",
                    trainLabels.name(),
                    ShortList.of(classes.values()),
                    classes.values().size());
        }
        if (transposed) {
            log.info("{}: EMNIST stores images transposed; they have been transposed back", data.location());
        }
        return data;
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
        return new ImageDataset(name, location, train, null, test, sha256, Inversion.toBeLike(train));
    }

    /** {@return names for classes that have only numbers} */
    static List<String> numbered(int classes) {
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
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
}
