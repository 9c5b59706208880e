package org.bncnn.model;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Stochastic gradient descent with heavy-ball momentum, as {@code torch.optim.SGD(lr, momentum)} has it.
 *
 * <p>With gradient g, parameters p, learning rate η, momentum μ and velocity v, which starts at 0:
 *
 * <pre>
 *   v ← μ·v + g
 *   p ← p − η·v
 * </pre>
 *
 * <p>DL4J's {@link Nesterovs} keeps V = −η·v and looks one step ahead: p moves by μ·V_new − η·g, where
 * the heavy ball moves by V_new alone. It equals PyTorch's {@code nesterov=True} while η is constant. When a schedule changes η,
 * PyTorch's form, used here, scales the whole velocity by the new η at once; in the form of Sutskever et al. (2013), which
 * {@code Nesterovs} follows, old steps keep the η they were made with.
 *
 * <p>Source: Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
 */
public final class HeavyBall implements IUpdater {
    private static final long serialVersionUID = 1L;

    private double learningRate;
    private ISchedule learningRateSchedule;
    private final double momentum;

    /**
     * @param learningRate η, constant
     * @param momentum μ, in [0, 1)
     */
    public HeavyBall(double learningRate, double momentum) {
        this(learningRate, null, momentum);
    }

    /**
     * @param learningRate η where there is no schedule
     * @param learningRateSchedule η by iteration or epoch; null for a constant one
     * @param momentum μ, in [0, 1)
     */
    @JsonCreator
    public HeavyBall(
            @JsonProperty("learningRate") double learningRate,
            @JsonProperty("learningRateSchedule") ISchedule learningRateSchedule,
            @JsonProperty("momentum") double momentum) {
        this.learningRate = learningRate;
        this.learningRateSchedule = learningRateSchedule;
        this.momentum = momentum;
    }

    public double getMomentum() {
        return momentum;
    }

    /** {@return DL4J's form, which looks one step ahead} */
    Nesterovs toNesterovs() {
        Nesterovs stock = new Nesterovs(learningRate, momentum);
        stock.setLrAndSchedule(learningRate, learningRateSchedule);
        return stock;
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return learningRateSchedule == null ? learningRate : learningRateSchedule.valueAt(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return true;
    }

    @Override
    public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
        learningRate = lr;
        learningRateSchedule = lrSchedule;
    }

    /** {@inheritDoc} The velocity: one number for each parameter. */
    @Override
    public long stateSize(long numParams) {
        return numParams;
    }

    @Override
    public GradientUpdater<HeavyBall> instantiate(INDArray viewArray, boolean initializeViewArray) {
        HeavyBallUpdater updater = new HeavyBallUpdater(this);
        INDArray state = viewArray.reshape(viewArray.length());
        updater.setStateViewArray(state, state.shape(), state.ordering(), initializeViewArray);
        return updater;
    }

    @Override
    public GradientUpdater<HeavyBall> instantiate(Map<String, INDArray> updaterState, boolean initializeStateArrays) {
        HeavyBallUpdater updater = new HeavyBallUpdater(this);
        updater.setState(updaterState, initializeStateArrays);
        return updater;
    }

    @Override
    public HeavyBall clone() {
        return new HeavyBall(
                learningRate, learningRateSchedule == null ? null : learningRateSchedule.clone(), momentum);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeavyBall that
                && learningRate == that.learningRate
                && momentum == that.momentum
                && Objects.equals(learningRateSchedule, that.learningRateSchedule);
    }

    @Override
    public int hashCode() {
        return Objects.hash(learningRate, learningRateSchedule, momentum);
    }

    @Override
    public String toString() {
        return "HeavyBall(learningRate=" + (learningRateSchedule == null ? learningRate : learningRateSchedule)
                + ", momentum=" + momentum + ")";
    }
}
