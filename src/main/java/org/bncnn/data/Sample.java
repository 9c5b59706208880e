package org.bncnn.data;

import java.io.IOException;
import java.io.InputStream;

/**
 * The sample of Fashion-MNIST that ships with the program: 2,000 training and 1,000 test images, equally many of each class. It is
 * there for tests and for trying things; what is measured on it says little about the whole dataset.
 */
final class Sample {
    private Sample() {}

    static ImageDataset load() throws DatasetException {
        return IdxDataset.assemble(
                "a sample of " + FashionMnist.NAME,
                "this program",
                FashionMnist.CLASS_NAMES,
                read(FashionMnist.TRAIN_IMAGES),
                read(FashionMnist.TRAIN_LABELS),
                read(FashionMnist.TEST_IMAGES),
                read(FashionMnist.TEST_LABELS));
    }

    private static IdxFile read(FashionMnist.Part part) throws DatasetException {
        String resource = "sample/" + part.name();
        try (InputStream in = Sample.class.getResourceAsStream(resource)) {
            return IdxFile.parse(resource, in.readAllBytes(), part.rank());
        } catch (DatasetException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetException(
                    resource + ": cannot be read from the program's jar (" + e + "); build it again", e);
        }
    }
}
