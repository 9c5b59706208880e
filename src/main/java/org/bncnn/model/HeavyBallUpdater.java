package org.bncnn.model;

import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.learning.GradientUpdater;

/** Turns gradients into the steps of a {@link HeavyBall}; its state is the velocity, a view of the network's updater state. */
final class HeavyBallUpdater implements GradientUpdater<HeavyBall> {
    private static final String VELOCITY = "V";

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
        velocity.muli(config.getMomentum()).addi(gradient.reshape(velocity.shape()));
        gradient.assign(velocity).muli(config.getLearningRate(iteration, epoch));
    }
}
