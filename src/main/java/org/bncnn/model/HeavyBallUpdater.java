package org.bncnn.model;

import java.util.Map;
import java.util.Set;
import org.bncnn.array.Floats;
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
        if (Floats.isPlain(velocity) && Floats.isPlain(gradient)) {
            apply(Floats.of(gradient), Floats.of(velocity), (float) config.getMomentum(), (float) learningRate);
        } else {
            velocity.muli(config.getMomentum()).addi(gradient.reshape(velocity.shape()));
            gradient.assign(velocity).muli(learningRate);
        }
    }

    /** In one pass, a cache's share at a time; as operations of ND4J it takes four, each through all of the memory. */
    private static void apply(Floats gradient, Floats velocity, float momentum, float learningRate) {
        float[] g = new float[SEGMENT];
        float[] v = new float[SEGMENT];
        for (long done = 0; done < velocity.length(); done += SEGMENT) {
            int count = (int) Math.min(SEGMENT, velocity.length() - done);
            gradient.read(done, g, 0, count);
            velocity.read(done, v, 0, count);
            for (int i = 0; i < count; i++) {
                v[i] = momentum * v[i] + g[i];
                g[i] = learningRate * v[i];
            }
            velocity.write(done, v, 0, count);
            gradient.write(done, g, 0, count);
        }
    }
}
