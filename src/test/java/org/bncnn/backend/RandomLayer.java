package org.bncnn.backend;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A layer of a kind that oneDNN computes, its input, and how that lies in memory, all drawn from a seed. */
final class RandomLayer {
    private static final List<Activation> ACTIVATIONS = List.of(
            Activation.IDENTITY,
            Activation.RELU,
            Activation.LEAKYRELU,
            Activation.TANH,
            Activation.SIGMOID,
            Activation.SOFTPLUS,
            Activation.ELU);

    enum Kind {
        CONVOLUTION,
        POOLING,
        BATCH_NORMALIZATION,
        DENSE_BATCH_NORMALIZATION,
        RESPONSE_NORMALIZATION,
        DEPTHWISE_CONVOLUTION,
        SEPARABLE_CONVOLUTION,
        DECONVOLUTION,
        VOLUME_CONVOLUTION,
        VOLUME_POOLING,
        SERIES_CONVOLUTION,
        LSTM,
        ACTIVATION
    }

    private final Random random;
    private final boolean channelsLast;
    private final int channels;
    private final int[] size;
    private final Layer configuration;
    private final long[] shape;

    RandomLayer(Kind kind, long seed) {
        random = new Random(seed);
        channelsLast = random.nextInt(3) == 0;
        channels = between(2, 4);
        size = random.ints(axes(kind), 6, 9).toArray();
        configuration = configuration(kind);
        long[] positions = Arrays.stream(size).asLongStream().toArray();
        int examples = positions.length == 0 ? 6 : between(1, 4);
        shape = LongStream.concat(LongStream.of(examples), images(kind, positions))
                .toArray();
    }

    private static int axes(Kind kind) {
        return switch (kind) {
            case VOLUME_CONVOLUTION, VOLUME_POOLING -> 3;
            case SERIES_CONVOLUTION, LSTM -> 1;
            case DENSE_BATCH_NORMALIZATION, ACTIVATION -> 0;
            default -> 2;
        };
    }

    private LongStream images(Kind kind, long... positions) {
        LongStream here = LongStream.of(channels);
        LongStream there = Arrays.stream(positions);
        return isChannelsLast(kind) ? LongStream.concat(there, here) : LongStream.concat(here, there);
    }

    /** DL4J's layers for series and its response normalization fail with channels last. */
    private boolean isChannelsLast(Kind kind) {
        return channelsLast
                && kind != Kind.RESPONSE_NORMALIZATION
                && kind != Kind.SERIES_CONVOLUTION
                && kind != Kind.LSTM;
    }

    Layer configuration() {
        return configuration;
    }

    /** {@return normally distributed numbers in double, in the shape of the layer's input} */
    INDArray input() {
        return gaussian(shape);
    }

    INDArray gaussian(long... wanted) {
        double[] values = random.doubles(Arrays.stream(wanted).reduce(1, (a, b) -> a * b))
                .map(any -> random.nextGaussian())
                .toArray();
        return Nd4j.create(values, wanted, 'c');
    }

    /** {@return the same numbers, in 'c' or 'f' order, permuted, or as a view of a larger array} */
    INDArray laidOut(INDArray array) {
        return switch (random.nextInt(4)) {
            case 0 -> array.dup('c');
            case 1 -> array.dup('f');
            case 2 -> channelsMoved(array);
            default -> {
                long[] larger =
                        Arrays.stream(array.shape()).map(length -> length + 2).toArray();
                INDArray view = Nd4j.create(array.dataType(), larger)
                        .get(Arrays.stream(array.shape())
                                .mapToObj(length -> NDArrayIndex.interval(1, length + 1))
                                .toArray(INDArrayIndex[]::new));
                yield view.assign(array);
            }
        };
    }

