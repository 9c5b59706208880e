package org.bncnn.engine;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.bncnn.engine.ParameterMemory.Slice;
import org.bncnn.norm.BatchNorm;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
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
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;

/** Makes the {@link Plan} of a network for one shape of input: walks through its layers and finds a {@link Stage} for each. */
final class Compiler {
    private static final String WEIGHTS = DefaultParamInitializer.WEIGHT_KEY;
    private static final String BIAS = DefaultParamInitializer.BIAS_KEY;

    private static final IActivation IDENTITY = new ActivationIdentity();

    private final MultiLayerNetwork network;
    private final Predicate<Layer> asIsland;
    private final boolean training;
    private final Assembly assembly;
    private final Islands islands;
    private final Pipeline pipeline;

    /** The layer that is being compiled; layers that became part of an earlier one are skipped. */
    private int index;

    private Compiler(
            MultiLayerNetwork network,
            Predicate<Layer> asIsland,
            boolean training,
            Natives natives,
            long... inputShape) {
        this.network = network;
        this.asIsland = asIsland;
        this.training = training;
        assembly = Assembly.of(
                natives, training, new ParameterMemory(network, training ? network.getGradientsViewArray() : null));
        islands = new Islands(network);
        pipeline = new Pipeline(network, assembly, inputShape);
    }

    /**
     * {@return a plan}
     *
     * @param asIsland tells of a layer whether it is to run its own code
     * @param training whether for training; else for inference
     * @param inputShape {@code [N, …]}
     * @throws NotCompilableException if there can be none
     */
    static Plan compile(MultiLayerNetwork network, Predicate<Layer> asIsland, boolean training, long... inputShape)
            throws NotCompilableException {
        Natives natives = new Natives();
        Plan plan = null;
        try {
            plan = new Compiler(network, asIsland, training, natives, inputShape).plan();
            return plan;
        } catch (RuntimeException e) {
            throw new NotCompilableException(e.getMessage(), e);
        } finally {
            if (plan == null) {
                natives.close();
            }
        }
    }

    private Plan plan() throws NotCompilableException {
        checkNetwork();
        Loss loss = null;
        for (index = 0; index < network.getnLayers(); index++) {
            int layer = index;
            try {
                loss = index == network.getnLayers() - 1 ? outputLayer() : layer();
            } catch (NotCompilableException | RuntimeException e) {
                throw new NotCompilableException(describe(layer) + ": " + e.getMessage(), e);
            }
        }
        if (!training) {
            return new Plan(assembly, islands, pipeline.input(), pipeline.boundOutput(), null, null, pipeline);
        }
        Tensor output = pipeline.output();
        Natives natives = assembly.natives();
        Tensor diffOutput = natives.allocate(natives.plain(output.shape()), output.shape());
        pipeline.backward(diffOutput);
        return new Plan(assembly, islands, pipeline.input(), output, diffOutput, loss, pipeline);
    }

    private void checkNetwork() throws NotCompilableException {
        var configuration = network.getLayerWiseConfigurations();
        if (configuration.getDataType() != DataType.FLOAT) {
            throw new NotCompilableException("the network's data type is " + configuration.getDataType());
        }
        if (configuration.getBackpropType() != BackpropType.Standard) {
            throw new NotCompilableException("the network is trained by truncated backpropagation through time");
        }
        for (int i = 0; i < network.getnLayers(); i++) {
            var layer = network.getLayer(i);
            if (layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop) {
                throw new NotCompilableException(describe(i) + ": it is frozen");
            }
            if (layer instanceof RecurrentLayer) {
                throw new NotCompilableException(describe(i) + ": it is recurrent");
            }
            if (hasChannelsLast(conf(i))) {
                throw new NotCompilableException(describe(i) + ": it has channels last");
            }
        }
    }

