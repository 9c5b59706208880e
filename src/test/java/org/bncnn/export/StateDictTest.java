package org.bncnn.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.BatchNormConversion;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.UnwritableFileException;
import org.bncnn.weights.WeightsFile;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class StateDictTest {
    private static final InputType IMAGES = InputType.convolutional(6, 6, 2);

    @TempDir
    private Path folder;

    /** Another network than the reference: layers without names, a dense layer behind images, both BN layers. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void anyNetworkOfTheseLayersGoesThereAndBack(DataType type) throws IOException {
        MultiLayerNetwork network = network(
                type,
                new ConvolutionLayer.Builder(3, 3).nOut(3).build(),
                new BatchNormalization.Builder().useLogStd(false).build(),
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
                new DenseLayer.Builder().name("head.0").nOut(5).build(),
                new BatchNorm.Builder().name("head.1").build(),
                new ActivationLayer.Builder().activation(Activation.RELU).build(),
                new OutputLayer.Builder().name("head.2").nOut(2).build());
        network.setIterationCount(7);
        stateDict(network).save(folder.resolve("weights.safetensors"));
        StateDict read = StateDict.read(folder.resolve("weights.safetensors"));
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        read.tensors().forEach((name, tensor) -> {
            shapes.put(name, boxed(tensor.shape()));
            assertThat(tensor.dataType()).isEqualTo(name.endsWith("tracked") ? DataType.INT64 : type);
        });
        assertThat(shapes)
                .isEqualTo(Map.ofEntries(
                        Map.entry("layer0.weight", List.of(3L, 2L, 3L, 3L)),
                        Map.entry("layer0.bias", List.of(3L)),
                        Map.entry("layer1.weight", List.of(3L)),
                        Map.entry("layer1.bias", List.of(3L)),
                        Map.entry("layer1.running_mean", List.of(3L)),
                        Map.entry("layer1.running_var", List.of(3L)),
                        Map.entry("layer1.num_batches_tracked", List.of()),
                        Map.entry("head.0.weight", List.of(5L, 12L)),
                        Map.entry("head.0.bias", List.of(5L)),
                        Map.entry("head.1.weight", List.of(5L)),
                        Map.entry("head.1.bias", List.of(5L)),
                        Map.entry("head.1.running_mean", List.of(5L)),
                        Map.entry("head.1.running_var", List.of(5L)),
                        Map.entry("head.1.num_batches_tracked", List.of()),
                        Map.entry("head.2.weight", List.of(2L, 5L)),
                        Map.entry("head.2.bias", List.of(2L))));
        MultiLayerNetwork other = network.clone();
        other.params().assign(0);
        other.setIterationCount(0);
        read.copyTo(other);
        assertThat(other.params().toDoubleVector()).isEqualTo(network.params().toDoubleVector());
        assertThat(other.getIterationCount()).isEqualTo(7);
    }

    @Test
    void aNegativeVarianceIsNotWritten() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new BatchNorm.Builder().name("bn").nIn(2).build())
                .layer(new OutputLayer.Builder().name("out").nIn(2).nOut(2).build())
                .build());
        network.init();
        network.getLayer(0).getParam("var").assign(-1);
        assertThatThrownBy(() -> StateDict.of(network))
                .isInstanceOf(NotExportableException.class)
                .hasMessage("bn.running_var has the value -1.0 at 0, which is no variance");
    }

    @Test
    void aDenseWeightIsWherePyTorchHasIt() {
        MultiLayerNetwork network = network(
                DataType.FLOAT,
                InputType.feedForward(3),
                new OutputLayer.Builder().name("x").nOut(2).build());
        INDArray weights = network.getLayer(0).getParam("W");
        weights.putScalar(new int[] {2, 1}, 7);
        assertThat(stateDict(network).tensors().get("x.weight").getDouble(1, 2)).isEqualTo(7);
    }

    @Test
    void theTensorsAreCopies() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        INDArray before = network.params().dup();
        stateDict(network).tensors().values().forEach(tensor -> tensor.assign(9));
        assertThat(network.params()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLogarithmOfTheDeviationBecomesTheVariance(boolean custom) {
        MultiLayerNetwork builtin = network(
                DataType.FLOAT,
                new BatchNormalization.Builder().name("bn").build(),
                new OutputLayer.Builder().name("out").nOut(2).build());
        MultiLayerNetwork network = custom ? BatchNormConversion.toCustom(builtin) : builtin;
        network.getLayer(0).getParam("log10stdev").assign(Nd4j.createFromArray(0.5f, -1));
        StateDict weights = stateDict(network);
        assertThat(weights.tensors().get("bn.running_var").toDoubleVector())
                .containsExactly(new double[] {10, 0.01}, within(1e-6));
        network.getLayer(0).getParam("log10stdev").assign(0);
        weights.copyTo(network);
        assertThat(network.getLayer(0).getParam("log10stdev").toDoubleVector())
                .containsExactly(new double[] {0.5, -1}, within(1e-6));
        assertThatThrownBy(() -> changed(weights, "bn.running_var", Nd4j.createFromArray(1f, 0))
                        .copyTo(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bn.running_var has the value 0.0 at 1, whose logarithm the layer cannot keep");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lockedToOneAndZeroTheyHaveNoTensors(boolean custom) {
        MultiLayerNetwork builtin = network(
                DataType.FLOAT,
                new BatchNormalization.Builder()
                        .name("bn")
                        .lockGammaBeta(true)
                        .useLogStd(false)
                        .build(),
                new OutputLayer.Builder().name("out").nOut(2).build());
        StateDict weights = stateDict(custom ? BatchNormConversion.toCustom(builtin) : builtin);
        assertThat(weights.tensors().keySet())
                .containsExactly(
                        "bn.running_mean", "bn.running_var", "out.weight", "out.bias", "bn.num_batches_tracked");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void frozenLayersHaveTheirTensors(boolean backprop) {
        DenseLayer dense = new DenseLayer.Builder().name("x").nOut(3).build();
        Layer frozen = backprop ? new FrozenLayerWithBackprop(dense) : new FrozenLayer(dense);
        frozen.setLayerName("x"); // DL4J forgets it
        MultiLayerNetwork network = network(
                DataType.FLOAT,
                frozen,
                new OutputLayer.Builder().name("out").nOut(2).build());
        StateDict weights = stateDict(network);
        assertThat(weights.tensors().keySet()).containsExactly("x.weight", "x.bias", "out.weight", "out.bias");
        INDArray before = network.params().dup();
        network.params().assign(0);
        weights.copyTo(network);
        assertThat(network.params()).isEqualTo(before);
    }

    @Test
    void layersOfAnotherKindAreNamed() {
        assertRefused(
                "layer 1 (lstm, LSTM): has no counterpart in a state_dict; convolution, dense, output and batch normalization"
                        + " layers have",
                InputType.recurrent(3),
                new BatchNorm.Builder().name("first").build(),
                new LSTM.Builder().name("lstm").nOut(2).build(),
                new RnnOutputLayer.Builder().nOut(2).build());
        assertRefused(
                "layer 0 (up, Deconvolution2D): has no counterpart",
                IMAGES,
                new Deconvolution2D.Builder(3, 3).name("up").nOut(2).build());
        assertRefused(
                "layer 1 (layer1, PReLULayer): has no counterpart",
                IMAGES,
                new ActivationLayer(Activation.RELU),
                new PReLULayer.Builder().inputShape(2, 6, 6).build());
        assertRefused(
                "layer 0 (x, DenseLayer): has layer normalization, which is no part of nn.Linear",
                IMAGES,
                new DenseLayer.Builder().name("x").nOut(2).hasLayerNorm(true).build());
    }

    @Test
    void channelsLastAreRefused() {
        InputType last = InputType.convolutional(6, 6, 2, CNN2DFormat.NHWC);
        assertRefused(
                "layer 0 (x, ConvolutionLayer): has its channels last; PyTorch has them first",
                last,
                new ConvolutionLayer.Builder(3, 3)
                        .name("x")
                        .nOut(2)
                        .dataFormat(CNN2DFormat.NHWC)
                        .build());
        assertRefused(
                "layer 1 (x, DenseLayer): is given images flattened channels last; PyTorch has them first",
                last,
                new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .dataFormat(CNN2DFormat.NHWC)
                        .build(),
                new DenseLayer.Builder().name("x").nOut(2).build());
    }

    @Test
    void otherLocksThanPyTorchsAreRefused() {
        assertRefused(
                "layer 0 (bn, BatchNorm): has γ and β locked to 2.0 and 0.0; in PyTorch they can only be locked to 1 and 0",
                IMAGES,
                new BatchNorm.Builder().name("bn").lockGammaBeta(true).gamma(2).build());
        assertRefused(
                "layer 0 (bn, BatchNormalization): has γ and β locked to 1.0 and 3.0",
                IMAGES,
                new BatchNormalization.Builder()
                        .name("bn")
                        .lockGammaBeta(true)
                        .beta(3)
                        .build());
    }

    @Test
    void layersOfOneNameAreRefused() {
        assertRefused(
                "layer 2 (x, DenseLayer): has the name of layer 0",
                IMAGES,
                new DenseLayer.Builder().name("x").nOut(2).build(),
                new ActivationLayer.Builder()
                        .name("x")
                        .activation(Activation.RELU)
                        .build(),
                new DenseLayer.Builder().name("x").nOut(2).build());
    }

    private void assertRefused(String message, InputType input, Layer... layers) {
        MultiLayerNetwork network = network(DataType.FLOAT, input, layers);
        StateDict any = stateDict(network(DataType.FLOAT, norm()));
        assertThatThrownBy(() -> StateDict.of(network))
                .isInstanceOf(NotExportableException.class)
                .hasMessageStartingWith(message);
        assertThatThrownBy(() -> any.copyTo(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void parametersThatAreNotNumbersAreNamed() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        network.getLayer(1).getParam("b").putScalar(1, Float.NaN);
        assertThatThrownBy(() -> StateDict.of(network))
                .isInstanceOf(NotExportableException.class)
                .hasMessage("out.bias has the value NaN at 1");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertDoesNotFit("out.weight is missing", tensors -> tensors.remove("out.weight"));
        assertDoesNotFit("bn.bias is missing", tensors -> tensors.remove("bn.bias"));
        assertDoesNotFit("bn.weight is missing; left over: a, b, c and 1 more", tensors -> {
            for (String name : List.of("a", "b", "c", "d")) {
                tensors.put(name, tensors.get("bn.weight"));
            }
            tensors.remove("bn.weight");
        });
    }

    /** {@code bias=False} in PyTorch, a bias in the network. */
    @Test
    void aBiasThatPyTorchDoesNotHaveIsZero() {
        MultiLayerNetwork network = network(
                DataType.FLOAT,
                new ConvolutionLayer.Builder(3, 3).name("conv").nOut(2).build(),
                norm()[0],
                new DenseLayer.Builder().name("fc").nOut(3).build(),
                new OutputLayer.Builder().name("out").nOut(2).build());
        for (String name : List.of("conv", "fc")) {
            network.getLayer(name).getParam("b").assign(5);
        }
        Map<String, INDArray> tensors = tensors(network);
        INDArray images = Nd4j.rand(DataType.FLOAT, 4, 2, 6, 6);
        for (String name : List.of("conv.bias", "fc.bias")) {
            tensors.get(name).assign(0);
        }
        read(tensors).copyTo(network);
        INDArray expected = network.output(images);
        for (String name : List.of("conv", "fc")) {
            network.getLayer(name).getParam("b").assign(5);
        }
        tensors.remove("conv.bias");
        tensors.remove("fc.bias");
        assertThat(read(tensors).copyTo(network))
                .containsExactly(
                        "biases of 0, because the file has none (bias=False), with equal outputs: conv.bias, fc.bias");
        assertThat(network.getLayer("conv").getParam("b").toFloatVector()).containsExactly(0, 0);
        assertThat(network.getLayer("fc").getParam("b").toFloatVector()).containsExactly(0, 0, 0);
        assertThat(network.output(images)).isEqualTo(expected);
    }

    @Test
    void whatIsLeftOverIsNamed() {
        INDArray one = Nd4j.createFromArray(1f);
        assertDoesNotFit("the network has no place for conv.bias", tensors -> tensors.put("conv.bias", one));
        assertDoesNotFit(
                "the network has no place for out.num_batches_tracked",
                tensors -> tensors.put("out.num_batches_tracked", Nd4j.scalar(1L)));
    }

    /** Not left out but refused, strictly or not: the layer would compute something else. */
    @Test
    void aTensorOfALayerThatIsThereIsNeverLeftOut() {
        MultiLayerNetwork network = network(
                DataType.FLOAT,
                new DenseLayer.Builder().name("x").nOut(2).hasBias(false).build(),
                new OutputLayer.Builder().name("out").nOut(2).build());
        Map<String, INDArray> tensors = tensors(network);
        tensors.put("x.bias", Nd4j.createFromArray(1f, 2));
        for (boolean strict : List.of(true, false)) {
            assertThatThrownBy(() -> read(tensors).copyTo(network, strict))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the network has no place for x.bias");
        }
    }

    @Test
    void layersThatAreNotThereAreLeftOutIfThatIsAllowed() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        Map<String, INDArray> tensors = tensors(network);
        for (String name : List.of("z.weight", "head.b", "head.a", "other")) {
            tensors.put(name, Nd4j.createFromArray(1f));
        }
        INDArray before = network.params().dup();
        network.params().assign(0);
        assertThat(read(tensors).copyTo(network, false))
                .containsExactly("left out, because the network has no such layers: head.a, head.b, other and 1 more");
        assertThat(network.params()).isEqualTo(before);
        assertDoesNotFit("the network has no place for other", all -> all.put("other", Nd4j.createFromArray(1f)));
    }

    @Test
    void aPrefixOfAllNamesIsRemoved() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        for (String prefix : List.of("module.", "_orig_mod.module.", "a.b.c.d.e.f.g.h.i.j.")) {
            assertThat(read(renamed(network, prefix)).copyTo(network))
                    .containsExactly("prefix " + prefix + " removed from all names");
        }
        Map<String, INDArray> several = renamed(network, "module.");
        several.put("epoch", Nd4j.scalar(1L));
        assertThatThrownBy(() -> read(several).copyTo(network))
                .hasMessageStartingWith("bn.weight is missing; left over: epoch, module.bn.bias");
        assertThatThrownBy(() -> read(renamed(network, "a.".repeat(11))).copyTo(network))
                .hasMessageStartingWith("bn.weight is missing; left over: a.a.");
    }

    /** Names that the network has are right as they are, also where all begin alike. */
    @Test
    void aPrefixThatTheNetworkHasIsKept() {
        MultiLayerNetwork network = network(
                DataType.FLOAT,
                new DenseLayer.Builder().name("net.0").nOut(2).build(),
                new OutputLayer.Builder().name("net.2").nOut(2).build());
        assertThat(stateDict(network).copyTo(network)).isEmpty();
    }

    private static Map<String, INDArray> renamed(MultiLayerNetwork network, String prefix) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        stateDict(network).tensors().forEach((name, values) -> tensors.put(prefix + name, values));
        return tensors;
    }

    @Test
    void layersThatAreNumbersAreMatchedByPosition() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        INDArray before = network.params().dup();
        for (String sequential : List.of("", "features.")) {
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            stateDict(network)
                    .tensors()
                    .forEach((name, values) ->
                            tensors.put(sequential + name.replace("bn.", "9.").replace("out.", "10."), values));
            network.params().assign(0);
            assertThat(read(tensors).copyTo(network))
                    .containsExactly(
                            "layers matched by position: " + sequential + "9 is bn, " + sequential + "10 is out");
            assertThat(network.params()).isEqualTo(before);
            tensors.put(sequential + "11.weight", Nd4j.createFromArray(1f));
            assertThatThrownBy(() -> read(tensors).copyTo(network, false))
                    .hasMessage("its 3 layers, " + sequential + "9, " + sequential + "10, " + sequential
                            + "11, cannot be matched by position with the network's 2, bn, out");
        }
    }

    @Test
    void layersOfAnotherShapeAreNotMatchedByPosition() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        stateDict(network)
                .tensors()
                .forEach((name, values) -> tensors.put(name.replace("bn.", "2.").replace("out.", "1."), values));
        assertThatThrownBy(() -> read(tensors).copyTo(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "bn.running_mean is missing; left over: out.num_batches_tracked, out.running_mean, out.running_var;"
                                + " layers matched by position: 1 is bn, 2 is out");
    }

    @Test
    void aBiasBehindWhichThereIsNoNormalizationHasNoPlace() {
        for (Layer between : List.of(
                new ActivationLayer(Activation.RELU),
                new SubsamplingLayer.Builder().kernelSize(2, 2).build())) {
            assertNoPlaceForBias(Activation.IDENTITY, between);
        }
        assertNoPlaceForBias(Activation.RELU);
    }

    /** What stands between two layers may compute anything. */
    @Test
    void aBiasBehindWhichThereIsAPreprocessorHasNoPlace() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .list()
                .layer(new DenseLayer.Builder().name("x").nOut(2).hasBias(false).build())
                .layer(norm()[0])
                .layer(norm()[1])
                .inputPreProcessor(1, new ComposableInputPreProcessor())
                .setInputType(InputType.feedForward(3))
                .build());
        network.init();
        Map<String, INDArray> tensors = tensors(network);
        tensors.put("x.bias", Nd4j.createFromArray(1f, 2));
        assertThatThrownBy(() -> read(tensors).copyTo(network, false))
                .hasMessage("the network has no place for x.bias");
    }

    private void assertNoPlaceForBias(Activation activation, Layer... between) {
        List<Layer> layers = new ArrayList<>();
        layers.add(new ConvolutionLayer.Builder(3, 3)
                .name("conv")
                .nOut(2)
                .hasBias(false)
                .activation(activation)
                .build());
        layers.addAll(List.of(between));
        layers.addAll(List.of(norm()));
        MultiLayerNetwork network = network(DataType.FLOAT, layers.toArray(Layer[]::new));
        Map<String, INDArray> tensors = tensors(network);
        tensors.put("conv.bias", Nd4j.createFromArray(1f, 2));
        assertThatThrownBy(() -> read(tensors).copyTo(network, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the network has no place for conv.bias");
    }

    @Test
    void aBiasOfAnotherShapeIsNotFolded() {
        MultiLayerNetwork network = network(
                DataType.FLOAT,
                new ConvolutionLayer.Builder(3, 3)
                        .name("conv")
                        .nOut(2)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build(),
                norm()[0],
                norm()[1]);
        for (INDArray bias : List.of(Nd4j.createFromArray(1f), Nd4j.createFromArray(1L, 2L), Nd4j.ones(1, 2))) {
            Map<String, INDArray> tensors = tensors(network);
            tensors.put("conv.bias", bias);
            assertThatThrownBy(() -> read(tensors).copyTo(network))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(
                            "conv.bias cannot be subtracted from bn.running_mean: they have the shapes ");
        }
    }

    @Test
    void anotherShapeIsNamed() {
        assertDoesNotFit(
                "out.weight has the shape [72, 2], the network needs [2, 72]",
                tensors -> tensors.computeIfPresent("out.weight", (name, values) -> values.transpose()));
        assertDoesNotFit(
                "bn.bias has the shape [1, 2], the network needs [2]",
                tensors -> tensors.computeIfPresent("bn.bias", (name, values) -> values.reshape(1, 2)));
        assertDoesNotFit(
                "bn.running_mean has the shape [], the network needs [2]",
                tensors -> tensors.put("bn.running_mean", Nd4j.scalar(1f)));
    }

    @Test
    void anotherTypeIsNamed() {
        assertDoesNotFit(
                "out.bias is of LONG, the network needs floating-point numbers",
                tensors -> tensors.put("out.bias", Nd4j.createFromArray(1L, 2L)));
        for (INDArray count :
                List.of(Nd4j.scalar(1.0), Nd4j.scalar(-1L), Nd4j.scalar(1L << 31), Nd4j.createFromArray(1L, 2L))) {
            assertDoesNotFit(
                    "bn.num_batches_tracked is no number of batches",
                    tensors -> tensors.put("bn.num_batches_tracked", count));
        }
    }

    @Test
    void valuesThatTheNetworkCannotHaveAreNamed() {
        assertDoesNotFit(
                "out.bias has values that are too large for a network of FLOAT",
                tensors -> tensors.put("out.bias", Nd4j.createFromArray(0, -1e300)));
        assertDoesNotFit(
                "bn.running_var has the value -1.0 at 1, which is no variance",
                tensors -> tensors.put("bn.running_var", Nd4j.createFromArray(0f, -1)));
    }

    /** What does not fit leaves the network as it was, also where that shows only in the last tensor. */
    private void assertDoesNotFit(String message, Consumer<Map<String, INDArray>> change) {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        INDArray before = network.params().dup();
        network.setIterationCount(5);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        stateDict(network).tensors().forEach((name, values) -> tensors.put(name, values.add(1)));
        change.accept(tensors);
        assertThatThrownBy(() -> read(tensors).copyTo(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(network.params()).isEqualTo(before);
        assertThat(network.getIterationCount()).isEqualTo(5);
    }

    @Test
    void theCountOfBatchesMayBeMissing() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        network.setIterationCount(5);
        Map<String, INDArray> tensors = tensors(network);
        tensors.remove("bn.num_batches_tracked");
        read(tensors).copyTo(network);
        assertThat(network.getIterationCount()).isEqualTo(5);
    }

    @Test
    void theMostBatchesThatALayerSawCount() {
        MultiLayerNetwork network = network(
                DataType.FLOAT,
                new BatchNorm.Builder().name("frozen").build(),
                new BatchNorm.Builder().name("first").build(),
                new BatchNorm.Builder().name("second").build());
        Map<String, INDArray> tensors = tensors(network);
        tensors.put("first.num_batches_tracked", Nd4j.scalar(62L));
        tensors.put("second.num_batches_tracked", Nd4j.scalar(31L));
        read(tensors).copyTo(network);
        assertThat(network.getIterationCount()).isEqualTo(62);
    }

    @Test
    void theMetadataTellWhereTheWeightsAreFrom() {
        MultiLayerNetwork network = network(DataType.FLOAT, norm());
        ModelDescription description = new ModelDescription(
                List.of("a", "b"),
                List.of(2, 6, 6),
                null,
                JsonFile.tree(
                        Map.of("commit", "abc", "recipe", Map.of("epochs", 10), "norm", "builtin", "cpu", "not this")),
                JsonFile.tree(Map.of("accuracy", 0.9017)),
                null);
        assertThat(stateDict(new ModelFile(network, null, description)).metadata())
                .isEqualTo(Map.of(
                        "format", "pt",
                        "commit", "abc",
                        "recipe", "{\"epochs\":10}",
                        "norm", "builtin",
                        "accuracy", "0.9017"));
        assertThat(stateDict(new ModelFile(network, null, null)).metadata()).isEqualTo(Map.of("format", "pt"));
        ModelDescription nothing = new ModelDescription(List.of("a", "b"), List.of(2, 6, 6), null, null, null, null);
        assertThat(stateDict(new ModelFile(network, null, nothing)).metadata()).isEqualTo(Map.of("format", "pt"));
    }

    @Test
    void onAFullDiskNothingIsLeft() throws IOException {
        StateDict weights = stateDict(network(DataType.FLOAT, norm()));
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(1024)
                .setMaxSize(1024)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path target = disk.getPath("weights.safetensors");
            assertThatThrownBy(() -> weights.save(target))
                    .isInstanceOf(UnwritableFileException.class)
                    .hasMessage("weights.safetensors: cannot be written (out of disk space)");
            try (Stream<Path> files = Files.list(target.toAbsolutePath().getParent())) {
                assertThat(files).isEmpty();
            }
        }
    }

    private static StateDict stateDict(MultiLayerNetwork network) {
        return stateDict(new ModelFile(network, null, null));
    }

    private static StateDict stateDict(ModelFile model) {
        try {
            return StateDict.of(model);
        } catch (NotExportableException e) {
            throw new AssertionError(e);
        }
    }

    /** {@return the tensors of a network}, to be changed */
    private static Map<String, INDArray> tensors(MultiLayerNetwork network) {
        return new LinkedHashMap<>(stateDict(network).tensors());
    }

    private StateDict changed(StateDict weights, String name, INDArray values) {
        Map<String, INDArray> tensors = new LinkedHashMap<>(weights.tensors());
        tensors.put(name, values);
        return read(tensors);
    }

    private StateDict read(Map<String, INDArray> tensors) {
        try {
            Path file = folder.resolve("changed.safetensors");
            new WeightsFile(tensors, Map.of()).save(file);
            return StateDict.read(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Layer[] norm() {
        return new Layer[] {
            new BatchNormalization.Builder().name("bn").useLogStd(false).build(),
            new OutputLayer.Builder().name("out").nOut(2).build()
        };
    }

    private static MultiLayerNetwork network(DataType type, Layer... layers) {
        return network(type, IMAGES, layers);
    }

    /** {@return a network whose parameters all differ} */
    private static MultiLayerNetwork network(DataType type, InputType input, Layer... layers) {
        var configuration = new NeuralNetConfiguration.Builder().dataType(type).list();
        for (Layer layer : layers) {
            configuration.layer(layer);
        }
        MultiLayerNetwork network =
                new MultiLayerNetwork(configuration.setInputType(input).build());
        network.init();
        network.params().assign(Nd4j.linspace(DataType.DOUBLE, 0.1, 0.01, network.numParams()));
        return network;
    }

    private static List<Long> boxed(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
