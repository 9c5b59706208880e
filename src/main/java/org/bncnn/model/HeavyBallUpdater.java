package org.bncnn.model;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.learning.GradientUpdater;

/** Turns gradients into the steps of a {@link HeavyBall}; its state is the velocity, a view of the network's updater state. */
final class HeavyBallUpdater implements GradientUpdater<HeavyBall> {
    private static final String VELOCITY = "V";

    /** Floats that are worked on at a time. */
    private static final int SEGMENT = 4096;

    private final HeavyBall config;
    private INDArray velocity;

    HeavyBallUpdater(HeavyBall config) {
        this.config = config;
    }

    @Override
    public HeavyBall getConfig() {
        return config;
    }

    @Override
    public void setState(Map<String, INDArray> stateMap, boolean initialize) {
        if (!stateMap.keySet().equals(Set.of(VELOCITY))) {
            throw new IllegalStateException(
                    "HeavyBall keeps one state array, \"" + VELOCITY + "\"; got " + stateMap.keySet());
        }
        velocity = stateMap.get(VELOCITY);
    }

    @Override
    public Map<String, INDArray> getState() {
        return Map.of(VELOCITY, velocity);
    }

    @Override
    public void setStateViewArray(INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
        if (initialize) {
            viewArray.assign(0);
        }
        velocity = Shape.newShapeNoCopy(viewArray, gradientShape, gradientOrder == 'f');
        if (velocity == null) {
            throw new IllegalStateException("The updater's state cannot be viewed in the gradient's shape");
        }
    }

    /** Replaces the gradient by the step to subtract from the parameters, η·v. */
    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        double learningRate = config.getLearningRate(iteration, epoch);
        if (isPlain(velocity) && isPlain(gradient)) {
            applyToFloats(floats(gradient), floats(velocity), (float) config.getMomentum(), (float) learningRate);
            Reference.reachabilityFence(gradient);
        } else {
            velocity.muli(config.getMomentum()).addi(gradient.reshape(velocity.shape()));
            gradient.assign(velocity).muli(learningRate);
        }
    }

    /** In one pass, a cache's share at a time; as operations of ND4J it takes four, each through all of the memory. */
    private static void applyToFloats(FloatBuffer gradient, FloatBuffer velocity, float momentum, float learningRate) {
        float[] g = new float[SEGMENT];
        float[] v = new float[SEGMENT];
        for (int done = 0; done < velocity.limit(); done += SEGMENT) {
            int count = Math.min(SEGMENT, velocity.limit() - done);
            gradient.get(done, g, 0, count);
            velocity.get(done, v, 0, count);
            for (int i = 0; i < count; i++) {
                v[i] = momentum * v[i] + g[i];
                g[i] = learningRate * v[i];
            }
            velocity.put(done, v, 0, count);
            gradient.put(done, g, 0, count);
        }
    }

    private static boolean isPlain(INDArray array) {
        return array.dataType() == DataType.FLOAT && array.rank() == 1 && array.elementWiseStride() == 1;
    }

    private static FloatBuffer floats(INDArray array) {
        FloatPointer pointer = new FloatPointer(array.data().pointer());
        long first = array.offset();
        return pointer.position(first).limit(first + array.length()).asBuffer();
    }
}
