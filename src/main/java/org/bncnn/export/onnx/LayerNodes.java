package org.bncnn.export.onnx;

import static org.bncnn.export.onnx.Graph.integer;
import static org.bncnn.export.onnx.Graph.integers;
import static org.bncnn.export.onnx.Graph.real;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx.AttributeProto;
import org.bncnn.array.Floats;
import org.bncnn.engine.Window;
import org.bncnn.export.NotExportableException;
import org.bncnn.norm.Normalization;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The nodes of one layer. Dropout has none at inference.
 *
 * @param graph whose last node gives what the layer takes
 * @param name of the layer
 */
record LayerNodes(Graph graph, String name, Layer layer) {
    private static final IActivation NONE = new ActivationIdentity();

    /** Adds them, and returns the activation that they end with. */
    IActivation add() throws NotExportableException {
        var conf = layer.conf().getLayer();
        if (conf instanceof BaseLayer weights && weights.getWeightNoise() != null) {
            throw new NotExportableException("it has weight noise, which DL4J puts on biases at inference too");
        }
        IActivation activation = addMain(conf);
        ActivationNodes.add(graph, name, activation);
        return activation;
    }

    /** Adds the nodes before the activation, which it returns. Subclasses, which may compute anything, are refused. */
    private IActivation addMain(org.deeplearning4j.nn.conf.layers.Layer conf) throws NotExportableException {
        Class<?> type = conf.getClass();
        if (type == ConvolutionLayer.class) {
            return addConvolution((ConvolutionLayer) conf);
        } else if (type == DenseLayer.class || type == OutputLayer.class) {
            return addMatrix((FeedForwardLayer) conf);
        } else if (type == SubsamplingLayer.class) {
            return addPooling((SubsamplingLayer) conf);
        } else if (type == GlobalPoolingLayer.class) {
            return addGlobalPooling((GlobalPoolingLayer) conf);
        } else if (Normalization.is(conf)) {
            return addBatchNorm(Normalization.of(conf));
        } else if (type == ActivationLayer.class) {
            return ((ActivationLayer) conf).getActivationFn();
        } else if (type == LossLayer.class) {
            return ((LossLayer) conf).getActivationFn();
        } else if (type == DropoutLayer.class) {
            return NONE;
        }
        throw new NotExportableException(
                "it is none of those that are exported: convolution, dense, pooling, global pooling,"
                        + " batch normalization, activation, dropout, output and loss layers");
    }

    private IActivation addConvolution(ConvolutionLayer conf) throws NotExportableException {
        requireChannelsFirst(conf.getCnn2dDataFormat());
        requireImages();
        requireChannels(conf.getNIn());
        Window window = Window.of(conf, graph.shape());
        List<AttributeProto> attributes = attributes(window);
        attributes.add(integers("dilations", window.dilation()));
        addLinear("Conv", layer.getParam(DefaultParamInitializer.WEIGHT_KEY), attributes);
        graph.becomes(1, conf.getNOut(), window.out()[0], window.out()[1]);
        return conf.getActivationFn();
    }

    /** DL4J's weights are [in, out]; PyTorch's and, with {@code transB}, ONNX's are [out, in]. */
    private IActivation addMatrix(FeedForwardLayer conf) throws NotExportableException {
        if (conf instanceof DenseLayer dense && dense.hasLayerNorm()) {
            throw new NotExportableException("it has layer normalization, which this opset has no operator for");
        }
        if (graph.isImage()) {
            throw new NotExportableException("it takes vectors and is given images");
        }
        requireChannels(conf.getNIn());
        INDArray weights = layer.getParam(DefaultParamInitializer.WEIGHT_KEY).transpose();
        addLinear("Gemm", weights, List.of(integer("transB", 1)));
        graph.becomes(1, conf.getNOut());
        return conf.getActivationFn();
    }

    private void addLinear(String operator, INDArray weights, List<AttributeProto> attributes) {
        List<String> parameters = new ArrayList<>();
        parameters.add(graph.floats(name + ".weight", Floats.copyOf(weights), weights.shape()));
        INDArray bias = layer.paramTable().get(DefaultParamInitializer.BIAS_KEY);
        if (bias != null) {
            parameters.add(channels("bias", Floats.copyOf(bias)));
        }
        graph.add(name, operator, parameters, attributes.toArray(AttributeProto[]::new));
    }

