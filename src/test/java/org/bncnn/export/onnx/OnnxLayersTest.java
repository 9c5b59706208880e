package org.bncnn.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.bncnn.export.NotExportableException;
import org.bncnn.norm.BatchNorm;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.dataset.api.preprocessor.VGG16ImagePreProcessor;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What a layer, a preprocessor or a normalizer of its own kind becomes, and what is refused. */
class OnnxLayersTest {
    private static final List<Integer> IMAGE = List.of(2, 5, 6);
    private static final OnnxOptions IMAGES = new OnnxOptions(false, IMAGE);

    @TempDir
    private Path folder;

    @Test
    void aFlatInputIsReshaped() throws Exception {
        MultiLayerNetwork network = network(InputType.convolutionalFlat(5, 6, 2), convolution(), output());
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 60), OnnxOptions.DEFAULT);
        GraphProto graph = graph(network, OnnxOptions.DEFAULT);
        assertThat(graph.getInput(0).getName()).isEqualTo("input");
        assertThat(names(graph)).containsExactly("conv.reshape", "conv", "out.flatten", "out");
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 2, 5, 6), IMAGES);
    }

    @Test
    void vectorsBecomeImagesAndVectorsAgain() throws Exception {
        MultiLayerNetwork network = initialised(global().list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(24).build())
                .layer(new ConvolutionLayer.Builder(2, 2).nIn(2).nOut(5).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(30)
                        .nOut(2)
                        .activation(Activation.SIGMOID)
                        .build())
                .inputPreProcessor(1, new FeedForwardToCnnPreProcessor(4, 3, 2))
                .inputPreProcessor(2, new CnnToFeedForwardPreProcessor())
                .build());
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 3), OnnxOptions.DEFAULT);
    }

    @Test
    void anOutputLayerAloneTakesVectors() throws Exception {
        MultiLayerNetwork network = network(InputType.feedForward(4), output());
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 4), OnnxOptions.DEFAULT);
    }

    @Test
    void aFrozenLayerIsWhatItIsWithin() throws Exception {
        MultiLayerNetwork network = network(images(), new FrozenLayer(convolution()), output());
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 2, 5, 6), IMAGES);
    }

    /** DL4J's layer would ignore γ here. */
    @Test
    void ourLayerCanLockOneOfItsParameters() throws Exception {
        MultiLayerNetwork network = network(
                images(), new BatchNorm.Builder().lockGammaBeta(true).gamma(2).build(), output());
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 2, 5, 6), IMAGES);
    }

    @Test
    void dropoutAloneIsTheIdentity() throws Exception {
        MultiLayerNetwork network = network(InputType.feedForward(4), new DropoutLayer(0.5), loss());
        OnnxOptions vectors = new OnnxOptions(false, List.of(4));
        assertThat(graph(network, vectors).getNodeList()).singleElement().satisfies(node -> {
            assertThat(node.getOpType()).isEqualTo("Identity");
            assertThat(node.getOutputList()).containsExactly("output");
        });
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 4), vectors);
    }

    @Test
    void everyNameIsUsedOnce() throws Exception {
        MultiLayerNetwork network = network(
                images(),
                named("images", convolution()),
                named("same", new ActivationLayer(Activation.SWISH)),
                named("same", new ActivationLayer(Activation.SWISH)),
                named("same", new ActivationLayer(Activation.TANH)),
                named("same", new ActivationLayer(Activation.TANH)),
                named("output", convolution()),
                named("output.weight", new ActivationLayer(Activation.TANH)),
                output());
        network.getLayer(4).conf().getLayer().setLayerName(" ");
        network.getLayer(3).conf().getLayer().setLayerName(null);
        GraphProto graph = graph(network, IMAGES);
        assertThat(names(graph))
                .containsExactly(
                        "images.conv",
                        "same",
                        "same.mul",
                        "same.sigmoid",
                        "same.mul_2",
                        "ActivationLayer3",
                        "ActivationLayer4",
                        "output.conv",
                        "output.weight.tanh",
                        "out.flatten",
                        "out");
        assertThat(Stream.concat(
                        Stream.concat(names(graph).stream(), Stream.of("images", "output")),
                        graph.getInitializerList().stream().map(TensorProto::getName)))
                .doesNotHaveDuplicates();
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 2, 5, 6), IMAGES);
    }

    static Stream<DataNormalization> normalizers() {
        NormalizerStandardize standardize =
                new NormalizerStandardize(Nd4j.createFromArray(100f, 150f), Nd4j.createFromArray(30f, 0.5f));
        NormalizerMinMaxScaler minMax = new NormalizerMinMaxScaler(-2, 3);
        minMax.setFeatureStats(Nd4j.createFromArray(10f, 0f), Nd4j.createFromArray(200f, 255f));
        return Stream.of(new ImagePreProcessingScaler(), new ImagePreProcessingScaler(-1, 1), standardize, minMax);
    }

    @ParameterizedTest
    @MethodSource("normalizers")
    void aNormalizerGoesIntoTheGraph(DataNormalization normalizer) throws Exception {
        MultiLayerNetwork network = network(images(), convolution(), output());
        INDArray pixels = Nd4j.rand(DataType.FLOAT, 3, 2, 5, 6).muli(256);
        pixels.assign(pixels.castTo(DataType.UINT8));
        INDArray normalized = pixels.dup();
        normalizer.transform(normalized);
        INDArray expected = OnnxParity.plain(network).output(normalized);
        OnnxModel model = OnnxModel.of(new ModelFile(network, normalizer, null), new OnnxOptions(true, IMAGE));
        try (OnnxRun run = new OnnxRun(model)) {
            OnnxParity.assertEqual(run.bytes(pixels), expected);
        }
        Path file = folder.resolve("model.onnx");
        model.save(file);
        OnnxChecker.check(file);
    }

    @Test
    void soItDoesForVectors() throws Exception {
        MultiLayerNetwork network = network(InputType.feedForward(4), output());
        INDArray pixels = Nd4j.createFromArray(new float[][] {{0, 1, 128, 255}, {3, 200, 77, 19}});
        OnnxModel model = OnnxModel.of(
                new ModelFile(network, new ImagePreProcessingScaler(-1, 1), null), new OnnxOptions(true, null));
        try (OnnxRun run = new OnnxRun(model)) {
            OnnxParity.assertEqual(
                    run.bytes(pixels),
                    OnnxParity.plain(network).output(pixels.div(127.5).subi(1)));
        }
    }

    static Stream<Arguments> refusedNormalizers() {
        return Stream.of(
                Arguments.of(null, "it has no normalizer that could go into the graph"),
                Arguments.of(
                        new ImagePreProcessingScaler(0, 1, 16),
                        "its normalizer is for values of 0 to 65535.0, not for bytes"),
                Arguments.of(new ImagePreProcessingScaler(1, 1), "its normalizer makes all pixels alike"),
                Arguments.of(
                        new NormalizerStandardize(Nd4j.ones(3), Nd4j.ones(3)),
                        "its normalizer knows 3 channels, its input has 2"),
                Arguments.of(
                        minMax(Nd4j.zeros(DataType.FLOAT, 1), Nd4j.ones(DataType.FLOAT, 1)),
                        "its normalizer knows 1 channels, its input has 2"),
                Arguments.of(
                        new VGG16ImagePreProcessor(),
                        "its normalizer VGG16ImagePreProcessor is not exported; it can be ImagePreProcessingScaler,"
                                + " NormalizerStandardize or NormalizerMinMaxScaler"));
    }

    private static NormalizerMinMaxScaler minMax(INDArray lower, INDArray upper) {
        NormalizerMinMaxScaler normalizer = new NormalizerMinMaxScaler();
        normalizer.setFeatureStats(lower, upper);
        return normalizer;
    }

    @ParameterizedTest
    @MethodSource("refusedNormalizers")
    void aNormalizerThatIsNoneOfPixelsIsRefused(DataNormalization normalizer, String reason) {
        ModelFile model = new ModelFile(network(images(), convolution(), output()), normalizer, null);
        assertThatThrownBy(() -> OnnxModel.of(model, new OnnxOptions(true, IMAGE)))
                .isInstanceOf(NotExportableException.class)
                .hasMessage(reason);
    }

    @Test
    void aNormalizerOfAnyKindMayStayOutside() throws Exception {
        ModelFile model = new ModelFile(network(images(), convolution(), output()), new VGG16ImagePreProcessor(), null);
        ModelProto proto = ModelProto.parseFrom(OnnxModel.of(model, IMAGES).toByteArray());
        assertThat(proto.getMetadataPropsList()).anySatisfy(entry -> {
            assertThat(entry.getKey()).isEqualTo("normalizer");
            assertThat(entry.getValue())
                    .isEqualTo("{\"type\":\"VGG16ImagePreProcessor\",\"inside\":false,\"offset\":null,\"scale\":null}");
        });
    }

    static Stream<Arguments> refusedLayers() {
        return Stream.of(
                refusal(
                        new LocallyConnected2D.Builder()
                                .nOut(2)
                                .kernelSize(2, 2)
                                .build(),
                        "LocallyConnected2D",
                        "it is none of those that are exported: convolution, dense, pooling, global pooling, batch"
                                + " normalization, activation, dropout, output and loss layers"),
                refusal(
                        new SubsamplingLayer.Builder(PoolingType.PNORM)
                                .pnorm(2)
                                .kernelSize(2, 2)
                                .build(),
                        "SubsamplingLayer",
                        "it pools by PNORM; only MAX and AVG are exported"),
                refusal(
                        new SubsamplingLayer.Builder(PoolingType.MAX)
                                .kernelSize(2, 2)
                                .dilation(1, 2)
                                .build(),
                        "SubsamplingLayer",
                        "it pools with dilation, which ND4J's oneDNN build ignores and its plain build does not"),
                refusal(
                        new SubsamplingLayer.Builder(PoolingType.AVG)
                                .kernelSize(2, 2)
                                .padding(1, 2)
                                .build(),
                        "SubsamplingLayer",
                        "its padding is as large as its kernel, which ONNX Runtime refuses"),
                refusal(
                        new GlobalPoolingLayer(PoolingType.SUM),
                        "GlobalPoolingLayer",
                        "it pools by SUM; only MAX and AVG are exported"),
                refusal(
                        new BatchNormalization.Builder(true).gamma(2).build(),
                        "BatchNormalization",
                        "DL4J ignores γ locked to 2.0 and β to 0.0 in some of its ways to compute it"),
                refusal(
                        new ConvolutionLayer.Builder(2, 2)
                                .nOut(2)
                                .weightNoise(new DropConnect(0.5))
                                .build(),
                        "ConvolutionLayer",
                        "it has weight noise, which DL4J puts on biases at inference too"),
                refusal(
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(2)
                                .stride(9, 9)
                                .convolutionMode(ConvolutionMode.Same)
                                .build(),
                        "ConvolutionLayer",
                        "its stride leaves out the end of the image, which DL4J refuses"));
    }

    private static Arguments refusal(Layer layer, String type, String reason) {
        return Arguments.of(named("bad", layer), "layer 1 (bad, " + type + "): " + reason);
    }

    @ParameterizedTest
    @MethodSource("refusedLayers")
    void anotherLayerIsRefusedByItsName(Layer layer, String message) {
        MultiLayerNetwork network = network(images(), new ActivationLayer(Activation.TANH), layer, output());
        assertRefused(network, IMAGES, message);
    }

    @Test
    void aDenseLayerWithLayerNormalizationIsRefused() {
        DenseLayer dense = named(
                "dense", new DenseLayer.Builder().nOut(2).hasLayerNorm(true).build());
        assertRefused(
                network(InputType.feedForward(4), dense, loss()),
                OnnxOptions.DEFAULT,
                "layer 0 (dense, DenseLayer): it has layer normalization, which this opset has no operator for");
    }

    @Test
    void channelsLastAreRefused() {
        InputType last = InputType.convolutional(5, 6, 2, CNN2DFormat.NHWC);
        String reason = "it has channels last; only [N, C, H, W] is exported";
        for (Layer layer : List.of(
                convolution(),
                new SubsamplingLayer.Builder().kernelSize(2, 2).build(),
                new BatchNormalization(),
                new BatchNorm.Builder().build())) {
            named("bad", layer);
            assertRefused(
                    network(last, layer, output()),
                    IMAGES,
                    "layer 0 (bad, " + layer.getClass().getSimpleName() + "): " + reason);
        }
        assertRefused(
                network(last, named("act", new ActivationLayer(Activation.TANH)), output()),
                IMAGES,
                "layer 1 (out, OutputLayer): its input is flattened with channels last");
        assertRefused(
                network(last, named("bad", new GlobalPoolingLayer(PoolingType.MAX)), output()),
                IMAGES,
                "layer 0 (bad, GlobalPoolingLayer): it pools dimensions [1, 2]; only height and width, 2 and 3, are exported");
    }

    static Stream<Arguments> wrongInputs() {
        return Stream.of(
                Arguments.of(List.of(3, 5, 6), "layer 0 (conv, ConvolutionLayer): it takes 2 channels and is given 3"),
                Arguments.of(List.of(2), "layer 0 (conv, ConvolutionLayer): it takes images and is given vectors"),
                Arguments.of(
                        List.of(2, 1, 6),
                        "layer 0 (conv, ConvolutionLayer): its kernel does not fit the image of 1×6 that it is given"),
                Arguments.of(
                        List.of(2, 6, 6), "layer 1 (out, OutputLayer): its input is images of 3×5×5 instead of 3×4×5"));
    }

    @ParameterizedTest
    @MethodSource("wrongInputs")
    void anInputThatDoesNotFitIsRefused(List<Integer> input, String message) {
        assertRefused(network(images(), convolution(), output()), new OnnxOptions(false, input), message);
    }

    @Test
    void aStrictKernelThatDoesNotFitIsRefused() {
        ConvolutionLayer strict = named(
                "conv",
                new ConvolutionLayer.Builder(2, 2)
                        .stride(1, 3)
                        .convolutionMode(ConvolutionMode.Strict)
                        .nOut(3)
                        .build());
        assertRefused(
                network(InputType.convolutional(5, 5, 2), strict, output()),
                IMAGES,
                "layer 0 (conv, ConvolutionLayer): its kernel does not fit the image of 5×6 that it is given");
    }

    /** DL4J's builder does not let it be, but its JSON does. */
    @Test
    void aModeForSequencesIsRefused() {
        MultiLayerNetwork network = network(images(), convolution(), output());
        ((ConvolutionLayer) network.getLayer(0).conf().getLayer()).setConvolutionMode(ConvolutionMode.Causal);
        assertRefused(network, IMAGES, "layer 0 (conv, ConvolutionLayer): its mode is Causal, which is for sequences");
    }

    @Test
    void imagesForADenseLayerAreRefused() {
        assertRefused(
                network(InputType.feedForward(2), output()),
                IMAGES,
                "layer 0 (out, OutputLayer): it takes vectors and is given images");
        assertRefused(
                network(InputType.feedForward(2), output()),
                new OnnxOptions(false, List.of(3)),
                "layer 0 (out, OutputLayer): it takes 2 channels and is given 3");
    }

    @Test
    void vectorsForOtherImagesAreRefused() {
        assertRefused(
                network(InputType.convolutionalFlat(5, 6, 2), convolution(), output()),
                new OnnxOptions(false, List.of(61)),
                "layer 0 (conv, ConvolutionLayer): its input is vectors of 61 instead of images of 2×5×6");
    }

    @Test
    void anotherPreprocessorIsRefused() {
        InputPreProcessor sequences = new CnnToRnnPreProcessor(5, 6, 2);
        MultiLayerNetwork network = network(images(), convolution(), output());
        network.getLayerWiseConfigurations().setInputPreProcessors(Map.of(1, sequences));
        assertRefused(network, IMAGES, "layer 1 (out, OutputLayer): its input passes a CnnToRnnPreProcessor");
    }

    @Test
    void aNetworkInDoubleIsRefused() {
        MultiLayerNetwork network = network(images(), convolution(), output()).convertDataType(DataType.DOUBLE);
        assertRefused(network, IMAGES, "its data type is DOUBLE; convert it to FLOAT");
    }

    @Test
    void imagesOfUnknownSizeAreRefused() {
        assertRefused(
                network(images(), convolution(), output()),
                OnnxOptions.DEFAULT,
                "the shape of its input is not known; pass it (--input-shape), such as 1,28,28 for channels, height and width");
    }

    @Test
    void theShapeThatIsToldGoesBeforeTheModels() throws Exception {
        MultiLayerNetwork network = network(images(), convolution(), new GlobalPoolingLayer(PoolingType.AVG), output());
        ModelFile model = new ModelFile(
                network, null, new ModelDescription(List.of("a", "b"), List.of(2, 5, 6), null, null, null, null));
        OnnxParity.hold(network, Nd4j.rand(DataType.FLOAT, 3, 2, 9, 8), new OnnxOptions(false, List.of(2, 9, 8)));
        assertThat(input(model, OnnxOptions.DEFAULT)).containsExactly(0L, 2L, 5L, 6L);
        assertThat(input(model, new OnnxOptions(false, List.of(2, 9, 8)))).containsExactly(0L, 2L, 9L, 8L);
    }

    private static List<Long> input(ModelFile model, OnnxOptions options) throws Exception {
        GraphProto graph =
                ModelProto.parseFrom(OnnxModel.of(model, options).toByteArray()).getGraph();
        return graph.getInput(0).getType().getTensorType().getShape().getDimList().stream()
                .map(size -> size.getDimValue())
                .toList();
    }

    @Test
    void anInputHasOneSizeOrThree() {
        for (List<Integer> sizes : List.of(List.<Integer>of(), List.of(1, 2), List.of(1, 0, 3), List.of(1, 1, 1, 1))) {
            assertThatThrownBy(() -> new OnnxOptions(false, sizes))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("input shape must be channels, height and width, or one length, each 1 to 65536, not "
                            + sizes);
        }
    }

    @Test
    void aVarianceThatHasNoRootIsRefused() {
        BatchNormalization norm =
                new BatchNormalization.Builder().useLogStd(false).name("bn").build();
        MultiLayerNetwork network = network(images(), norm, output());
        network.getLayer(0).getParam("var").assign(-5);
        assertThatThrownBy(() -> OnnxModel.of(new ModelFile(network, null, null), IMAGES))
                .isInstanceOf(NotExportableException.class)
                .hasMessageContaining("bn")
                .hasMessageContaining("its running variance is -5.0 and its eps 1.0E-5");
    }

    private static void assertRefused(MultiLayerNetwork network, OnnxOptions options, String message) {
        assertThatThrownBy(() -> OnnxModel.of(new ModelFile(network, null, null), options))
                .isInstanceOf(NotExportableException.class)
                .hasMessage(message);
    }

    private static GraphProto graph(MultiLayerNetwork network, OnnxOptions options) throws Exception {
        return ModelProto.parseFrom(OnnxModel.of(new ModelFile(network, null, null), options)
                        .toByteArray())
                .getGraph();
    }

    private static List<String> names(GraphProto graph) {
        return graph.getNodeList().stream().map(NodeProto::getName).toList();
    }

    private static InputType images() {
        return InputType.convolutional(5, 6, 2);
    }

    private static ConvolutionLayer convolution() {
        return named("conv", new ConvolutionLayer.Builder(2, 2).nOut(3).build());
    }

    private static OutputLayer output() {
        return named(
                "out",
                new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build());
    }

    private static LossLayer loss() {
        return new LossLayer.Builder(LossFunction.MSE)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static <T extends Layer> T named(String name, T layer) {
        layer.setLayerName(name);
        return layer;
    }

    private static NeuralNetConfiguration.Builder global() {
        return new NeuralNetConfiguration.Builder().seed(3).activation(Activation.IDENTITY);
    }

    private static MultiLayerNetwork network(InputType input, Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = global().list();
        Arrays.stream(layers).forEach(list::layer);
        return initialised(list.setInputType(input).build());
    }

    private static MultiLayerNetwork initialised(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }
}