    /** {@return whether a layer takes {@code [N, H, W, C]}}; DL4J's own question for that is wrong about convolutions and pooling */
    private static boolean hasChannelsLast(Layer conf) {
        if (conf instanceof BatchNormalization norm) {
            return norm.getCnn2DFormat() == CNN2DFormat.NHWC;
        }
        if (conf instanceof GlobalPoolingLayer pooling) {
            return Arrays.equals(pooling.getPoolingDimensions(), new int[] {1, 2});
        }
        boolean hasFormat = conf instanceof ConvolutionLayer
                || conf instanceof SubsamplingLayer
                || ConvolutionUtils.layerHasConvolutionLayout(conf);
        return hasFormat && ConvolutionUtils.getFormatForLayer(conf) == CNN2DFormat.NHWC;
    }

    /** {@return null}; only an output layer has a loss */
    private Loss layer() throws NotCompilableException {
        Layer conf = conf(index);
        preprocess();
        switch (kind(index)) {
            case CONVOLUTION -> convolution((ConvolutionLayer) conf);
            case DENSE -> dense((DenseLayer) conf);
            case POOLING -> pooling((SubsamplingLayer) conf);
            case GLOBAL_POOLING -> globalPooling((GlobalPoolingLayer) conf);
            case BATCH_NORM -> batchNorm(conf);
            case ACTIVATION -> activation(((ActivationLayer) conf).getActivationFn());
            default -> island(network.getLayer(index), conf);
        }
        return null;
    }

    /** {@return the loss}, which inference does without; null if there is none. An output layer cannot be an island. */
    private Loss outputLayer() throws NotCompilableException {
        Layer conf = conf(index);
        Loss loss = null;
        switch (LayerKind.of(conf)) {
            case OUTPUT -> {
                OutputLayer output = (OutputLayer) conf;
                preprocess();
                dropout(output.getIDropout());
                dense(output.getNOut(), output.hasBias(), training ? IDENTITY : output.getActivationFn());
                loss = Loss.of(output.getLossFn(), output.getActivationFn());
            }
            case LOSS -> {
                LossLayer output = (LossLayer) conf;
                preprocess();
                activation(training ? IDENTITY : output.getActivationFn());
                loss = Loss.of(output.getLossFn(), output.getActivationFn());
            }
            default -> {
                if (training) {
                    throw new NotCompilableException("oneDNN has no plan for such an output layer");
                }
                return layer();
            }
        }
        if (pipeline.shape().length != 2) {
            throw new NotCompilableException("its input is no vector");
        }
        return loss;
    }

    /** {@return what a plan takes a layer for}; one that is to run its own code it knows nothing of */
    private LayerKind kind(int layer) {
        return asIsland.test(conf(layer)) ? LayerKind.OTHER : LayerKind.of(conf(layer));
    }

    /** {@return whether the next layer takes what this one gives as it is and is not the last} */
    private boolean hasPlainNext() {
        return index + 1 < network.getnLayers() - 1
                && network.getLayerWiseConfigurations().getInputPreProcess(index + 1) == null;
    }

    private void preprocess() throws NotCompilableException {
        InputPreProcessor preprocessor = network.getLayerWiseConfigurations().getInputPreProcess(index);
        long[] shape = pipeline.shape();
        if (preprocessor == null) {
            return;
        }
        if (preprocessor.getClass() == CnnToFeedForwardPreProcessor.class
                && ((CnnToFeedForwardPreProcessor) preprocessor).getFormat() == CNN2DFormat.NCHW) {
            if (shape.length == 4 && !takes((CnnToFeedForwardPreProcessor) preprocessor, shape)) {
                throw new NotCompilableException("its input has shape " + Arrays.toString(shape));
            }
            if (shape.length == 4) {
                reshape(shape[0], shape[1] * shape[2] * shape[3]);
            }
        } else if (preprocessor.getClass() == FeedForwardToCnnPreProcessor.class) {
            FeedForwardToCnnPreProcessor toImages = (FeedForwardToCnnPreProcessor) preprocessor;
            if (shape.length == 2) {
                long[] image = {shape[0], toImages.getNumChannels(), toImages.getInputHeight(), toImages.getInputWidth()
                };
                if (image[1] * image[2] * image[3] != shape[1]) {
                    throw new NotCompilableException("its input does not have as many values as its images");
                }
                reshape(image);
            }
        } else {
            throw new NotCompilableException(
                    "its input passes a " + preprocessor.getClass().getSimpleName());
        }
    }

