package org.bncnn.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import org.deeplearning4j.nn.conf.layers.BaseLayer;
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

    private final MultiLayerNetwork network;
    private final Predicate<Layer> asIsland;
    private final boolean training;
    private final Assembly assembly;
    private final Islands islands;
    private final List<Stage> stages = new ArrayList<>();
    private final List<LayerExecution> executions = new ArrayList<>();

    /** The layer that is being compiled; layers that became part of an earlier one are skipped. */
    private int index;

    /** What the stages until now give. */
    private Tensor current;

    private Compiler(MultiLayerNetwork network, Predicate<Layer> asIsland, boolean training, Natives natives) {
        this.network = network;
        this.asIsland = asIsland;
        this.training = training;
        assembly = Assembly.of(natives, training, new ParameterMemory(network));
        islands = new Islands(network);
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
            plan = new Compiler(network, asIsland, training, natives).plan(inputShape);
            return plan;
        } catch (RuntimeException e) {
            throw new NotCompilableException(e.getMessage(), e);
        } finally {
            if (plan == null) {
                natives.close();
            }
        }
    }

    private Plan plan(long... inputShape) throws NotCompilableException {
        checkNetwork();
        Natives natives = assembly.natives();
        Tensor input = natives.unbound(natives.plain(inputShape), inputShape);
        current = input;
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
            return new Plan(assembly, islands, input, boundOutput(), null, null, executions);
        }
        Tensor output = natives.inLayout(current, natives.plain(current.shape()), assembly.forward());
        Tensor diffOutput = natives.allocate(natives.plain(output.shape()), output.shape());
        backward(diffOutput);
        return new Plan(assembly, islands, input, output, diffOutput, loss, executions);
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
            if (ConvolutionUtils.layerHasConvolutionLayout(conf(i))
                    && ConvolutionUtils.getFormatForLayer(conf(i)) != CNN2DFormat.NCHW) {
                throw new NotCompilableException(describe(i) + ": it has channels last");
            }
        }
    }

    private void backward(Tensor diffOutput) throws NotCompilableException {
        Tensor diff = diffOutput;
        for (int i = stages.size() - 1; i >= 0 && diff != null; i--) {
            boolean wanted = stages.subList(0, i).stream().anyMatch(Stage::hasParameters);
            diff = stages.get(i).backward(diff, wanted);
        }
    }

    /** The last array in a plain layout, in memory that can be bound to the caller's. */
    private Tensor boundOutput() {
        Natives natives = assembly.natives();
        Stage last = stages.get(stages.size() - 1);
        if (!(last instanceof IslandStage || last instanceof ReshapeStage)
                && current.desc().equals(natives.plain(current.shape()))) {
            return current;
        }
        Tensor output = natives.unbound(natives.plain(current.shape()), current.shape());
        assembly.forward().reorder(current, output);
        return output;
    }

    /** {@return null}; only an output layer has a loss */
    private Loss layer() throws NotCompilableException {
        Layer conf = conf(index);
        boolean plan = !asIsland.test(conf);
        boolean dense = plan && isPlain(conf, DenseLayer.class) && !((DenseLayer) conf).hasLayerNorm();
        preprocess(dense);
        if (!plan) {
            island(network.getLayer(index), conf);
        } else if (dense) {
            DenseLayer layer = (DenseLayer) conf;
            dropout(layer.getIDropout());
            dense(layer.getNOut(), layer.hasBias(), layer.getActivationFn());
        } else if (isPlain(conf, ConvolutionLayer.class)) {
            convolution((ConvolutionLayer) conf);
        } else if (isPooling(conf)) {
            pooling((SubsamplingLayer) conf);
        } else if (isGlobalPooling(conf)) {
            globalPooling((GlobalPoolingLayer) conf);
        } else if (isNorm(index)) {
            batchNorm(conf);
        } else if (conf.getClass() == ActivationLayer.class) {
            activation(((ActivationLayer) conf).getActivationFn());
        } else {
            island(network.getLayer(index), conf);
        }
        return null;
    }

    /** {@return the loss in training; else null} */
    private Loss outputLayer() throws NotCompilableException {
        Layer conf = conf(index);
        Loss loss = null;
        if (isPlain(conf, OutputLayer.class)) {
            OutputLayer output = (OutputLayer) conf;
            preprocess(true);
            dropout(output.getIDropout());
            dense(output.getNOut(), output.hasBias(), training ? new ActivationIdentity() : output.getActivationFn());
            loss = Loss.of(output.getLossFn(), output.getActivationFn());
        } else if (conf.getClass() == LossLayer.class) {
            LossLayer output = (LossLayer) conf;
            preprocess(false);
            activation(training ? new ActivationIdentity() : output.getActivationFn());
            loss = Loss.of(output.getLossFn(), output.getActivationFn());
        } else if (training) {
            throw new NotCompilableException("oneDNN has no plan for such an output layer");
        } else {
            return layer();
        }
        if (current.shape().length != 2) {
            throw new NotCompilableException("its input is no vector");
        }
        return loss;
    }

    /** {@return whether it is DL4J's own class and its parameters are used as they are} */
    private static boolean isPlain(Layer conf, Class<? extends BaseLayer> type) {
        return conf.getClass() == type && ((BaseLayer) conf).getWeightNoise() == null;
    }

    private static boolean isPooling(Layer conf) {
        return conf instanceof SubsamplingLayer pooling
                && conf.getClass() == SubsamplingLayer.class
                && (pooling.getPoolingType() == PoolingType.MAX || pooling.getPoolingType() == PoolingType.AVG)
                && Arrays.stream(pooling.getDilation()).allMatch(distance -> distance == 1);
    }

    private boolean isGlobalPooling(Layer conf) {
        return conf instanceof GlobalPoolingLayer pooling
                && (pooling.getPoolingType() == PoolingType.MAX || pooling.getPoolingType() == PoolingType.AVG)
                && isOverImage(pooling.getPoolingDimensions())
                && current.shape().length == 4;
    }

    /** DL4J fills them in only where the network's input type is told. */
    private static boolean isOverImage(int[] poolingDimensions) {
        return poolingDimensions == null || Arrays.equals(poolingDimensions, new int[] {2, 3});
    }

    /** {@return whether a layer is a batch normalization that oneDNN runs} */
    private boolean isNorm(int layer) {
        return (conf(layer).getClass() == BatchNormalization.class
                        || conf(layer).getClass() == BatchNorm.class)
                && !asIsland.test(conf(layer))
                && NormParameters.canRead(conf(layer));
    }

    /** {@return whether the next layer takes what this one gives as it is and is not the last} */
    private boolean hasPlainNext() {
        return index + 1 < network.getnLayers() - 1
                && network.getLayerWiseConfigurations().getInputPreProcess(index + 1) == null;
    }

    private void preprocess(boolean takesImages) throws NotCompilableException {
        InputPreProcessor preprocessor = network.getLayerWiseConfigurations().getInputPreProcess(index);
        long[] shape = current.shape();
        if (preprocessor == null) {
            return;
        }
        if (preprocessor.getClass() == CnnToFeedForwardPreProcessor.class
                && ((CnnToFeedForwardPreProcessor) preprocessor).getFormat() == CNN2DFormat.NCHW) {
            if (shape.length == 4 && !takesImages) {
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

    private void reshape(long... shape) throws NotCompilableException {
        Stage stage = new ReshapeStage(assembly, shape);
        current = stage.forward(current);
        stages.add(stage);
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
                current.shape()[2],
                current.shape()[3]);
        Slice weights = slice(WEIGHTS, 'c');
        Slice bias = conf.hasBias() ? slice(BIAS, 'c') : null;
        linear(
                conf.getActivationFn(),
                (fold, activation) ->
                        new ConvolutionStage(assembly, window, weights, bias, fold, activation, conf.getNOut()));
    }

    private void dense(long units, boolean hasBias, IActivation activation) throws NotCompilableException {
        Slice weights = slice(WEIGHTS, 'f');
        Slice bias = hasBias ? slice(BIAS, 'c') : null;
        linear(activation, (fold, fused) -> new DenseStage(assembly, weights, bias, fold, fused, units));
    }

    /** A linear map, at inference with the batch normalization behind it folded in. */
    private void linear(IActivation activation, BiFunction<Fold, Eltwise, Stage> stage) throws NotCompilableException {
        int first = index;
        if (!training && activation instanceof ActivationIdentity && hasPlainNext() && isNorm(index + 1)) {
            index++;
            Fold fold = new Fold(NormParameters.of(network.getLayer(index), assembly.parameters()));
            withActivation(
                    first,
                    activationOf(conf(index)),
                    eltwise -> eltwise.isFusable(false),
                    fused -> stage.apply(fold, fused));
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
                activationOf(conf),
                eltwise -> eltwise.isIdentity() || eltwise.isRelu(),
                fused -> new BatchNormStage(assembly, parameters, fused.isRelu()));
    }

    /** DL4J's batch normalization ignores its activation; ours does not. */
    private static IActivation activationOf(Layer norm) {
        return norm instanceof BatchNorm custom ? custom.getActivationFn() : new ActivationIdentity();
    }

    private void pooling(SubsamplingLayer conf) throws NotCompilableException {
        requireImages(current.shape()[1]);
        algorithm average = conf.isAvgPoolIncludePadInDivisor()
                ? algorithm.pooling_avg_include_padding
                : algorithm.pooling_avg_exclude_padding;
        emit(
                index,
                new PoolingStage(
                        assembly,
                        conf.getPoolingType() == PoolingType.MAX ? algorithm.pooling_max : average,
                        Window.of(
                                conf.getConvolutionMode(),
                                conf.getKernelSize(),
                                conf.getStride(),
                                conf.getPadding(),
                                conf.getDilation(),
                                current.shape()[2],
                                current.shape()[3])));
    }

    private void globalPooling(GlobalPoolingLayer conf) throws NotCompilableException {
        long[] shape = current.shape();
        emit(
                index,
                new PoolingStage(
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
            describe(index, index, "nothing to do");
        } else if (eltwise.isPresent()) {
            emit(index, new ActivationStage(assembly, eltwise.get()));
        } else if (activation instanceof ActivationSoftmax && current.shape().length == 2) {
            emit(index, new SoftmaxStage(assembly));
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
        long[] shape = current.shape();
        InputType type = shape.length == 4
                ? InputType.convolutional(shape[2], shape[3], shape[1])
                : InputType.feedForward(shape[1]);
        InputType given = conf.getOutputType(index, type);
        if (given instanceof InputTypeFeedForward vector) {
            emit(index, new IslandStage(assembly, layer, islands, shape[0], vector.getSize()));
        } else if (given instanceof InputTypeConvolutional image && image.getFormat() == CNN2DFormat.NCHW) {
            emit(
                    index,
                    new IslandStage(
                            assembly,
                            layer,
                            islands,
                            shape[0],
                            image.getChannels(),
                            image.getHeight(),
                            image.getWidth()));
        } else {
            throw new NotCompilableException("it gives " + given);
        }
    }

    /** Emits a stage with the activation behind it fused in, if that can be; else both. */
    private void withActivation(int first, IActivation own, Predicate<Eltwise> fusable, Function<Eltwise, Stage> stage)
            throws NotCompilableException {
        Optional<Eltwise> fused = Eltwise.of(own).filter(fusable);
        if (own instanceof ActivationIdentity
                && hasPlainNext()
                && conf(index + 1) instanceof ActivationLayer behind
                && !asIsland.test(behind)) {
            Optional<Eltwise> next = Eltwise.of(behind.getActivationFn()).filter(fusable);
            if (next.isPresent()) {
                fused = next;
                index++;
            }
        }
        emit(first, stage.apply(fused.orElse(Eltwise.IDENTITY)));
        if (fused.isEmpty()) {
            activation(own);
        }
    }

    private void emit(int first, Stage stage) throws NotCompilableException {
        current = stage.forward(current);
        stages.add(stage);
        describe(first, index, stage.implementation());
    }

    private void describe(int first, int last, String by) {
        int known = executions.size() - 1;
        if (first <= known) {
            LayerExecution earlier = executions.get(first);
            executions.set(first, execution(first, earlier.by() + ", " + by));
        } else {
            executions.add(execution(first, by));
        }
        for (int layer = executions.size(); layer <= last; layer++) {
            executions.add(execution(layer, "part of layer " + first));
        }
    }

    private LayerExecution execution(int layer, String by) {
        return new LayerExecution(
                layer, conf(layer).getLayerName(), conf(layer).getClass().getSimpleName(), by);
    }

    private void requireImages(long channels) throws NotCompilableException {
        if (current.shape().length != 4 || current.shape()[1] != channels) {
            throw new NotCompilableException("its input has shape " + Arrays.toString(current.shape()));
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
