package org.bncnn.bench.peer;

import java.io.IOException;
import java.util.Map;
import org.bncnn.bench.BatchFile;
import org.bncnn.bench.Implementation;
import org.bncnn.bench.Weight;
import org.bncnn.bench.Workload;
import org.bncnn.model.Norm;

/** PyTorch, called through DJL. */
public final class PyTorch implements Implementation {
    @Override
    public String id() {
        return "pytorch";
    }

    @Override
    public String title() {
        return "PyTorch";
    }

    @Override
    public boolean supports(Norm norm, Workload workload) {
        return norm != Norm.CUSTOM;
    }

    @Override
    public Network prepare(Norm norm, Map<String, Weight> weights, BatchFile batches) throws IOException {
        return new PyTorchNetwork(weights, batches);
    }
}
