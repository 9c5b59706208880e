package org.bncnn.predict;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bncnn.array.Floats;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImagePreparation;
import org.bncnn.data.ImageSet.Shape;
import org.bncnn.data.Inversion;
import org.bncnn.data.PreparedImage;
import org.bncnn.engine.Engine;
import org.bncnn.eval.ClassProbability;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.deeplearning4j.exception.DL4JException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Classifies images with the network of a model file.
 *
 * <pre>{@code
 * Backend.start();
 * try (Classifier classifier = Classifier.load(Path.of("models/best.zip"))) {
 *     ClassProbability best = classifier.classify(Path.of("shirt.png")).best();
 *     System.out.println(best.name() + " " + best.probability());
 * }
 * }</pre>
 *
 * <p>Images may be files, images in memory or arrays of pixels. {@link PreparedImage} makes them what the training
 * images were, and the same pixels get the same probabilities, whichever way they come. In a batch, the last digits may
 * differ from those of single images.
 *
 * <p>Any number of threads may call it: they prepare images at the same time, and take turns on the network.
 */
public final class Classifier implements AutoCloseable {
    private final ModelFile model;
    private final Shape shape;
    private final Inversion inversion;
    private final MultiLayerNetwork network;
    private final List<String> classNames;
    private boolean closed;

    /**
     * Choices that the model file makes otherwise.
     *
     * @param inputShape channels, height and width of the images; null if the file says
     * @param inversion which images are inverted; null if the file says. A file that does not say, as earlier versions
     *     wrote them, inverts grey images with a light border.
     * @param engine that runs the network
     */
    public record Options(List<Integer> inputShape, Inversion inversion, Engine engine) {
        /** The choices of the model file, on oneDNN where it can run the network. */
        public static final Options DEFAULT = new Options(null, null, Engine.ONEDNN);

        /**
         * Checks the shape.
         *
         * @param inputShape channels, height and width of the images; null if the file says
         * @param inversion of images; null if the file says
         * @param engine that runs the network
         */
        public Options {
            if (inputShape != null
                    && (inputShape.size() != 3
                            || inputShape.stream()
                                    .anyMatch(size -> size < 1 || size > ModelDescription.LARGEST_SIZE))) {
                throw new IllegalArgumentException("input shape must be channels, height and width, each 1 to "
                        + ModelDescription.LARGEST_SIZE + ", not " + inputShape);
            }
        }
    }

    private Classifier(ModelFile model, Path file, Shape shape, Inversion inversion, Engine engine)
            throws ModelFileException {
        this.model = model;
        this.shape = shape;
        this.inversion = inversion;
        this.network = engine.apply(model.network());
        long[] output = outputShape(file);
        long classes = output[output.length - 1];
        this.classNames = model.description() == null
                ? LongStream.range(0, classes).mapToObj(i -> "class " + i).toList()
                : model.description().classNames();
        if (output.length != 2 || classNames.size() != classes) {
            throw new ModelFileException(
                    file + ": gives an output of shape " + Arrays.toString(output)
                            + ", not a probability for each of its classes",
                    null);
        }
    }

    /** {@return the shape of the output for one image} */
    private long[] outputShape(Path file) throws ModelFileException {
        try {
            return output(new float[shape.length()]).shape();
        } catch (IllegalArgumentException | IllegalStateException | DL4JException e) {
            throw new ModelFileException(file + ": does not take images of " + shape + " (" + e.getMessage() + ")", e);
        } catch (ArithmeticException | OutOfMemoryError e) {
            throw new ModelFileException(file + ": images of " + shape + " do not fit into memory", e);
        }
    }

    /**
     * {@return the classifier of a model file, which is checked as {@link ModelFile#load} does}
     *
     * @param file to read
     * @throws ModelFileException if the file cannot be read, or is not a model that classifies images
     */
    public static Classifier load(Path file) throws ModelFileException {
        return of(ModelFile.load(file), file, Options.DEFAULT);
    }

    /**
     * {@return the classifier of a model that is loaded already, and stays as it is}
     *
     * @param model to classify with
     * @param file name of the model in messages
     * @param options to use
     * @throws ModelFileException if the model does not classify images, does not say how large they are, or was trained
     *     on images prepared in a way that this version does not know
     */
    public static Classifier of(ModelFile model, Path file, Options options) throws ModelFileException {
        List<Integer> sizes = Optional.ofNullable(options.inputShape())
                .or(model::inputShape)
                .orElseThrow(() -> new ModelFileException(
                        file + ": does not say how large its images are; name it (--input-shape), such as 1,28,28 for"
                                + " channels, height and width",
                        null));
        Shape shape = new Shape(sizes.get(0), sizes.get(1), sizes.get(2));
        if (shape.channels() != 1 && shape.channels() != 3) {
            throw new ModelFileException(
                    file + ": takes images of " + shape.channels() + " channels; image files have 1 or 3", null);
        }
        Inversion recorded = inversion(model, file).orElse(Inversion.unrecorded(shape.channels()));
        return new Classifier(
                model, file, shape, options.inversion() == null ? recorded : options.inversion(), options.engine());
    }

