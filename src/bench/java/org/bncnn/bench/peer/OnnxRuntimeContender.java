package org.bncnn.bench.peer;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import org.bncnn.bench.Batches;
import org.bncnn.bench.Contender;
import org.bncnn.bench.Subject;
import org.bncnn.bench.Task;
import org.bncnn.bench.Weights;
import org.bncnn.bench.Workload;
import org.bncnn.model.Norm;

/** ONNX Runtime, which classifies and does not train, on the network that PyTorch exports (see {@code make_onnx.py}). */
public final class OnnxRuntimeContender implements Contender {
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
                && workload.task() != Task.TRAIN
                && workload.channels() == 1
                && workload.side() == SIDE
                && workload.classes() == CLASSES
                && workload.width() == 1;
    }

    @Override
    public Subject prepare(Norm norm, Workload workload, Weights weights, Batches batches) throws IOException {
        try {
            return new OnnxRuntimeSubject(norm, workload, weights, batches);
        } catch (OrtException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