    private IActivation addPooling(SubsamplingLayer conf) throws NotExportableException {
        requireChannelsFirst(conf.getCnn2dDataFormat());
        requireImages();
        if (Arrays.stream(conf.getDilation()).anyMatch(distance -> distance != 1)) {
            throw new NotExportableException(
                    "it pools with dilation, which ND4J's oneDNN build ignores and its plain build does not");
        }
        Window window = Window.of(conf, graph.shape());
        if (window.hasEmptyPositions()) {
            throw new NotExportableException("its padding is as large as its kernel, which ONNX Runtime refuses");
        }
        List<AttributeProto> attributes = attributes(window);
        boolean max = isMaximum(conf.getPoolingType());
        if (!max) {
            attributes.add(integer("count_include_pad", conf.isAvgPoolIncludePadInDivisor() ? 1 : 0));
        }
        graph.add(name, max ? "MaxPool" : "AveragePool", attributes.toArray(AttributeProto[]::new));
        graph.becomes(1, graph.shape()[1], window.out()[0], window.out()[1]);
        return NONE;
    }

    private static List<AttributeProto> attributes(Window window) {
        return new ArrayList<>(List.of(
                integers("kernel_shape", window.kernel()),
                integers("strides", window.stride()),
                integers("pads", ArrayUtil.combine(window.before(), window.after()))));
    }

    private IActivation addGlobalPooling(GlobalPoolingLayer conf) throws NotExportableException {
        requireImages();
        int[] dimensions = conf.getPoolingDimensions();
        if (dimensions != null && !Arrays.equals(dimensions, new int[] {2, 3})) {
            throw new NotExportableException("it pools dimensions " + Arrays.toString(dimensions)
                    + "; only height and width, 2 and 3, are exported");
        }
        long channels = graph.shape()[1];
        graph.add(name, isMaximum(conf.getPoolingType()) ? "GlobalMaxPool" : "GlobalAveragePool");
        graph.becomes(1, channels, 1, 1);
        if (conf.isCollapseDimensions()) {
            graph.add(name, "Flatten", integer("axis", 1));
            graph.becomes(1, channels);
        }
        return NONE;
    }

    private static boolean isMaximum(PoolingType type) throws NotExportableException {
        return switch (type) {
            case MAX -> true;
            case AVG -> false;
            default -> throw new NotExportableException("it pools by " + type + "; only MAX and AVG are exported");
        };
    }

    private IActivation addBatchNorm(Normalization norm) throws NotExportableException {
        requireChannels(norm.channels());
        if (graph.isImage()) {
            requireChannelsFirst(norm.channelsLast() ? CNN2DFormat.NHWC : CNN2DFormat.NCHW);
        }
        if (norm.builtin() && norm.locksIgnoredValues()) {
            throw new NotExportableException("DL4J ignores γ locked to " + norm.initialGamma() + " and β to "
                    + norm.initialBeta() + " in some of its ways to compute it");
        }
        Normalization.Values values = norm.values(layer.paramTable());
        float[] variance = floats(values.variance());
        for (float each : variance) {
            if (!(each >= 0 && (float) (each + norm.eps()) > 0 && Float.isFinite((float) norm.eps()))) {
                throw new NotExportableException("its running variance is " + each + " and its eps " + norm.eps()
                        + ", whose sum is not that of a variance and a positive number");
            }
        }
        graph.add(
                name,
                "BatchNormalization",
                List.of(
                        channels("weight", floats(values.gamma())),
                        channels("bias", floats(values.beta())),
                        channels("running_mean", floats(values.mean())),
                        channels("running_var", variance)),
                real("epsilon", norm.eps()));
        return norm.activation();
    }

    private static float[] floats(double... values) {
        return Nd4j.createFromArray(values).castTo(DataType.FLOAT).data().asFloat();
    }

    /** {@return the name of values of the layer}, one for each channel */
    private String channels(String parameter, float... values) {
        return graph.floats(name + "." + parameter, values, values.length);
    }

    private static void requireChannelsFirst(CNN2DFormat format) throws NotExportableException {
        if (format != CNN2DFormat.NCHW) {
            throw new NotExportableException("it has channels last; only [N, C, H, W] is exported");
        }
    }

    private void requireImages() throws NotExportableException {
        if (!graph.isImage()) {
            throw new NotExportableException("it takes images and is given vectors");
        }
    }

    /** Channels of images, or units of vectors. */
    private void requireChannels(long expected) throws NotExportableException {
        long given = graph.shape()[1];
        if (given != expected) {
            throw new NotExportableException("it takes " + expected + " channels and is given " + given);
        }
    }
}
