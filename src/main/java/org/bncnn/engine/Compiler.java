package org.bncnn.engine;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.bncnn.engine.ParameterMemory.Slice;
import org.bncnn.norm.BatchNorm;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
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
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** Makes the {@link Plan} of a network for one shape of input: walks its layers and finds a {@link Stage} for each. */
final class Compiler {
    private static final String WEIGHTS = DefaultParamInitializer.WEIGHT_KEY;
    private static final String BIAS = DefaultParamInitializer.BIAS_KEY;
    private static final IActivation IDENTITY = new ActivationIdentity();

    private final MultiLayerNetwork network;
    private final Predicate<Layer> asIsland;
    private final boolean training;
    private final Assembly assembly;

    /** The layer that is being compiled; layers that became part of an earlier one are skipped. */
    private int index;

    private Compiler(MultiLayerNetwork network, Predicate<Layer> asIsland, Assembly assembly) {
        this.network = network;
        this.asIsland = asIsland;
        this.training = assembly.training();
        this.assembly = assembly;
    }

    /**
     * {@return a plan}
     *
     * @param asIsland whether a layer is to run its own code
     * @param inputShape {@code [N, …]}
     */
    static Plan compile(MultiLayerNetwork network, Predicate<Layer> asIsland, boolean training, long... inputShape)
            throws NotCompilableException {
        Natives natives = new Natives();
        Plan plan = null;
        try {
            PlanRequirements.check(network);
            plan = new Compiler(network, asIsland, new Assembly(network, training, natives, inputShape)).plan();
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
        Loss loss = null;
        for (index = 0; index < network.getnLayers(); index++) {
            LayerName name = LayerName.of(network.getLayer(index));
            try {
                loss = index == network.getnLayers() - 1 ? outputLayer() : layer();
            } catch (NotCompilableException | RuntimeException e) {
                throw new NotCompilableException(name + ": " + e.getMessage(), e);
            }
        }
        Tensor output = assembly.output();
        if (!training) {
            return new Plan(assembly, output, null, null);
        }
        Tensor diffOutput = assembly.natives().allocate(output.shape());
        assembly.addBackward(diffOutput);
        return new Plan(assembly, output, diffOutput, loss);
    }

    /** {@return null}; only an output layer has a loss */
    private Loss layer() throws NotCompilableException {
        Layer conf = conf(index);
        preprocess();
        switch (kind(index)) {
            case CONVOLUTION -> convolution((ConvolutionLayer) conf);
            case DENSE -> {
                DenseLayer dense = (DenseLayer) conf;
                dropout(dense.getIDropout());
                dense(dense.getNOut(), dense.hasBias(), dense.getActivationFn());
            }
            case POOLING -> pooling((SubsamplingLayer) conf);
            case GLOBAL_POOLING -> globalPooling((GlobalPoolingLayer) conf);
            case BATCH_NORM -> batchNorm(conf);
            case ACTIVATION -> activation(((ActivationLayer) conf).getActivationFn());
            default -> island();
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
        if (assembly.shape().length != 2) {
            throw new NotCompilableException("its input is not vectors");
        }
        return loss;
    }

    /** {@return the kind of a layer}; one that is to run its own code is {@link LayerKind#OTHER} */
    private LayerKind kind(int layer) {
        return asIsland.test(conf(layer)) ? LayerKind.OTHER : LayerKind.of(conf(layer));
    }

    /** {@return whether the next layer takes this one's output as it is and is not the last} */
    private boolean hasPlainNext() {
        return index + 1 < network.getnLayers() - 1
                && network.getLayerWiseConfigurations().getInputPreProcess(index + 1) == null;
    }

    private void preprocess() throws NotCompilableException {
        InputPreProcessor preprocessor = network.getLayerWiseConfigurations().getInputPreProcess(index);
        long[] shape = Preprocessing.shape(preprocessor, assembly.shape());
        if (!Arrays.equals(shape, assembly.shape())) {
            assembly.add(new ReshapeStage(assembly, shape));
        }
    }

    private void convolution(ConvolutionLayer conf) throws NotCompilableException {
        dropout(conf.getIDropout());
        requireImages(conf.getNIn());
        Window window = Window.of(conf, assembly.shape());
        Slice weights = slice(WEIGHTS, 'c');
        Slice bias = conf.hasBias() ? slice(BIAS, 'c') : null;
        linear(
                conf.getActivationFn(),
                (norm, fused) -> new ConvolutionStage(assembly, window, weights, bias, norm, fused, conf.getNOut()));
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
        IActivation own = activation;
        NormParameters norm = null;
        if (!training
                && activation instanceof ActivationIdentity
                && hasPlainNext()
                && kind(index + 1) == LayerKind.BATCH_NORM) {
            index++;
            norm = NormParameters.of(network.getLayer(index), assembly.parameters());
            own = norm.norm().activation();
        }
        NormParameters folded = norm;
        withActivation(first, own, eltwise -> eltwise.isFusable(training), fused -> stage.apply(folded, fused));
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
        requireImages(assembly.shape()[1]);
        algorithm average = conf.isAvgPoolIncludePadInDivisor()
                ? algorithm.pooling_avg_include_padding
                : algorithm.pooling_avg_exclude_padding;
        add(new PoolingStage(
                assembly,
                conf.getPoolingType() == PoolingType.MAX ? algorithm.pooling_max : average,
                Window.of(conf, assembly.shape())));
    }

    private void globalPooling(GlobalPoolingLayer conf) throws NotCompilableException {
        long[] shape = assembly.shape();
        if (shape.length != 4) {
            island();
            return;
        }
        boolean max = conf.getPoolingType() == PoolingType.MAX;
        add(new PoolingStage(
                assembly,
                max ? algorithm.pooling_max : algorithm.pooling_avg_exclude_padding,
                Window.whole(shape[2], shape[3])));
        if (conf.isCollapseDimensions()) {
            assembly.add(new ReshapeStage(assembly, shape[0], shape[1]));
        }
    }

    /** An activation on its own. */
    private void activation(IActivation activation) throws NotCompilableException {
        Optional<Eltwise> eltwise = Eltwise.of(activation);
        if (eltwise.isPresent() && eltwise.get().isIdentity()) {
            assembly.note(index, index, "nothing to do");
        } else if (eltwise.isPresent()) {
            add(new ActivationStage(assembly, eltwise.get()));
        } else if (activation instanceof ActivationSoftmax && assembly.shape().length == 2) {
            add(new SoftmaxStage(assembly));
        } else {
            add(IslandStage.part(
                    assembly,
                    index,
                    new ActivationLayer.Builder().activation(activation).build()));
        }
    }

    /** Dropout is DL4J's own, so that it draws the same random numbers. */
    private void dropout(IDropout dropout) throws NotCompilableException {
        if (training && dropout != null) {
            add(IslandStage.part(assembly, index, new DropoutLayer(dropout)));
        }
    }

    private void island() throws NotCompilableException {
        add(IslandStage.of(assembly, network.getLayer(index)));
    }

    /** Adds a stage that executes the current layer, or more of it. */
    private void add(Stage stage) throws NotCompilableException {
        assembly.add(index, index, stage);
    }

    /** Adds a stage with the activation behind it fused in, if that can be; else both. */
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
        assembly.add(first, index, stage.apply(fused.orElse(Eltwise.IDENTITY)));
        if (fused.isEmpty()) {
            activation(own);
        }
    }

    private void requireImages(long channels) throws NotCompilableException {
        if (assembly.shape().length != 4 || assembly.shape()[1] != channels) {
            throw new NotCompilableException("its input has shape " + Arrays.toString(assembly.shape()));
        }
    }

    private Slice slice(String key, char order) throws NotCompilableException {
        return assembly.parameters().slice(network.getLayer(index), key, order);
    }

    private Layer conf(int layer) {
        return network.getLayer(layer).conf().getLayer();
    }
}