    /** {@return whether it flattens images of this shape}; one without a shape takes that of the first it meets */
    private static boolean takes(CnnToFeedForwardPreProcessor flattening, long... shape) {
        long[] expected = {flattening.getNumChannels(), flattening.getInputHeight(), flattening.getInputWidth()};
        return Arrays.equals(expected, new long[3]) || Arrays.equals(expected, Arrays.copyOfRange(shape, 1, 4));
    }

    private void reshape(long... shape) throws NotCompilableException {
        pipeline.add(new ReshapeStage(assembly, shape));
    }

    private void convolution(ConvolutionLayer conf) throws NotCompilableException {
        dropout(conf.getIDropout());
        requireImages(conf.getNIn());
        Window window = Window.of(
                conf.getConvolutionMode(),
                conf.getKernelSize(),
                conf.getStride(),
                conf.getPadding(),
                conf.getDilation(),
                pipeline.shape()[2],
                pipeline.shape()[3]);
        Slice weights = slice(WEIGHTS, 'c');
        Slice bias = conf.hasBias() ? slice(BIAS, 'c') : null;
        linear(
                conf.getActivationFn(),
                (norm, activation) ->
                        new ConvolutionStage(assembly, window, weights, bias, norm, activation, conf.getNOut()));
    }

    private void dense(DenseLayer conf) throws NotCompilableException {
        dropout(conf.getIDropout());
        dense(conf.getNOut(), conf.hasBias(), conf.getActivationFn());
    }

    private void dense(long units, boolean hasBias, IActivation activation) throws NotCompilableException {
        Slice weights = slice(WEIGHTS, 'f');
        Slice bias = hasBias ? slice(BIAS, 'c') : null;
        linear(activation, (norm, fused) -> new DenseStage(assembly, weights, bias, norm, fused, units));
    }

    /** A linear map, at inference with the batch normalization behind it folded in. */
    private void linear(IActivation activation, BiFunction<NormParameters, Eltwise, Stage> stage)
            throws NotCompilableException {
        int first = index;
        if (!training
                && activation instanceof ActivationIdentity
                && hasPlainNext()
                && kind(index + 1) == LayerKind.BATCH_NORM) {
            index++;
            NormParameters norm = NormParameters.of(network.getLayer(index), assembly.parameters());
            withActivation(
                    first,
                    norm.norm().activation(),
                    eltwise -> eltwise.isFusable(false),
                    fused -> stage.apply(norm, fused));
        } else {
            withActivation(
                    first, activation, eltwise -> eltwise.isFusable(training), fused -> stage.apply(null, fused));
        }
    }

    private void batchNorm(Layer conf) throws NotCompilableException {
        if (conf instanceof BatchNorm custom) {
            dropout(custom.getIDropout());
        }
        NormParameters parameters = NormParameters.of(network.getLayer(index), assembly.parameters());
        withActivation(
                index,
                parameters.norm().activation(),
                eltwise -> eltwise.isIdentity() || eltwise.isRelu(),
                fused -> new BatchNormStage(assembly, parameters, fused.isRelu()));
    }

    private void pooling(SubsamplingLayer conf) throws NotCompilableException {
        requireImages(pipeline.shape()[1]);
        algorithm average = conf.isAvgPoolIncludePadInDivisor()
                ? algorithm.pooling_avg_include_padding
                : algorithm.pooling_avg_exclude_padding;
        add(new PoolingStage(
                assembly,
                conf.getPoolingType() == PoolingType.MAX ? algorithm.pooling_max : average,
                Window.of(
                        conf.getConvolutionMode(),
                        conf.getKernelSize(),
                        conf.getStride(),
                        conf.getPadding(),
                        conf.getDilation(),
                        pipeline.shape()[2],
                        pipeline.shape()[3])));
    }

    private void globalPooling(GlobalPoolingLayer conf) throws NotCompilableException {
        long[] shape = pipeline.shape();
        if (shape.length != 4) {
            island(network.getLayer(index), conf);
            return;
        }
        add(new PoolingStage(
                assembly,
                conf.getPoolingType() == PoolingType.MAX
                        ? algorithm.pooling_max
                        : algorithm.pooling_avg_exclude_padding,
                Window.whole(shape[2], shape[3])));
        if (conf.isCollapseDimensions()) {
            reshape(shape[0], shape[1]);
        }
    }

