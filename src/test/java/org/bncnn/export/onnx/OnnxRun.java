package org.bncnn.export.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An ONNX model as ONNX Runtime runs it. */
final class OnnxRun implements AutoCloseable {
    private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

    private final OrtSession session;

    OnnxRun(byte[] model) throws OrtException {
        try (SessionOptions options = new SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = ENVIRONMENT.createSession(model, options);
        }
    }

    OnnxRun(OnnxModel model) throws OrtException {
        this(model.toByteArray());
    }

    /** {@return what comes out}, when the only input is given these floats */
    INDArray floats(INDArray input) throws OrtException {
        FloatBuffer values = FloatBuffer.wrap(input.dup('c').data().asFloat());
        try (OnnxTensor tensor = OnnxTensor.createTensor(ENVIRONMENT, values, input.shape())) {
            return run(tensor);
        }
    }

    /** {@return what comes out}, when the only input is given these values, 0 to 255, in uint8 */
    INDArray bytes(INDArray input) throws OrtException {
        float[] values = input.dup('c').data().asFloat();
        ByteBuffer bytes = ByteBuffer.allocateDirect(values.length);
        for (float value : values) {
            bytes.put((byte) value);
        }
        try (OnnxTensor tensor =
                OnnxTensor.createTensor(ENVIRONMENT, bytes.rewind(), input.shape(), OnnxJavaType.UINT8)) {
            return run(tensor);
        }
    }

    private INDArray run(OnnxTensor input) throws OrtException {
        String name = session.getInputNames().iterator().next();
        try (OrtSession.Result result = session.run(Map.of(name, input))) {
            OnnxTensor output = (OnnxTensor) result.get(0);
            FloatBuffer buffer = output.getFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return Nd4j.createFromArray(values).reshape(output.getInfo().getShape());
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
