package org.bncnn.model;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
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
 * <p>DL4J's {@link Nesterovs} keeps V = −η·v and looks one step ahead: p moves by μ·V_new − η·g, where the heavy ball
 * moves by V_new alone. It equals PyTorch's {@code nesterov=True} while η is constant. When a schedule changes η,
 * PyTorch's form, used here, scales the whole velocity by the new η at once; in the form of Sutskever et al. (2013),
 * which {@code Nesterovs} follows, old steps keep the η they were made with.
 *
 * <p>Source: Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
 *
 * @serial exclude
 */
public final class HeavyBall implements IUpdater {
    private static final long serialVersionUID = 1L;

    private double learningRate;
    private ISchedule learningRateSchedule;
    private final double momentum;

    /**
     * With a constant learning rate.
     *
     * @param learningRate η
     * @param momentum μ, in [0, 1)
     */
    public HeavyBall(double learningRate, double momentum) {
        this(learningRate, null, momentum);
    }

    /**
     * With a schedule of the learning rate.
     *
     * @param learningRate η if there is no schedule
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

    /** {@return μ} */
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
        VelocityUpdater updater = new VelocityUpdater(this);
        INDArray state = viewArray.reshape(viewArray.length());
        updater.setStateViewArray(state, state.shape(), state.ordering(), initializeViewArray);
        return updater;
    }

    @Override
    public GradientUpdater<HeavyBall> instantiate(Map<String, INDArray> updaterState, boolean initializeStateArrays) {
        VelocityUpdater updater = new VelocityUpdater(this);
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

    /**
     * {@return a network with {@link Nesterovs} instead of {@link HeavyBall}}, of the same learning rate and momentum
     *
     * <p>Both keep a velocity: ours is v, DL4J's V = −η·v. It is converted, so that training continues at its speed;
     * from then on each step looks one ahead.
     *
     * @param network is not changed
     */
    public static MultiLayerNetwork toNesterovs(MultiLayerNetwork network) {
        MultiLayerConfiguration configuration =
                network.getLayerWiseConfigurations().clone();
        for (NeuralNetConfiguration conf : configuration.getConfs()) {
            if (conf.getLayer() instanceof BaseLayer layer) {
                layer.setIUpdater(convert(layer.getIUpdater()));
                layer.setBiasUpdater(convert(layer.getBiasUpdater()));
            }
        }
        MultiLayerNetwork converted = new MultiLayerNetwork(configuration);
        converted.init(network.params() == null ? null : network.params().dup(), false);
        Updater updater = network.getUpdater(false);
        INDArray state = updater == null ? null : updater.getStateViewArray();
        if (state != null) {
            converted.getUpdater().setStateViewArray(converted, state.dup(), false);
            scale(network, blocks(converted));
        }
        return converted;
    }

    private static IUpdater convert(IUpdater updater) {
        return updater instanceof HeavyBall own ? own.toNesterovs() : updater;
    }

    private static void scale(MultiLayerNetwork from, List<UpdaterBlock> to) {
        List<UpdaterBlock> blocks = blocks(from);
        for (int i = 0; i < to.size(); i++) {
            if (blocks.get(i).getGradientUpdater().getConfig() instanceof HeavyBall own) {
                double learningRate = own.getLearningRate(from.getIterationCount(), from.getEpochCount());
                to.get(i).getUpdaterView().muli(-learningRate);
            }
        }
    }

    private static List<UpdaterBlock> blocks(MultiLayerNetwork network) {
        return ((BaseMultiLayerUpdater<?>) network.getUpdater()).getUpdaterBlocks();
    }

    /** Turns gradients into steps; its state is the velocity, a view of the network's updater state. */
    private static final class VelocityUpdater implements GradientUpdater<HeavyBall> {
        private static final String VELOCITY = "V";

        /** Floats that are worked on at a time. */
        private static final int SEGMENT = 4096;

        private final HeavyBall config;
        private INDArray velocity;

        VelocityUpdater(HeavyBall config) {
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
        public void setStateViewArray(
                INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
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
                apply(Floats.of(gradient), Floats.of(velocity), (float) config.momentum, (float) learningRate);
            } else {
                velocity.muli(config.momentum).addi(gradient.reshape(velocity.shape()));
                gradient.assign(velocity).muli(learningRate);
            }
        }

        /**
         * In one pass, a cache's share at a time; ND4J's operations would take four passes through all of the memory.
         */
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
}
