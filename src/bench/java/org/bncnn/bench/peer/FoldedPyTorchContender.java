package org.bncnn.bench.peer;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bncnn.bench.Batches;
import org.bncnn.bench.Contender;
import org.bncnn.bench.Subject;
import org.bncnn.bench.Task;
import org.bncnn.bench.Tensor;
import org.bncnn.bench.Weights;
import org.bncnn.bench.Workload;
import org.bncnn.model.Norm;

/**
 * PyTorch, classifying with batch normalization folded into the linear maps before it, as {@code torch.nn.utils.fusion} and {@code
 * torch.jit.freeze} do: scale γ/√(σ² + eps), bias β − μ·γ/√(σ² + eps).
 */
public final class FoldedPyTorchContender implements Contender {
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
        return norm == Norm.BUILTIN && workload.task() != Task.TRAIN;
    }

    @Override
    public Subject prepare(Norm norm, Workload workload, Weights weights, Batches batches) throws IOException {
        Map<String, Tensor> folded = new LinkedHashMap<>(weights.byName());
        fold(folded, "conv1", "bn1");
        fold(folded, "conv2", "bn2");
        fold(folded, "fc1", "bn3");
        return new PyTorchSubject(workload, folded, batches);
    }

    private static void fold(Map<String, Tensor> weights, String layer, String bn) {
        Tensor weight = weights.get(layer + ".weight");
        Tensor gamma = weights.remove(bn + ".weight");
        Tensor beta = weights.remove(bn + ".bias");
        Tensor mean = weights.remove(bn + ".running_mean");
        Tensor variance = weights.remove(bn + ".running_var");
        float[] values = weight.values().clone();
        float[] bias = beta.values().clone();
        int perOutput = values.length / bias.length;
        for (int out = 0; out < bias.length; out++) {
            double scale = gamma.values()[out] / Math.sqrt(variance.values()[out] + Weights.BN_EPS);
            bias[out] -= (float) (mean.values()[out] * scale);
            for (int i = out * perOutput; i < (out + 1) * perOutput; i++) {
                values[i] *= (float) scale;
            }
        }
        weights.put(layer + ".weight", new Tensor(weight.shape(), values));
        weights.put(layer + ".bias", new Tensor(beta.shape(), bias));
    }
}
