package org.bncnn.bench.peer;

import java.io.IOException;
import org.bncnn.bench.Batches;
import org.bncnn.bench.Contender;
import org.bncnn.bench.Subject;
import org.bncnn.bench.Weights;
import org.bncnn.bench.Workload;
import org.bncnn.model.Norm;

/** PyTorch, called through DJL. */
public final class PyTorchContender implements Contender {
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
    public Subject prepare(Norm norm, Workload workload, Weights weights, Batches batches) throws IOException {
        return new PyTorchSubject(workload, weights.byName(), batches);
    }
}
