package org.bncnn.bench.peer;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bncnn.bench.BatchFile;
import org.bncnn.bench.Implementation;
import org.bncnn.bench.Weight;
import org.bncnn.bench.Workload;
import org.bncnn.model.Norm;
import org.bncnn.model.ReferenceCnn;

/**
 * PyTorch, classifying with batch normalization folded into the linear maps before it, as
 * {@code torch.nn.utils.fusion} and {@code torch.jit.freeze} do: scale γ/√(σ² + eps), bias β − μ·γ/√(σ² + eps).
 */
public final class FoldedPyTorch implements Implementation {
    @Override
    public String id() {
        return "pytorch-folded";
    }

    @Override
    public String title() {
        return "PyTorch, BN folded";
    }

    @Override
    public boolean supports(Norm norm, Workload workload) {
        return norm == Norm.BUILTIN && workload.task() != Workload.Task.TRAIN;
    }

    @Override
    public Network prepare(Norm norm, Map<String, Weight> weights, BatchFile batches) throws IOException {
        Map<String, Weight> folded = new LinkedHashMap<>(weights);
        fold(folded, "conv1", "bn1");
        fold(folded, "conv2", "bn2");
        fold(folded, "fc1", "bn3");
        return new PyTorchNetwork(folded, batches);
    }

    private static void fold(Map<String, Weight> weights, String layer, String bn) {
        Weight weight = weights.get(layer + ".weight");
        Weight gamma = weights.remove(bn + ".weight");
        Weight beta = weights.remove(bn + ".bias");
        Weight mean = weights.remove(bn + ".running_mean");
        Weight variance = weights.remove(bn + ".running_var");
        float[] values = weight.values().clone();
        float[] bias = beta.values().clone();
        int perOutput = values.length / bias.length;
        for (int out = 0; out < bias.length; out++) {
            double scale = gamma.values()[out] / Math.sqrt(variance.values()[out] + ReferenceCnn.BN_EPS);
            bias[out] -= (float) (mean.values()[out] * scale);
            for (int i = out * perOutput; i < (out + 1) * perOutput; i++) {
                values[i] *= (float) scale;
            }
        }
        weights.put(layer + ".weight", new Weight(weight.shape(), values));
        weights.put(layer + ".bias", new Weight(beta.shape(), bias));
    }
}
