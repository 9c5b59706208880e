package org.bncnn.bench.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.bench.Batches;
import org.bncnn.bench.Subject;
import org.bncnn.bench.Tensor;
import org.bncnn.bench.Weights;
import org.bncnn.bench.Workload;
import org.bncnn.model.Norm;

/** A session of ONNX Runtime, all its optimisations on. The model has no weights; it gets them before it is optimised. */
final class OnnxRuntimeSubject implements Subject {
    private static final String INPUT = "images";

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final int threads;
    private final long[] oneImage;
    private final FloatBuffer image;

    /** The session works on their memory. */
    private final Map<String, OnnxTensorLike> initializers = new HashMap<>();

    private final OrtSession session;
    private final List<OnnxTensor> batches = new ArrayList<>();

    OnnxRuntimeSubject(Norm norm, Workload workload, Weights weights, Batches batches)
            throws OrtException, IOException {
        threads = workload.threads();
        oneImage = new long[] {1, workload.channels(), workload.side(), workload.side()};
        image = direct(workload.imageLength());
        session = session(norm == Norm.NONE ? "none.onnx" : "bn.onnx", weights);
        for (int batch = 0; batch < batches.count(); batch++) {
            this.batches.add(tensor(batches.images(batch)));
        }
    }

    private OrtSession session(String model, Weights weights) throws OrtException, IOException {
        for (Map.Entry<String, Tensor> weight : weights.byName().entrySet()) {
            initializers.put(weight.getKey(), tensor(weight.getValue()));
        }
        try (InputStream in = OnnxRuntimeSubject.class.getResourceAsStream("onnx/" + model);
                SessionOptions options = new SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.addExternalInitializers(initializers);
            return environment.createSession(in.readAllBytes(), options);
        }
    }

    private OnnxTensor tensor(Tensor tensor) throws OrtException {
        return OnnxTensor.createTensor(
                environment, direct(tensor.values().length).put(tensor.values()).rewind(), tensor.shape());
    }

    /** Memory that ONNX Runtime works on in place. */
    private static FloatBuffer direct(int length) {
        return ByteBuffer.allocateDirect(length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    @Override
    public String version() {
        return "ONNX Runtime " + environment.getVersion();
    }

    /** {@return what it was told}; it does not say itself. */
    @Override
    public int threads() {
        return threads;
    }

    @Override
    public double train(int batch) {
        throw new UnsupportedOperationException("ONNX Runtime does not train here");
    }

    @Override
    public float[] evaluate(int batch) {
        return probabilities(batches.get(batch));
    }

    @Override
    public float[] predict(float[] pixels) {
        try (OnnxTensor input =
                OnnxTensor.createTensor(environment, image.put(pixels).rewind(), oneImage)) {
            return probabilities(input);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private float[] probabilities(OnnxTensor input) {
        try (OrtSession.Result result = session.run(Map.of(INPUT, input))) {
            FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] probabilities = new float[buffer.remaining()];
            buffer.get(probabilities);
            return probabilities;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        batches.forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
