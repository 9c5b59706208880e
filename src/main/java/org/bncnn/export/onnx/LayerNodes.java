package org.bncnn.export.onnx;

import static org.bncnn.export.onnx.Graph.integer;
import static org.bncnn.export.onnx.Graph.integers;
import static org.bncnn.export.onnx.Graph.real;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx.AttributeProto;
import org.bncnn.export.NotExportableException;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.Log10Std;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

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
        } else if (type == DenseLayer.class) {
            return addDense((DenseLayer) conf);
        } else if (type == OutputLayer.class) {
            return addOutput((OutputLayer) conf);
        } else if (type == SubsamplingLayer.class) {
            return addPooling((SubsamplingLayer) conf);
        } else if (type == GlobalPoolingLayer.class) {
            return addGlobalPooling((GlobalPoolingLayer) conf);
        } else if (type == BatchNormalization.class) {
            return addBatchNorm((BatchNormalization) conf);
        } else if (type == BatchNorm.class) {
            return addBatchNorm((BatchNorm) conf);
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
        Window window = Window.of(
                conf.getConvolutionMode(),
                conf.getKernelSize(),
                conf.getStride(),
                conf.getPadding(),
                conf.getDilation(),
                graph.shape());
        List<AttributeProto> attributes = new ArrayList<>(window.attributes());
        attributes.add(integers("dilations", conf.getDilation()));
        addLinear("Conv", layer.getParam(DefaultParamInitializer.WEIGHT_KEY), conf.hasBias(), attributes);
        graph.becomes(1, conf.getNOut(), window.out()[0], window.out()[1]);
        return conf.getActivationFn();
    }

    private IActivation addDense(DenseLayer conf) throws NotExportableException {
        if (conf.hasLayerNorm()) {
            throw new NotExportableException("it has layer normalization, which this opset has no operator for");
        }
        addMatrix(conf, conf.hasBias());
        return conf.getActivationFn();
    }

    private IActivation addOutput(OutputLayer conf) throws NotExportableException {
        addMatrix(conf, conf.hasBias());
        return conf.getActivationFn();
    }

    /** DL4J's weights are [in, out]; PyTorch's and, with {@code transB}, ONNX's are [out, in]. */
    private void addMatrix(FeedForwardLayer conf, boolean hasBias) throws NotExportableException {
        if (graph.isImage()) {
            throw new NotExportableException("it takes vectors and is given images");
        }
        requireChannels(conf.getNIn());
        INDArray weights = layer.getParam(DefaultParamInitializer.WEIGHT_KEY).transpose();
        addLinear("Gemm", weights, hasBias, List.of(integer("transB", 1)));
        graph.becomes(1, conf.getNOut());
    }

    private void addLinear(String operator, INDArray weights, boolean hasBias, List<AttributeProto> attributes) {
        List<String> parameters = new ArrayList<>();
        parameters.add(graph.floats(name + ".weight", values(weights), weights.shape()));
        if (hasBias) {
            parameters.add(channels("bias", values(layer.getParam(DefaultParamInitializer.BIAS_KEY))));
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
        Window window = Window.of(
                conf.getConvolutionMode(),
                conf.getKernelSize(),
                conf.getStride(),
                conf.getPadding(),
                conf.getDilation(),
                graph.shape());
        if (window.hasEmptyPositions()) {
            throw new NotExportableException("its padding is as large as its kernel, which ONNX Runtime refuses");
        }
        List<AttributeProto> attributes = new ArrayList<>(window.attributes());
        boolean max = isMaximum(conf.getPoolingType());
        if (!max) {
            attributes.add(integer("count_include_pad", conf.isAvgPoolIncludePadInDivisor() ? 1 : 0));
        }
        graph.add(name, max ? "MaxPool" : "AveragePool", attributes.toArray(AttributeProto[]::new));
        graph.becomes(1, graph.shape()[1], window.out()[0], window.out()[1]);
        return NONE;
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

    private IActivation addBatchNorm(BatchNormalization conf) throws NotExportableException {
        requireChannels(conf.getNOut());
        if (graph.isImage()) {
            requireChannelsFirst(conf.getCnn2DFormat());
        }
        if (conf.isLockGammaBeta() && (conf.getGamma() == 1) != (conf.getBeta() == 0)) {
            throw new NotExportableException("DL4J ignores γ locked to " + conf.getGamma() + " and β to "
                    + conf.getBeta() + " in some of its ways to compute it");
        }
        addBatchNorm(conf.isLockGammaBeta(), conf.getGamma(), conf.getBeta(), conf.isUseLogStd(), conf.getEps());
        return NONE; // it ignores its own
    }

    private IActivation addBatchNorm(BatchNorm conf) throws NotExportableException {
        requireChannels(conf.getNOut());
        if (graph.isImage()) {
            requireChannelsFirst(conf.isChannelsLast() ? CNN2DFormat.NHWC : CNN2DFormat.NCHW);
        }
        addBatchNorm(conf.isLockGammaBeta(), conf.getGamma(), conf.getBeta(), conf.isUseLogStd(), conf.getEps());
        return conf.getActivationFn();
    }

    /** Both layers keep the same parameters under the same names. */
    private void addBatchNorm(boolean locked, double lockedGamma, double lockedBeta, boolean logStd, double eps)
            throws NotExportableException {
        float[] variance = variance(logStd);
        for (float each : variance) {
            if (!(each >= 0 && (float) (each + eps) > 0 && Float.isFinite((float) eps))) {
                throw new NotExportableException("its running variance is " + each + " and its eps " + eps
                        + ", whose sum is not that of a variance and a positive number");
            }
        }
        float[] mean = values(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN));
        float[] gamma = new float[mean.length];
        float[] beta = new float[mean.length];
        if (locked) {
            Arrays.fill(gamma, (float) lockedGamma);
            Arrays.fill(beta, (float) lockedBeta);
        } else {
            gamma = values(layer.getParam(BatchNormalizationParamInitializer.GAMMA));
            beta = values(layer.getParam(BatchNormalizationParamInitializer.BETA));
        }
        graph.add(
                name,
                "BatchNormalization",
                List.of(
                        channels("weight", gamma),
                        channels("bias", beta),
                        channels("running_mean", mean),
                        channels("running_var", variance)),
                real("epsilon", eps));
    }

    private float[] variance(boolean logStd) {
        if (!logStd) {
            return values(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_VAR));
        }
        float[] variance = values(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_LOG_STD));
        for (int channel = 0; channel < variance.length; channel++) {
            variance[channel] = (float) Log10Std.variance(variance[channel]);
        }
        return variance;
    }

    /** {@return the name of values of the layer}, one for each channel */
    private String channels(String parameter, float... values) {
        return graph.floats(name + "." + parameter, values, values.length);
    }

    private static float[] values(INDArray parameter) {
        return parameter.dup('c').data().asFloat();
    }

    static void requireChannelsFirst(CNN2DFormat format) throws NotExportableException {
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
