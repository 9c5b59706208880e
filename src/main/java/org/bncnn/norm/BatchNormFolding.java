package org.bncnn.norm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Takes batch normalization out of a network that is trained no more, by putting it into the layer before it.
 *
 * <p>At inference (Ioffe &amp; Szegedy, Algorithm 2, line 11) it is an affine map of each channel, y = s·x + (β − s·μ) with
 * s = γ/√(σ² + eps). After a convolution or a dense layer without activation, whose output is x = W·u + b, the two are one such layer, with
 * s·W and s·(b − μ) + β.
 */
public final class BatchNormFolding {
    private BatchNormFolding() {}

    /**
     * {@return a network with the same outputs and fewer layers}, without updater state; batch normalization behind any other layer stays,
     * as DL4J's own layer
     *
     * @param network is not changed
     * @throws DL4JInvalidConfigException if γ and β of our layer are locked to values that the built-in layer ignores, or a running
     *     variance and eps have no positive sum, or what is folded overflows
     */
    public static MultiLayerNetwork fold(MultiLayerNetwork network) {
        MultiLayerNetwork from = BatchNormConversion.toBuiltin(network);
        MultiLayerConfiguration configuration =
                from.getLayerWiseConfigurations().clone();
        List<NeuralNetConfiguration> confs = new ArrayList<>();
        List<Integer> sources = new ArrayList<>();
        Map<Integer, InputPreProcessor> preProcessors = new TreeMap<>();
        boolean[] folded = new boolean[from.getnLayers()];
        for (int i = 0; i < from.getnLayers(); i++) {
            if (i > 0 && isFoldable(configuration, i)) {
                folded[i] = true;
                setHasBias(configuration.getConf(i - 1));
                continue;
            }
            if (configuration.getInputPreProcess(i) != null) {
                preProcessors.put(confs.size(), configuration.getInputPreProcess(i));
            }
            confs.add(configuration.getConf(i));
            sources.add(i);
        }
        configuration.setConfs(confs);
        configuration.setInputPreProcessors(preProcessors);
        MultiLayerNetwork to = new MultiLayerNetwork(configuration);
        to.init();
        for (int layer = 0; layer < to.getnLayers(); layer++) {
            int source = sources.get(layer);
            copy(from.getLayer(source), to.getLayer(layer));
            if (source + 1 < folded.length && folded[source + 1]) {
                fold(from.getLayer(source + 1), to.getLayer(layer));
            }
        }
        return to;
    }

    private static boolean isFoldable(MultiLayerConfiguration configuration, int index) {
        return configuration.getConf(index).getLayer() instanceof BatchNormalization norm
                && (!norm.isLockGammaBeta() || norm.getGamma() == 1 && norm.getBeta() == 0)
                && configuration.getInputPreProcess(index) == null
                && isAffine(configuration.getConf(index - 1).getLayer());
    }

    /** Sub-classes may compute anything. */
    private static boolean isAffine(org.deeplearning4j.nn.conf.layers.Layer layer) {
        if (layer.getClass() == ConvolutionLayer.class) {
            ConvolutionLayer convolution = (ConvolutionLayer) layer;
            return convolution.getActivationFn() instanceof ActivationIdentity
                    && convolution.getCnn2dDataFormat() == CNN2DFormat.NCHW;
        }
        return layer.getClass() == DenseLayer.class
                && ((DenseLayer) layer).getActivationFn() instanceof ActivationIdentity
                && !((DenseLayer) layer).hasLayerNorm();
    }

    private static void setHasBias(NeuralNetConfiguration conf) {
        if (conf.getLayer() instanceof ConvolutionLayer convolution) {
            convolution.setHasBias(true);
        } else {
            ((DenseLayer) conf.getLayer()).setHasBias(true);
        }
    }

    /** A bias that was not there before becomes 0. */
    private static void copy(Layer from, Layer to) {
        to.paramTable().forEach((name, values) -> {
            if (from.paramTable().containsKey(name)) {
                values.assign(from.getParam(name));
            } else {
                values.assign(0);
            }
        });
    }

    private static void fold(Layer from, Layer into) {
        BatchNormalization norm = (BatchNormalization) from.conf().getLayer();
        INDArray variance = variance(from, norm);
        for (long channel = 0; channel < variance.length(); channel++) {
            double sum = variance.getDouble(channel) + norm.getEps(); // ND4J leaves an array alone if NaN is added
            variance.putScalar(channel, sum);
            if (!(sum > 0)) {
                throw new DL4JInvalidConfigException(
                        norm.getLayerName() + ": its running variance plus eps is " + sum + ", which is not positive");
            }
        }
        INDArray scale = Transforms.sqrt(variance, false).rdivi(1);
        INDArray shift =
                values(from, BatchNormalizationParamInitializer.GLOBAL_MEAN).negi();
        INDArray weights = into.getParam(DefaultParamInitializer.WEIGHT_KEY);
        INDArray bias = into.getParam(DefaultParamInitializer.BIAS_KEY);
        if (!norm.isLockGammaBeta()) {
            scale.muli(values(from, BatchNormalizationParamInitializer.GAMMA));
        }
        shift.addi(bias.castTo(DataType.DOUBLE).reshape(shift.shape())).muli(scale);
        if (!norm.isLockGammaBeta()) {
            shift.addi(values(from, BatchNormalizationParamInitializer.BETA));
        }
        bias.assign(shift.reshape(bias.shape()));
        long[] perOutput = weights.rank() == 4 ? new long[] {scale.length(), 1, 1, 1} : new long[] {1, scale.length()};
        weights.assign(weights.castTo(DataType.DOUBLE).mul(scale.reshape(perOutput)));
        if (!isFinite(weights) || !isFinite(bias)) {
            throw new DL4JInvalidConfigException(
                    norm.getLayerName() + ": folded into the layer before, it gives weights that are not finite");
        }
    }

    private static boolean isFinite(INDArray values) {
        return Double.isFinite(values.castTo(DataType.DOUBLE).sumNumber().doubleValue()); // a maximum ignores NaN
    }

    private static INDArray variance(Layer layer, BatchNormalization norm) {
        if (!norm.isUseLogStd()) {
            return values(layer, BatchNormalizationParamInitializer.GLOBAL_VAR);
        }
        INDArray variance = values(layer, BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
        for (long channel = 0; channel < variance.length(); channel++) {
            variance.putScalar(channel, Log10Std.variance(variance.getDouble(channel)));
        }
        return variance;
    }

    /** {@return a copy of a parameter, in double} */
    private static INDArray values(Layer layer, String name) {
        INDArray values = layer.getParam(name);
        return values.castTo(DataType.DOUBLE).dup().reshape(values.length());
    }
}
