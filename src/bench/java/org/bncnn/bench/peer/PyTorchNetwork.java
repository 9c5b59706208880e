package org.bncnn.bench.peer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bncnn.bench.BatchFile;
import org.bncnn.bench.Implementation.Network;
import org.bncnn.bench.Weight;
import org.bncnn.bench.Workload;
import org.bncnn.bench.Workload.Task;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;

/**
 * The reference CNN of PyTorch's own operations.
 *
 * <p>They are called one by one, as a Python program calls them, but without DJL's {@code Trainer} and {@code Block}s,
 * which add calls and copies; arrays of a step are freed at its end. Each call costs about a microsecond. The update is
 * DJL's {@code sgdUpdate}, one call for each parameter: heavy-ball momentum, as {@code torch.optim.SGD}'s.
 */
@SuppressWarnings("try") // a scope acts by being open
final class PyTorchNetwork implements Network {
    private static final Shape STRIDE = new Shape(1, 1);
    private static final Shape NO_PADDING = new Shape(0, 0);
    private static final Shape POOL = new Shape(ReferenceCnn.POOL, ReferenceCnn.POOL);
    private static final double MOMENTUM = 1 - ReferenceCnn.BN_DECAY;

    private static final float NO_DECAY = 0;
    private static final float NO_SCALE = 1;
    private static final float NO_CLIPPING = -1; // 0 would cut off what is above 0

    /** A weight that is trained, and what momentum has gathered for it. */
    private record Parameter(PtNDArray value, PtNDArray velocity) {}

    private final String version;
    private final Workload workload;
    private final boolean normalized;
    private final NDManager manager = NDManager.newBaseManager();
    private final Map<String, PtNDArray> weights = new HashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<PtNDArray> batches = new ArrayList<>();
    private final List<float[]> images = new ArrayList<>();
    private final List<PtNDArray> labels = new ArrayList<>();
    private final PtNDArray minusOne = (PtNDArray) manager.create(-1f);

    /** @param weights by name; without those of batch normalization it has none */
    PyTorchNetwork(Map<String, Weight> weights, BatchFile file) throws IOException {
        workload = file.workload();
        version = "PyTorch " + Engine.getEngine("PyTorch").getVersion() + " through DJL " + Engine.getDjlVersion();
        JniUtils.setNumThreads(workload.threads());
        JniUtils.setNumInteropThreads(1);
        normalized = weights.containsKey("bn1.weight");
        weights.forEach(this::add);
        for (int batch = 0; batch < file.count(); batch++) {
            float[] values = file.images(batch);
            batches.add(array(values, workload.shape()));
            if (workload.task() == Task.LATENCY) {
                images.add(values);
            }
            long[] classes = Arrays.stream(file.labels(batch)).asLongStream().toArray();
            labels.add((PtNDArray) manager.create(classes, new Shape(classes.length, 1)));
        }
    }

    private void add(String name, Weight weight) {
        PtNDArray value = array(weight.values(), weight.shape());
        weights.put(name, value);
        if (!name.contains("running")) {
            JniUtils.attachGradient(value, true);
            parameters.add(new Parameter(value, (PtNDArray) manager.zeros(value.getShape())));
        }
    }

    private PtNDArray array(float[] values, long[] shape) {
        return (PtNDArray) manager.create(values, new Shape(shape));
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public int threads() {
        return JniUtils.getNumThreads();
    }

    @Override
    public float[] call(int batch) {
        return switch (workload.task()) {
            case TRAIN -> new float[] {train(batch)};
            case EVALUATE -> probabilities(() -> batches.get(batch));
            case LATENCY -> probabilities(() -> array(images.get(batch), workload.shape()));
        };
    }

    private float train(int batch) {
        JniUtils.setGradMode(true);
        float loss;
        try (NDScope step = new NDScope()) {
            PtNDArray logProbabilities = JniUtils.logSoftmax(logits(batches.get(batch), true), 1, DataType.FLOAT32);
            PtNDArray logLikelihood = JniUtils.mean(JniUtils.gather(logProbabilities, labels.get(batch), 1));
            JniUtils.backward(logLikelihood, minusOne, false, false); // the loss is its negative
            loss = -logLikelihood.getFloat();
            JniUtils.setGradMode(false);
            for (Parameter parameter : parameters) {
                PtNDArray gradient = JniUtils.getGradient(parameter.value);
                JniUtils.sgdUpdate(
                        parameter.value,
                        gradient,
                        parameter.velocity,
                        (float) Recipe.REFERENCE.learningRate(),
                        NO_DECAY,
                        NO_SCALE,
                        NO_CLIPPING,
                        (float) Recipe.REFERENCE.momentum());
                JniUtils.zeroGrad(parameter.value);
            }
        }
        return loss;
    }

    /** What {@code images} makes is freed with the rest. */
    private float[] probabilities(Supplier<PtNDArray> images) {
        JniUtils.setGradMode(false);
        try (NDScope call = new NDScope()) {
            return JniUtils.softmax(logits(images.get(), false), 1, DataType.FLOAT32)
                    .toFloatArray();
        }
    }

    private PtNDArray logits(PtNDArray x, boolean training) {
        PtNDArray a = convolution(x, "1", training);
        a = convolution(a, "2", training);
        a = JniUtils.flatten(a, 1, -1);
        a = JniUtils.linear(a, weights.get("fc1.weight"), weights.get("fc1.bias"));
        a = activation(a, "3", training);
        return JniUtils.linear(a, weights.get("fc2.weight"), weights.get("fc2.bias"));
    }

    private PtNDArray convolution(PtNDArray x, String position, boolean training) {
        PtNDArray weight = weights.get("conv" + position + ".weight");
        PtNDArray bias = weights.get("conv" + position + ".bias");
        PtNDArray a = JniUtils.convolution(x, weight, bias, STRIDE, NO_PADDING, STRIDE, 1);
        return JniUtils.maxPool(activation(a, position, training), POOL, POOL, NO_PADDING, false);
    }

    private PtNDArray activation(PtNDArray x, String position, boolean training) {
        if (!normalized) {
            return JniUtils.relu(x);
        }
        String bn = "bn" + position;
        return JniUtils.relu(JniUtils.batchNorm(
                x,
                weights.get(bn + ".running_mean"),
                weights.get(bn + ".running_var"),
                weights.get(bn + ".weight"),
                weights.get(bn + ".bias"),
                training,
                MOMENTUM,
                ReferenceCnn.BN_EPS));
    }

    @Override
    public void close() {
        manager.close();
    }
}