    /** Channels are last in memory where the array has them first, or first where it has them last. */
    private static INDArray channelsMoved(INDArray array) {
        int rank = array.rank();
        int[] there = IntStream.range(0, rank)
                .map(axis -> axis == 0 ? 0 : axis == rank - 1 ? 1 : axis + 1)
                .toArray();
        int[] back = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            back[there[axis]] = axis;
        }
        return array.permute(there).dup('c').permute(back);
    }

    private Layer configuration(Kind kind) {
        ConvolutionMode mode = List.of(ConvolutionMode.Same, ConvolutionMode.Truncate, ConvolutionMode.Strict)
                .get(random.nextInt(3));
        CNN2DFormat format = channelsLast ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
        Convolution3D.DataFormat volumes =
                channelsLast ? Convolution3D.DataFormat.NDHWC : Convolution3D.DataFormat.NCDHW;
        int[] kernel = random.ints(size.length, 1, 4).toArray();
        int[] dilation = random.ints(size.length, 1, 3).toArray();
        int[] stride = new int[size.length];
        int[] padding = new int[size.length];
        for (int axis = 0; axis < size.length; axis++) {
            stride[axis] = mode == ConvolutionMode.Strict ? 1 : between(1, kernel[axis]);
            padding[axis] = mode == ConvolutionMode.Same ? 0 : between(0, kernel[axis] - 1);
        }
        Activation activation = ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size()));
        boolean bias = random.nextBoolean();
        PoolingType pooling = List.of(PoolingType.MAX, PoolingType.AVG, PoolingType.AVG, PoolingType.PNORM)
                .get(random.nextInt(4));
        return switch (kind) {
            case CONVOLUTION ->
                new ConvolutionLayer.Builder(kernel)
                        .stride(stride)
                        .padding(padding)
                        .dilation(dilation)
                        .convolutionMode(mode)
                        .dataFormat(format)
                        .nIn(channels)
                        .nOut(between(1, 5))
                        .hasBias(bias)
                        .activation(activation)
                        .build();
            case POOLING ->
                new SubsamplingLayer.Builder(pooling)
                        .kernelSize(kernel)
                        .stride(stride)
                        .padding(padding)
                        .dilation(dilation)
                        .convolutionMode(mode)
                        .dataFormat(format)
                        .pnorm(between(1, 3))
                        .avgPoolIncludePadInDivisor(random.nextBoolean())
                        .build();
            case BATCH_NORMALIZATION, DENSE_BATCH_NORMALIZATION ->
                // DL4J's layer fails with locked γ and β and channels last.
                new BatchNormalization.Builder(!channelsLast && random.nextInt(3) == 0)
                        .nIn(channels)
                        .nOut(channels)
                        .dataFormat(kind == Kind.BATCH_NORMALIZATION ? format : CNN2DFormat.NCHW)
                        .useLogStd(random.nextBoolean())
                        .decay(random.nextBoolean() ? 0.9 : 0.5)
                        .eps(1e-3)
                        .build();
            case RESPONSE_NORMALIZATION ->
                new LocalResponseNormalization.Builder()
                        .n(between(2, 3))
                        .alpha(0.1)
                        .build();
            case DEPTHWISE_CONVOLUTION ->
                new DepthwiseConvolution2D.Builder(kernel)
                        .depthMultiplier(2)
                        .stride(stride)
                        .padding(padding)
                        .convolutionMode(mode)
                        .dataFormat(format)
                        .nIn(channels)
                        .nOut(2L * channels)
                        .hasBias(bias)
                        .activation(activation)
                        .build();
            case SEPARABLE_CONVOLUTION ->
                new SeparableConvolution2D.Builder(kernel)
                        .stride(stride)
                        .padding(padding)
                        .convolutionMode(mode)
                        .dataFormat(format)
                        .nIn(channels)
                        .nOut(between(1, 5))
                        .hasBias(bias)
                        .activation(activation)
                        .build();
            case DECONVOLUTION ->
                new Deconvolution2D.Builder(kernel)
                        .stride(stride)
                        .convolutionMode(mode)
                        .dataFormat(format)
                        .nIn(channels)
                        .nOut(between(1, 5))
                        .hasBias(bias)
                        .activation(activation)
                        .build();
            case VOLUME_CONVOLUTION ->
                new Convolution3D.Builder(kernel)
                        .stride(stride)
                        .padding(padding)
                        .dilation(dilation)
                        .convolutionMode(mode)
                        .dataFormat(volumes)
                        .nIn(channels)
                        .nOut(between(1, 5))
                        .hasBias(bias)
                        .activation(activation)
                        .build();
            case VOLUME_POOLING ->
                new Subsampling3DLayer.Builder(pooling == PoolingType.PNORM ? PoolingType.MAX : pooling)
                        .kernelSize(kernel)
                        .stride(stride)
                        .padding(padding)
                        .dilation(dilation[0], dilation[1], dilation[2])
                        .convolutionMode(mode)
                        .dataFormat(volumes)
                        .build();
            case SERIES_CONVOLUTION ->
                new Convolution1DLayer.Builder(kernel[0])
                        .stride(stride[0])
                        .convolutionMode(random.nextBoolean() ? ConvolutionMode.Causal : ConvolutionMode.Same)
                        .nIn(channels)
                        .nOut(between(1, 5))
                        .hasBias(bias)
                        .activation(activation)
                        .build();
            case LSTM ->
                new LSTM.Builder()
                        .nIn(channels)
                        .nOut(between(1, 5))
                        .activation(Activation.TANH)
                        .build();
            case ACTIVATION -> new ActivationLayer(random.nextBoolean() ? Activation.SOFTMAX : activation);
        };
    }

    private int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }
}
