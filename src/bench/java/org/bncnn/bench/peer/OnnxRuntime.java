package org.bncnn.bench.peer;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.util.Map;
import org.bncnn.bench.BatchFile;
import org.bncnn.bench.Implementation;
import org.bncnn.bench.Weight;
import org.bncnn.bench.Workload;
import org.bncnn.model.Norm;

/** ONNX Runtime, which classifies and does not train, on the network that PyTorch exports: {@code make_onnx.py}. */
public final class OnnxRuntime implements Implementation {
    /** What the exported network is for. */
    private static final int SIDE = 28;

    private static final int CLASSES = 10;

    @Override
    public String id() {
        return "onnxruntime";
    }

    @Override
    public String title() {
        return "ONNX Runtime";
    }

    @Override
    public boolean supports(Norm norm, Workload workload) {
        return norm != Norm.CUSTOM
                && workload.task() != Workload.Task.TRAIN
                && workload.channels() == 1
                && workload.side() == SIDE
                && workload.classes() == CLASSES
                && workload.width() == 1;
    }

    @Override
    public Network prepare(Norm norm, Map<String, Weight> weights, BatchFile batches) throws IOException {
        try {
            return new OnnxRuntimeNetwork(norm, weights, batches);
        } catch (OrtException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
