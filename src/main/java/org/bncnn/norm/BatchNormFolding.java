package org.bncnn.norm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bncnn.norm.Normalization.Values;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Folds batch normalization into the layer before it, in a network that will not be trained any further.
 *
 * <p>{@link Normalization} says how it and a convolution or dense layer without activation become one such layer.
 */
public final class BatchNormFolding {
    private BatchNormFolding() {}

    /**
     * {@return a network with the same outputs, without updater state} After any other layer DL4J's own layer stays.
     *
     * @param network is not changed
     * @throws DL4JInvalidConfigException if our layer locks γ and β to values that the built-in layer ignores, if a
     *     running variance and eps have no positive sum, or if folded weights overflow
     */
    public static MultiLayerNetwork fold(MultiLayerNetwork network) {
        MultiLayerNetwork from = BatchNormConversion.toBuiltin(network);
        MultiLayerConfiguration configuration =
                from.getLayerWiseConfigurations().clone();
        List<NeuralNetConfiguration> confs = new ArrayList<>();
        List<Integer> sources = new ArrayList<>();
        Map<Integer, InputPreProcessor> preProcessors = new TreeMap<>();
        for (int i = 0; i < from.getnLayers(); i++) {
            if (i > 0 && isFoldable(configuration, i)) {
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
            if (source + 1 < from.getnLayers() && !sources.contains(source + 1)) {
                fold(from.getLayer(source + 1), to.getLayer(layer));
            }
        }
        return to;
    }

    private static boolean isFoldable(MultiLayerConfiguration configuration, int index) {
        org.deeplearning4j.nn.conf.layers.Layer layer =
                configuration.getConf(index).getLayer();
        return Normalization.is(layer)
                && !Normalization.of(layer).locksOtherValues()
                && configuration.getInputPreProcess(index) == null
                && isAffine(configuration.getConf(index - 1).getLayer());
    }

    /** Sub-classes may compute anything. */
    private static boolean isAffine(org.deeplearning4j.nn.conf.layers.Layer layer) {
        boolean known = layer.getClass() == ConvolutionLayer.class
                ? ((ConvolutionLayer) layer).getCnn2dDataFormat() == CNN2DFormat.NCHW
                : layer.getClass() == DenseLayer.class && !((DenseLayer) layer).hasLayerNorm();
        return known && ((BaseLayer) layer).getActivationFn() instanceof ActivationIdentity;
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
        to.paramTable()
                .forEach((name, values) -> values.assign(from.paramTable().getOrDefault(name, Nd4j.zerosLike(values))));
    }

    private static void fold(Layer from, Layer into) {
        String name = from.conf().getLayer().getLayerName();
        Normalization norm = Normalization.of(from.conf().getLayer());
        Values values = norm.values(from.paramTable());
        double[] scale = new double[values.gamma().length];
        for (int c = 0; c < scale.length; c++) {
            double sum = values.variance()[c] + norm.eps();
            if (!(sum > 0)) {
                throw new DL4JInvalidConfigException(
                        name + ": its running variance plus eps is " + sum + ", which is not positive");
            }
            scale[c] = norm.scale(values.gamma()[c], values.variance()[c]);
        }
        INDArray s = Nd4j.createFromArray(scale);
        INDArray weights = into.getParam(DefaultParamInitializer.WEIGHT_KEY);
        INDArray bias = into.getParam(DefaultParamInitializer.BIAS_KEY);
        long[] perOutput = weights.rank() == 4 ? new long[] {scale.length, 1, 1, 1} : new long[] {1, scale.length};
        weights.assign(weights.castTo(DataType.DOUBLE).mul(s.reshape(perOutput)));
        bias.assign(bias.castTo(DataType.DOUBLE)
                .sub(row(values.mean()))
                .muli(s.reshape(bias.shape()))
                .addi(row(values.beta())));
        if (!isFinite(weights) || !isFinite(bias)) {
            throw new DL4JInvalidConfigException(
                    name + ": folded into the layer before, it gives weights that are not finite");
        }
    }

    private static INDArray row(double... values) {
        return Nd4j.createFromArray(values).reshape(1, values.length);
    }

    private static boolean isFinite(INDArray values) {
        return Double.isFinite(values.castTo(DataType.DOUBLE).sumNumber().doubleValue()); // a maximum ignores NaN
    }
}