    /**
     * {@return which images a model was trained to see inverted}; empty if it does not say
     *
     * @param model to ask
     * @param file name of the model in messages
     * @throws ModelFileException if its images were prepared in a way that this version does not know
     */
    public static Optional<Inversion> inversion(ModelFile model, Path file) throws ModelFileException {
        if (model.description() == null || model.description().preparation() == null) {
            return Optional.empty();
        }
        IOException cause = null;
        try {
            ImagePreparation preparation =
                    JsonFile.value(model.description().preparation(), ImagePreparation.class, file + ": preparation");
            if (preparation.known()) {
                return Optional.of(preparation.inverted());
            }
        } catch (IOException e) {
            cause = e;
        }
        throw new ModelFileException(
                file + ": was trained on images prepared in a way that this version does not know; use a newer one",
                cause);
    }

    /**
     * {@return the names of the classes, in the order of the network's outputs}; {@code class 0} and so on if the model
     * has none
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * {@return the classes of an image file}
     *
     * @param image PNG, JPEG, GIF or BMP, of any size and colour
     * @throws DatasetException if it cannot be read as an image
     */
    public Prediction classify(Path image) throws DatasetException {
        return classify(List.of(image)).get(0);
    }

    /**
     * {@return the classes of each of several image files, from one pass of the network} All of them are in memory at
     * once.
     *
     * @param images PNG, JPEG, GIF or BMP, of any size and colour
     * @throws DatasetException if one cannot be read as an image
     */
    public List<Prediction> classify(List<Path> images) throws DatasetException {
        List<PreparedImage> prepared = new ArrayList<>();
        for (Path image : images) {
            prepared.add(PreparedImage.of(image, shape, inversion));
        }
        return predictions(prepared);
    }

    /**
     * {@return the classes of an image in memory}
     *
     * @param image of any size and colour
     */
    public Prediction classify(BufferedImage image) {
        return predictions(List.of(PreparedImage.of(image, shape, inversion))).get(0);
    }

    /**
     * {@return the classes of each of several arrays of pixels, from one pass of the network}
     *
     * @param pixels {@code [N, C, H, W]} of any data type, whole numbers 0 to 255, in the model's shape; one channel is
     *     grey, three are blue, green and red. They are neither normalized nor inverted yet, and stay as they are.
     * @throws IllegalArgumentException if they have another shape or other values
     */
    public List<Prediction> classify(INDArray pixels) {
        if (!Arrays.equals(pixels.shape(), sizes(pixels.size(0)))) {
            throw new IllegalArgumentException(
                    "pixels must be N images of " + shape + ", not " + Arrays.toString(pixels.shape()));
        }
        float[] values = Floats.copyOf(pixels);
        List<PreparedImage> prepared = new ArrayList<>();
        for (int first = 0; first < values.length; first += shape.length()) {
            byte[] image = new byte[shape.length()];
            for (int i = 0; i < image.length; i++) {
                float value = values[first + i];
                image[i] = (byte) value;
                if ((image[i] & 0xff) != value) {
                    throw new IllegalArgumentException("pixels must be whole numbers 0 to 255, not " + value
                            + "; the classifier normalizes them itself");
                }
            }
            prepared.add(new PreparedImage(image, List.of()).inverted(shape, inversion));
        }
        return predictions(prepared);
    }

    private List<Prediction> predictions(List<PreparedImage> images) {
        if (images.isEmpty()) {
            return List.of();
        }
        float[] pixels = new float[Math.multiplyExact(images.size(), shape.length())];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = images.get(i / shape.length()).pixels()[i % shape.length()] & 0xff;
        }
        INDArray probabilities = output(pixels);
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            float[] ofImage = Floats.copyOf(probabilities.getRow(i));
            predictions.add(new Prediction(
                    ClassProbability.top(ofImage, classNames, classNames.size()),
                    images.get(i).changes()));
        }
        return predictions;
    }

    private INDArray output(float[] pixels) {
        synchronized (network) {
            if (closed) {
                throw new IllegalStateException("the classifier is closed");
            }
            return network.output(model.features(Nd4j.create(pixels, sizes(pixels.length / shape.length()), 'c')));
        }
    }

    private long[] sizes(long images) {
        return new long[] {images, shape.channels(), shape.height(), shape.width()};
    }

    /** Frees the memory of the network that it runs, unless that is the model's own. */
    @Override
    public void close() {
        synchronized (network) {
            if (!closed && network != model.network()) {
                network.close();
            }
            closed = true;
        }
    }
}