    /** An activation on its own. */
    private void activation(IActivation activation) throws NotCompilableException {
        Optional<Eltwise> eltwise = Eltwise.of(activation);
        if (eltwise.isPresent() && eltwise.get().isIdentity()) {
            pipeline.tell(index, index, "nothing to do");
        } else if (eltwise.isPresent()) {
            add(new ActivationStage(assembly, eltwise.get()));
        } else if (activation instanceof ActivationSoftmax && pipeline.shape().length == 2) {
            add(new SoftmaxStage(assembly));
        } else {
            island(new ActivationLayer.Builder().activation(activation).build());
        }
    }

    /** Dropout is DL4J's own, so that it draws the same random numbers. */
    private void dropout(IDropout dropout) throws NotCompilableException {
        if (training && dropout != null) {
            island(new DropoutLayer(dropout));
        }
    }

    /** A layer without parameters that is none of the network's, but does a part of one's work. */
    private void island(Layer conf) throws NotCompilableException {
        var configuration = new NeuralNetConfiguration.Builder().layer(conf).build();
        island(conf.instantiate(configuration, null, index, null, false, DataType.FLOAT), conf);
    }

    private void island(org.deeplearning4j.nn.api.Layer layer, Layer conf) throws NotCompilableException {
        if (layer instanceof IOutputLayer) {
            throw new NotCompilableException("it is an output layer in the middle of a network");
        }
        long[] shape = pipeline.shape();
        InputType type = shape.length == 4
                ? InputType.convolutional(shape[2], shape[3], shape[1])
                : InputType.feedForward(shape[1]);
        InputType given = conf.clone().getOutputType(index, type); // a locally connected layer keeps what it is asked
        long[] dstShape;
        if (given instanceof InputTypeFeedForward vector) {
            dstShape = new long[] {shape[0], vector.getSize()};
        } else if (given instanceof InputTypeConvolutional image && image.getFormat() == CNN2DFormat.NCHW) {
            dstShape = new long[] {shape[0], image.getChannels(), image.getHeight(), image.getWidth()};
        } else {
            throw new NotCompilableException("it gives " + given);
        }
        add(new IslandStage(assembly, layer, islands, dstShape));
    }

    /** Adds a stage that runs the current layer, or more of it. */
    private void add(Stage stage) throws NotCompilableException {
        pipeline.add(index, index, stage);
    }

    /** Emits a stage with the activation behind it fused in, if that can be; else both. */
    private void withActivation(int first, IActivation own, Predicate<Eltwise> fusable, Function<Eltwise, Stage> stage)
            throws NotCompilableException {
        Optional<Eltwise> fused = Eltwise.of(own).filter(fusable);
        if (own instanceof ActivationIdentity && hasPlainNext() && kind(index + 1) == LayerKind.ACTIVATION) {
            Optional<Eltwise> next = Eltwise.of(((ActivationLayer) conf(index + 1)).getActivationFn())
                    .filter(fusable);
            if (next.isPresent()) {
                fused = next;
                index++;
            }
        }
        pipeline.add(first, index, stage.apply(fused.orElse(Eltwise.IDENTITY)));
        if (fused.isEmpty()) {
            activation(own);
        }
    }

    private void requireImages(long channels) throws NotCompilableException {
        if (pipeline.shape().length != 4 || pipeline.shape()[1] != channels) {
            throw new NotCompilableException("its input has shape " + Arrays.toString(pipeline.shape()));
        }
    }

    private Slice slice(String key, char order) throws NotCompilableException {
        return assembly.parameters().slice(network.getLayer(index), key, order);
    }

    private Layer conf(int layer) {
        return network.getLayer(layer).conf().getLayer();
    }

    private String describe(int layer) {
        String name = conf(layer).getLayerName();
        return "layer " + layer + " (" + (name == null ? "" : name + ", ")
                + conf(layer).getClass().getSimpleName() + ")";
    }
}
