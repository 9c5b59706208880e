package org.bncnn.predict;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageFile;
import org.bncnn.data.ImagePreparation;
import org.bncnn.data.Inversion;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a model takes: image files become features as its training images did.
 *
 * <p>For a model that does not record which images are inverted, as earlier versions wrote them, those with a light border are, if it takes one
 * channel, and otherwise none.
 */
public final class ModelInput {
    private static final int GREY = 1;
    private static final int COLOUR = 3;

    private final ModelFile model;
    private final List<Integer> shape;
    private final Inversion inversion;

    private ModelInput(ModelFile model, List<Integer> shape, Inversion inversion) {
        this.model = model;
        this.shape = List.copyOf(shape);
        this.inversion = inversion;
    }

    /**
     * An image as a network takes it.
     *
     * @param features {@code [1, C, H, W]} float, or {@code [1, C·H·W]} for a network that begins with a dense layer; normalized
     * @param changes what was done to the image, in words; empty if nothing was
     */
    public record Features(INDArray features, List<String> changes) {
        public Features {
            changes = List.copyOf(changes);
        }
    }

    /**
     * {@return which images a model was trained to see inverted}; empty if it does not say
     *
     * @param file what messages call the model
     * @throws ModelFileException if its images were prepared in a way that this version does not know
     */
    public static Optional<Inversion> inversion(ModelFile model, Path file) throws ModelFileException {
        if (model.description() == null || model.description().preparation() == null) {
            return Optional.empty();
        }
        try {
            ImagePreparation preparation =
                    JsonFile.value(model.description().preparation(), ImagePreparation.class, file + ": preparation");
            if (preparation.known()) {
                return Optional.of(preparation.inverted());
            }
            throw unknown(file, null);
        } catch (ModelFileException e) {
            throw e;
        } catch (IOException e) {
            throw unknown(file, e);
        }
    }

    private static ModelFileException unknown(Path file, IOException cause) {
        return new ModelFileException(
                file + ": was trained on images prepared in a way that this version does not know; use a newer one",
                cause);
    }

    /**
     * {@return what a model takes}
     *
     * @param file what messages call the model
     * @param shape channels, height and width of its images, such as {@link ModelFile#inputShape()}
     * @param chosen which images are inverted; null for those that the model says
     * @throws ModelFileException if image files cannot be made into its images
     */
    public static ModelInput of(ModelFile model, Path file, List<Integer> shape, Inversion chosen)
            throws ModelFileException {
        int channels = shape.get(0);
        if (channels != GREY && channels != COLOUR) {
            throw new ModelFileException(
                    file + ": takes images of " + channels + " channels; image files have " + GREY + " or " + COLOUR,
                    null);
        }
        Inversion recorded = inversion(model, file).orElse(Inversion.unrecorded(channels));
        return new ModelInput(model, shape, chosen == null ? recorded : chosen);
    }

    /** {@return channels, height and width}, in words */
    public String size() {
        return shape.get(0) + "×" + shape.get(1) + "×" + shape.get(2);
    }

    /**
     * Reads an image file.
     *
     * @throws DatasetException if it cannot be read as an image
     * @throws IllegalArgumentException if the network takes vectors of another length
     */
    public Features read(Path image) throws DatasetException {
        int channels = shape.get(0);
        int height = shape.get(1);
        int width = shape.get(2);
        ImageFile read = ImageFile.read(image, channels, height, width, inversion);
        INDArray pixels = Nd4j.create(read.pixels(), new long[] {1, channels, height, width}, 'c');
        return new Features(model.features(pixels), read.changes());
    }
}
