package org.bncnn.store;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.guava.util.concurrent.Uninterruptibles;

/**
 * One example on its way through a network that is not trusted yet: first its shape after each layer, without computing
 * anything; then an inference on zeros, which shows whether the layers fit together.
 *
 * @param input the shape it begins with, {@code [C, H, W]} or {@code [C]}
 */
record TrialExample(InputType input) {
    /** 256 MiB of floats: the activations of two layers and the unrolled input of a convolution are there together. */
    private static final long MOST_VALUES = 1L << 26;

    /** A few seconds on a core. */
    private static final long MOST_MULTIPLICATIONS = 1L << 36;

    /**
     * {@return an example as a network takes it; empty if the file does not say}
     *
     * @param imageShape channels, height and width; null if they are not known
     */
    static Optional<TrialExample> of(MultiLayerConfiguration configuration, List<Integer> imageShape) {
        return Optional.ofNullable(input(configuration, imageShape)).map(TrialExample::new);
    }

    private static InputType input(MultiLayerConfiguration configuration, List<Integer> imageShape) {
        InputPreProcessor first = configuration.getInputPreProcess(0);
        Layer layer = configuration.getConf(0).getLayer();
        if (first instanceof FeedForwardToCnnPreProcessor images) {
            return InputType.feedForward(images.getInputHeight() * images.getInputWidth() * images.getNumChannels());
        }
        if (imageShape != null) {
            CNN2DFormat format = ConvolutionUtils.layerHasConvolutionLayout(layer)
                    ? ConvolutionUtils.getFormatForLayer(layer)
                    : CNN2DFormat.NCHW;
            return InputType.convolutional(imageShape.get(1), imageShape.get(2), imageShape.get(0), format);
        }
        if (first instanceof CnnToFeedForwardPreProcessor images
                && images.getFormat() == CNN2DFormat.NCHW
                && images.getInputHeight() > 0) {
            return InputType.convolutional(images.getInputHeight(), images.getInputWidth(), images.getNumChannels());
        }
        boolean takesVectors = layer.getClass() == DenseLayer.class || layer.getClass() == OutputLayer.class;
        return first == null && takesVectors ? InputType.feedForward(((FeedForwardLayer) layer).getNIn()) : null;
    }

    /** @throws IOException if a layer does not fit the one before, or an example needs too much memory or time */
    void checkSizes(MultiLayerConfiguration configuration) throws IOException {
        MultiLayerConfiguration copy = configuration.clone(); // DL4J's layers may note what they are asked about
        InputType type = input;
        long values = count("its input", type);
        long multiplications = 0;
        for (int i = 0; i < copy.getConfs().size(); i++) {
            Layer layer = copy.getConf(i).getLayer();
            String label = "layer " + i + " (" + layer.getLayerName() + ", "
                    + layer.getClass().getSimpleName() + ")";
            try {
                InputPreProcessor preprocessor = copy.getInputPreProcess(i);
                type = layer.getOutputType(i, preprocessor == null ? type : preprocessor.getOutputType(type));
            } catch (RuntimeException e) {
                throw new IOException(label + " cannot follow the one before: " + ModelFileException.reason(e), e);
            }
            values += count(label, type);
            multiplications += Math.multiplyExact(layer.initializer().numParams(copy.getConf(i)), positions(type));
            if (values + unrolled(layer, type) > MOST_VALUES) {
                throw new IOException(label + ": one example takes more than " + MOST_VALUES + " values up to it");
            }
            if (multiplications > MOST_MULTIPLICATIONS) {
                throw new IOException(
                        label + ": one example takes more than " + MOST_MULTIPLICATIONS + " multiplications up to it");
            }
        }
    }

    private static long count(String label, InputType type) throws IOException {
        double values = 1;
        for (long size : type.getShape(false)) {
            if (size < 1) {
                throw new IOException(label + " gives an array of shape " + Arrays.toString(type.getShape(false))
                        + " for an example");
            }
            values *= size;
        }
        if (values > MOST_VALUES) {
            throw new IOException(label + ": one example takes more than " + MOST_VALUES + " values");
        }
        return (long) values;
    }

    /** {@return how often an example uses a layer's parameters} */
    private static long positions(InputType type) {
        if (type instanceof InputType.InputTypeConvolutional images) {
            return images.getHeight() * images.getWidth();
        }
        if (type instanceof InputType.InputTypeConvolutional3D volumes) {
            return volumes.getDepth() * volumes.getHeight() * volumes.getWidth();
        }
        return type instanceof InputType.InputTypeRecurrent series ? series.getTimeSeriesLength() : 1;
    }

    /** {@return the number of values of a convolution's input when each position of the kernel has its own} */
    private static long unrolled(Layer layer, InputType type) {
        if (!(layer instanceof ConvolutionLayer convolution)) {
            return 0;
        }
        double window =
                Arrays.stream(convolution.getKernelSize()).asDoubleStream().reduce(1, (a, b) -> a * b);
        return (long) Math.min(Long.MAX_VALUE / 4, window * convolution.getNIn() * positions(type));
    }

    /**
     * Runs the network on the example. That leaves no trace: a thread of its own has its own random generator and
     * workspaces in ND4J.
     *
     * @throws IOException if the network fails; the message says why
     */
    void run(MultiLayerNetwork network) throws IOException {
        FutureTask<Void> trial = new FutureTask<>(() -> infer(network), null);
        new Thread(trial, "trial of a model").start();
        try {
            Uninterruptibles.getUninterruptibly(trial); // native code cannot be interrupted, and takes milliseconds
        } catch (ExecutionException e) {
            throw new IOException("it fails on an example: " + ModelFileException.reason(e.getCause()), e.getCause());
        }
    }

    private void infer(MultiLayerNetwork network) {
        long[] batchOfOne = input.getShape(true);
        batchOfOne[0] = 1;
        try {
            INDArray output = network.output(
                    Nd4j.zeros(network.getLayerWiseConfigurations().getDataType(), batchOfOne));
            if (output.size(0) != 1) {
                throw new IllegalStateException("it gives " + output.size(0) + " results for 1");
            }
        } finally {
            network.clear();
        }
    }
}
