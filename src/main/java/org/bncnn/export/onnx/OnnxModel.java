package org.bncnn.export.onnx;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.bncnn.engine.LayerName;
import org.bncnn.engine.Preprocessing;
import org.bncnn.export.NotExportableException;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.BuildInfo;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A network at inference as an ONNX model, for ONNX Runtime and whatever else reads ONNX.
 *
 * <p>The graph has one input, of any batch size N: {@code images}, {@code [N, C, H, W]}, or {@code input},
 * {@code [N, units]}, where the network takes vectors; float, or uint8 with {@link OnnxOptions#withNormalizer()}. It
 * has one output, float, of the shape of the network's: {@code probabilities} if the last activation is softmax or
 * sigmoid, otherwise {@code output}. Nodes are named after the network's layers, and tensors after nodes; weights have
 * PyTorch's names and layout: {@code conv1.weight}, {@code conv1.bias}, {@code bn1.running_mean},
 * {@code bn1.running_var}. Outputs equal DL4J's except for rounding. Batch normalization stays a node of its own unless
 * it was {@linkplain org.bncnn.norm.BatchNormFolding folded} before. The metadata hold the model's provenance.
 *
 * <p>The operators are those of opset 13 (ONNX 1.8, 2020), the first whose softmax takes one axis, as DL4J's does.
 * Later ones add nothing that is needed here, and fewer programs read them.
 */
public final class OnnxModel {
    private static final int OPSET = 13;

    /** The form of files that came with this opset; nd4j-api's classes know one more. */
    private static final int IR_VERSION = 7;

    private final ModelProto proto;

    private OnnxModel(ModelProto proto) {
        this.proto = proto;
    }

    /**
     * {@return a model as ONNX}
     *
     * <p>Layers can be {@code ConvolutionLayer}, {@code DenseLayer}, {@code SubsamplingLayer} and
     * {@code GlobalPoolingLayer} (maximum or average), {@code BatchNormalization}, {@link org.bncnn.norm.BatchNorm},
     * {@code ActivationLayer}, {@code DropoutLayer}, {@code OutputLayer} and {@code LossLayer}, also frozen; not
     * subclasses, which may compute anything. The network has float parameters and channels first.
     *
     * @param model is not changed
     * @param options of the graph's input
     * @throws NotExportableException if ONNX has no operator for a layer, if DL4J itself computes it in more than one
     *     way (pooling with dilation, γ or β locked alone), if the shape of the input is not known, or if no
     *     normalizer, or none for bytes, could become part of the graph
     */
    public static OnnxModel of(ModelFile model, OnnxOptions options) throws NotExportableException {
        MultiLayerNetwork network = model.network();
        long[] input = options.batchOfOne(model);
        Graph graph = new Graph();
        if (options.withNormalizer()) {
            PixelScaling scaling = PixelScaling.ofBytes(model.normalizer(), input);
            graph.input(TensorProto.DataType.UINT8, input);
            scaling.addTo(graph, input);
        } else {
            graph.input(TensorProto.DataType.FLOAT, input);
        }
        ModelProto.Builder proto = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
                .setProducerName("bncnn")
                .setProducerVersion(producerVersion())
                .setDocString(Metadata.docString(model.description()))
                .setGraph(graph(network, graph));
        Metadata.of(model, options.withNormalizer(), input)
                .forEach((key, value) -> proto.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return new OnnxModel(proto.build());
    }

    private static GraphProto graph(MultiLayerNetwork network, Graph graph) throws NotExportableException {
        DataType type = network.getLayerWiseConfigurations().getDataType();
        if (type != DataType.FLOAT) {
            throw new NotExportableException("its data type is " + type + "; convert it to FLOAT");
        }
        IActivation last = null;
        for (Layer layer : network.getLayers()) {
            String given = layer.conf().getLayer().getLayerName();
            String name = given == null || given.isBlank()
                    ? layer.conf().getLayer().getClass().getSimpleName() + layer.getIndex()
                    : given;
            try {
                addPreprocessor(network.getLayerWiseConfigurations().getInputPreProcess(layer.getIndex()), graph, name);
                last = new LayerNodes(graph, name, layer).add();
            } catch (NotExportableException | IllegalArgumentException e) { // of shapes
                throw new NotExportableException(LayerName.of(layer) + ": " + e.getMessage(), e);
            }
        }
        return graph.finish(last instanceof ActivationSoftmax || last instanceof ActivationSigmoid);
    }

    private static void addPreprocessor(InputPreProcessor preprocessor, Graph graph, String name) {
        long[] shape = Preprocessing.shape(preprocessor, graph.shape());
        if (Arrays.equals(shape, graph.shape())) {
            return;
        }
        if (shape.length == 2) {
            graph.add(name + ".flatten", "Flatten", Graph.integer("axis", 1));
        } else {
            String sizes = graph.longs(name + ".shape", -1, shape[1], shape[2], shape[3]);
            graph.add(name + ".reshape", "Reshape", List.of(sizes));
        }
        graph.becomes(shape);
    }

    private static String producerVersion() {
        try {
            return BuildInfo.load().version();
        } catch (IOException e) {
            throw new UncheckedIOException("it is in our own jar", e);
        }
    }

    /** {@return the content of an ONNX file}, for runtimes that take a model from memory */
    public byte[] toByteArray() {
        return proto.toByteArray();
    }

    /**
     * Writes an ONNX file, whole or not at all.
     *
     * @param file to write
     * @throws org.bncnn.store.UnwritableFileException if it cannot be written
     */
    public void save(Path file) throws IOException {
        AtomicFile.write(file, temporary -> {
            try (OutputStream out = Files.newOutputStream(temporary)) {
                proto.writeTo(out);
            }
        });
    }
}
