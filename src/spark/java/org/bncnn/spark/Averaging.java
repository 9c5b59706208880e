package org.bncnn.spark;

import java.util.ArrayList;
import java.util.List;
import org.bncnn.norm.Normalization;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One network out of several copies: the mean of their parameters and of their updater states, weighted by the images
 * that each was trained on.
 *
 * <p>Running variances need more: the variance of all images is the mean of the copies' variances plus the spread of
 * their means, {@code Σ wᵢ(σᵢ² + μᵢ²) − (Σ wᵢμᵢ)²}, the law of total variance, whichever way a layer stores them.
 */
final class Averaging {
    /** A batch normalization layer and where its running statistics are among the network's parameters. */
    private record Statistics(Normalization norm, int mean, int variance) {}

    private final INDArray parameters;
    private final List<Statistics> statistics = new ArrayList<>();

    Averaging(MultiLayerNetwork network) {
        parameters = network.params();
        for (Layer layer : network.getLayers()) {
            if (Normalization.is(layer.conf().getLayer())) {
                Normalization norm = Normalization.of(layer.conf().getLayer());
                statistics.add(new Statistics(
                        norm,
                        position(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN)),
                        position(layer.getParam(norm.varianceKey()))));
            }
        }
    }

    private int position(INDArray view) {
        return Math.toIntExact(view.offset() - parameters.offset());
    }

    /** {@return the parameters of the copies as one} */
    float[] parameters(List<Contribution> copies) {
        List<float[]> each = copies.stream().map(Contribution::parameters).toList();
        double[] weights = weights(copies);
        double[] mean = mean(each, weights);
        for (Statistics of : statistics) {
            for (int c = 0; c < of.norm().channels(); c++) {
                double total = 0;
                for (int i = 0; i < weights.length; i++) {
                    double distance = each.get(i)[of.mean() + c] - mean[of.mean() + c];
                    double variance = of.norm().variance(each.get(i)[of.variance() + c]);
                    total += weights[i] * (variance + distance * distance);
                }
                mean[of.variance() + c] = of.norm().stored(total);
            }
        }
        return floats(mean);
    }

    /** {@return the updater states of the copies as one} */
    static float[] updaterState(List<Contribution> copies) {
        return floats(mean(copies.stream().map(Contribution::updaterState).toList(), weights(copies)));
    }

    private static double[] weights(List<Contribution> copies) {
        double all = copies.stream().mapToInt(Contribution::images).sum();
        return copies.stream().mapToDouble(copy -> copy.images() / all).toArray();
    }

    /** In double and in the order of the copies, so that it is the same whoever is first. */
    private static double[] mean(List<float[]> copies, double[] weights) {
        double[] mean = new double[copies.get(0).length];
        for (int i = 0; i < weights.length; i++) {
            float[] copy = copies.get(i);
            for (int j = 0; j < mean.length; j++) {
                mean[j] += weights[i] * copy[j];
            }
        }
        return mean;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
