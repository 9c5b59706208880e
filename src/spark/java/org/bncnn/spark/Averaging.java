package org.bncnn.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bncnn.norm.Log10Std;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One network out of several copies: the mean of their parameters and of their updater states, weighted by the images that each was trained on.
 *
 * <p>Running variances are more than that: the variance of all images is the mean of the copies' variances and the spread of their means,
 * {@code Σ wᵢ(σᵢ² + μᵢ²) − (Σ wᵢμᵢ)²}, the law of total variance,
 * however they are kept.
 */
final class Averaging {
    /** Where a batch normalization layer has its running statistics among the network's parameters. */
    private record Statistics(int mean, int variance, boolean isLogStd, int channels) {
        double variance(double kept) {
            return isLogStd ? Log10Std.variance(kept) : kept;
        }

        double kept(double variance) {
            return isLogStd ? Log10Std.of(variance) : variance;
        }
    }

    private final INDArray parameters;
    private final List<Statistics> statistics = new ArrayList<>();

    Averaging(MultiLayerNetwork network) {
        parameters = network.params();
        for (Layer layer : network.getLayers()) {
            Map<String, INDArray> table = layer.paramTable();
            INDArray mean = table.get(BatchNormalizationParamInitializer.GLOBAL_MEAN);
            INDArray logStd = table.get(BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
            INDArray variance = logStd == null ? table.get(BatchNormalizationParamInitializer.GLOBAL_VAR) : logStd;
            if (mean != null && variance != null) {
                statistics.add(new Statistics(
                        position(mean), position(variance), logStd != null, Math.toIntExact(mean.length())));
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
        for (Statistics norm : statistics) {
            for (int c = 0; c < norm.channels(); c++) {
                double total = 0;
                for (int i = 0; i < weights.length; i++) {
                    double distance = each.get(i)[norm.mean() + c] - mean[norm.mean() + c];
                    total += weights[i] * (norm.variance(each.get(i)[norm.variance() + c]) + distance * distance);
                }
                mean[norm.variance() + c] = norm.kept(total);
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
