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
import org.bncnn.bench.BatchFile;
import org.bncnn.bench.Implementation.Network;
import org.bncnn.bench.Weight;
import org.bncnn.bench.Workload;
import org.bncnn.bench.Workload.Task;
import org.bncnn.model.Norm;

/** A session of ONNX Runtime, with all optimisations. The model has no weights; it gets them before it is optimised. */
final class OnnxRuntimeNetwork implements Network {
    private static final String INPUT = "images";

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Workload workload;
    private final FloatBuffer image;

    /** The session works on their memory. */
    private final Map<String, OnnxTensorLike> initializers = new HashMap<>();

    private final OrtSession session;
    private final List<OnnxTensor> batches = new ArrayList<>();
    private final List<float[]> images = new ArrayList<>();

    OnnxRuntimeNetwork(Norm norm, Map<String, Weight> weights, BatchFile file) throws OrtException, IOException {
        workload = file.workload();
        image = direct(workload.imageLength());
        session = session(norm == Norm.NONE ? "none.onnx" : "bn.onnx", weights);
        for (int batch = 0; batch < file.count(); batch++) {
            float[] values = file.images(batch);
            batches.add(tensor(values, workload.shape()));
            if (workload.task() == Task.LATENCY) {
                images.add(values);
            }
        }
    }

    private OrtSession session(String model, Map<String, Weight> weights) throws OrtException, IOException {
        for (Map.Entry<String, Weight> weight : weights.entrySet()) {
            initializers.put(
                    weight.getKey(),
                    tensor(weight.getValue().values(), weight.getValue().shape()));
        }
        try (InputStream in = OnnxRuntimeNetwork.class.getResourceAsStream("onnx/" + model);
                SessionOptions options = new SessionOptions()) {
            options.setIntraOpNumThreads(workload.threads());
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.addExternalInitializers(initializers);
            return environment.createSession(in.readAllBytes(), options);
        }
    }

    private OnnxTensor tensor(float[] values, long[] shape) throws OrtException {
        return OnnxTensor.createTensor(
                environment, direct(values.length).put(values).rewind(), shape);
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
        return workload.threads();
    }

    @Override
    public float[] call(int batch) {
        return switch (workload.task()) {
            case TRAIN -> throw new UnsupportedOperationException("ONNX Runtime does not train here");
            case EVALUATE -> probabilities(batches.get(batch));
            case LATENCY -> predict(images.get(batch));
        };
    }

    private float[] predict(float[] pixels) {
        try (OnnxTensor input =
                OnnxTensor.createTensor(environment, image.put(pixels).rewind(), workload.shape())) {
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
