package org.bncnn.export.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small network whose layers, sizes and parameters are all drawn from a seed; nothing of it is what it would be by
 * default.
 */
final class RandomNetwork {
    private static final List<Activation> ACTIVATIONS = List.of(
            Activation.IDENTITY,
            Activation.RELU,
            Activation.LEAKYRELU,
            Activation.TANH,
            Activation.ELU,
            Activation.HARDSIGMOID,
            Activation.SOFTPLUS,
            Activation.SWISH,
            Activation.RELU6);

    private final Random random;
    private final List<Layer> layers = new ArrayList<>();
    private final int channels;
    private final int[] image;

    /** Height and width of what the layers so far give. */
    private final int[] size;

    private final MultiLayerNetwork network;

    RandomNetwork(long seed) {
        random = new Random(seed);
        channels = between(1, 3);
        image = new int[] {between(5, 11), between(5, 11)};
        size = image.clone();
        int count = between(1, 5);
        for (int i = 0; i < count; i++) {
            // An activation or dropout as the first layer gives DL4J's second one an array that it refuses.
            layers.add(imageLayer(i == 0 ? 4 : 6));
        }
        if (random.nextInt(3) == 0) {
            layers.add(new GlobalPoolingLayer.Builder(poolingType())
                    .collapseDimensions(random.nextBoolean())
                    .build());
        }
        if (random.nextBoolean()) {
            layers.add(new DenseLayer.Builder()
                    .nOut(between(2, 9))
                    .hasBias(random.nextBoolean())
                    .activation(activation())
                    .build());
            layers.add(batchNorm());
        }
        boolean loss = random.nextInt(3) == 0;
        layers.add(new OutputLayer.Builder(LossFunction.MSE)
                .nOut(between(2, 5))
                .hasBias(random.nextBoolean())
                .activation(activation())
                .build());
        if (loss) {
            OutputLayer last = (OutputLayer) layers.remove(layers.size() - 1);
            layers.add(new DenseLayer.Builder().nOut(last.getNOut()).build());
            layers.add(new LossLayer.Builder(LossFunction.MSE)
                    .activation(activation())
                    .build());
        }
        network = build();
    }

    MultiLayerNetwork network() {
        return network;
    }

    List<Integer> inputShape() {
        return List.of(channels, image[0], image[1]);
    }

    /** {@return random images} */
    INDArray input(int examples) {
        return gaussian((long) examples * channels * image[0] * image[1])
                .reshape(examples, channels, image[0], image[1]);
    }

    private MultiLayerNetwork build() {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .list();
        layers.forEach(list::layer);
        MultiLayerNetwork made =
                new MultiLayerNetwork(list.setInputType(InputType.convolutional(image[0], image[1], channels))
                        .build());
        made.init();
        for (int layer = 0; layer < made.getnLayers(); layer++) {
            made.getLayer(layer).paramTable().forEach(this::draw);
        }
        return made;
    }

    /** Running variances and γ around 1, all else around 0, and none of them like another. */
    private void draw(String name, INDArray parameter) {
        INDArray values = gaussian(parameter.length()).reshape(parameter.shape());
        switch (name) {
            case "W" ->
                values.divi(Math.sqrt(parameter.length() / (double) parameter.size(parameter.rank() == 4 ? 0 : 1)));
            case "var" -> values = Nd4j.math().abs(values).addi(0.2);
            case "gamma" -> values.muli(0.3).addi(1);
            default -> values.muli(0.3);
        }
        parameter.assign(values);
    }

    private INDArray gaussian(long length) {
        float[] values = new float[(int) length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Nd4j.createFromArray(values);
    }

    private Layer imageLayer(int kinds) {
        return switch (random.nextInt(kinds)) {
            case 0, 1 -> convolution();
            case 2 -> pooling();
            case 3 -> batchNorm();
            case 4 -> new ActivationLayer(activation());
            default -> new DropoutLayer(0.5);
        };
    }

    private Layer convolution() {
        Sliding sliding = new Sliding(random.nextInt(3), 2);
        return new ConvolutionLayer.Builder(sliding.kernel)
                .stride(sliding.stride)
                .padding(sliding.padding)
                .dilation(sliding.dilation)
                .convolutionMode(sliding.mode)
                .nOut(between(1, 5))
                .hasBias(random.nextBoolean())
                .activation(activation())
                .build();
    }

    private Layer pooling() {
        PoolingType type = poolingType();
        Sliding sliding = new Sliding(random.nextInt(3), 1);
        return new SubsamplingLayer.Builder(type)
                .kernelSize(sliding.kernel)
                .stride(sliding.stride)
                .padding(sliding.padding)
                .convolutionMode(sliding.mode)
                .avgPoolIncludePadInDivisor(random.nextBoolean())
                .build();
    }

    private Layer batchNorm() {
        boolean locked = random.nextInt(4) == 0;
        boolean logStd = random.nextBoolean();
        double eps = random.nextBoolean() ? 1e-5 : 0.1;
        if (random.nextBoolean()) {
            return new BatchNormalization.Builder(locked)
                    .gamma(locked ? 1.5 : 1)
                    .beta(locked ? -0.5 : 0)
                    .useLogStd(logStd)
                    .eps(eps)
                    .activation(activation()) // which it ignores
                    .build();
        }
        return new BatchNorm.Builder()
                .lockGammaBeta(locked)
                .gamma(locked ? 1.5 : 1)
                .beta(locked ? -0.5 : 0)
                .useLogStd(logStd)
                .eps(eps)
                .activation(activation())
                .build();
    }

    private PoolingType poolingType() {
        return random.nextBoolean() ? PoolingType.MAX : PoolingType.AVG;
    }

    private Activation activation() {
        return ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size()));
    }

    private int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    /** A kernel that fits what the layers so far give; it changes {@link #size} to what it gives. */
    private final class Sliding {
        private final int[] kernel = new int[2];
        private final int[] stride = new int[2];
        private final int[] padding = new int[2];
        private final int[] dilation = new int[2];
        private final ConvolutionMode mode;

        Sliding(int which, int largestDilation) {
            boolean fits = true;
            for (int axis = 0; axis < 2; axis++) {
                kernel[axis] = between(1, Math.min(4, size[axis]));
                boolean dilates = (kernel[axis] - 1) * largestDilation < size[axis];
                dilation[axis] = dilates ? between(1, largestDilation) : 1;
                stride[axis] = between(1, kernel[axis]);
                padding[axis] = which == 0 ? 0 : between(0, kernel[axis] - 1);
                fits &= slack(axis) % stride[axis] == 0;
            }
            mode = which == 0 ? ConvolutionMode.Same : fits ? ConvolutionMode.Strict : ConvolutionMode.Truncate;
            for (int axis = 0; axis < 2; axis++) {
                size[axis] =
                        which == 0 ? (size[axis] + stride[axis] - 1) / stride[axis] : slack(axis) / stride[axis] + 1;
            }
        }

        private int slack(int axis) {
            return size[axis] + 2 * padding[axis] - (kernel[axis] - 1) * dilation[axis] - 1;
        }
    }
}
