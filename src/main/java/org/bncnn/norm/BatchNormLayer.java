package org.bncnn.norm;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.BETA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GAMMA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_MEAN;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bncnn.norm.BatchNormKernel.Affine;
import org.bncnn.norm.BatchNormKernel.Gradients;
import org.bncnn.norm.BatchNormKernel.Statistics;
import org.bncnn.norm.Normalization.Values;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * The runtime of a {@link BatchNorm}. Between the passes it keeps only the input, mean and variance.
 *
 * <p>The running statistics are parameters, because DL4J saves and averages only those. The layer reports old − new as
 * their gradient, as DL4J's own layer does, and the updater subtracts it. Gradient clipping does not see it, unlike
 * there.
 *
 * <p>After the update each running statistic is the float (or double) nearest to its new value. Where the new value is
 * less than half of the old one, subtraction cannot give that, and the layer writes it in {@link #applyConstraints},
 * which DL4J calls last in a step. Until then such a value has the precision of the old one. Listeners see it so in
 * {@code iterationDone}, and it stays so in training that shares gradients between workers.
 */
public final class BatchNormLayer extends BaseLayer<BatchNorm> {
    private static final long serialVersionUID = 1L;

    /** Mean and variance that the last forward pass normalized by. */
    private transient Statistics statistics;

    /** Whether they are the batch's; in a frozen layer they never are. */
    private transient boolean ofBatch;

    /** The next update's steps of the running statistics; null if it leaves them alone. */
    private transient List<StatisticStep> steps;

    /**
     * Makes a layer without parameters; {@link BatchNorm#instantiate} gives it some.
     *
     * @param conf configuration that has a {@link BatchNorm}
     * @param dataType type of inputs and parameters, {@code FLOAT} or {@code DOUBLE}
     */
    public BatchNormLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public Type type() {
        return Type.NORMALIZATION;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    /** {@inheritDoc} Steps of the running statistics are not, because they are not sums over the batch. */
    @Override
    public boolean updaterDivideByMinibatch(String paramName) {
        return layerConf().trainableKeys().contains(paramName);
    }

    /** {@inheritDoc} Only those of γ and β, because DL4J clips what this returns; null if they are locked. */
    @Override
    public INDArray getGradientsViewArray() {
        long learned = layerConf().trainableKeys().size() * layerConf().getNOut();
        return gradientsFlattened == null || learned == 0
                ? null
                : gradientsFlattened.reshape(gradientsFlattened.length()).get(NDArrayIndex.interval(0, learned));
    }

    /**
     * Normalizes the input.
     *
     * @throws DL4JInvalidInputException if its rank or number of channels is wrong, if in training it has only one
     *     value per channel, or if the layer refuses values that are not finite and it has one
     */
    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaceMgr);
        INDArray x = input.castTo(dataType);
        check(x);
        boolean[] kept = kept(x.shape());
        INDArray y = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        ChannelView src = view(x, y);
        ChannelView dst = view(y);
        BatchNormKernel kernel = BatchNormKernel.forArrays(kept, src, dst);
        if (training) {
            require(
                    src.count(kept) >= 2,
                    () -> "Use larger batches, or leave out a last batch of one example: training needs"
                            + " at least 2 values per channel, got " + src.count(kept) + " in",
                    x.shape());
            statistics = kernel.forwardTraining(src, affine(), dst);
        } else {
            Values values = norm().values(params);
            statistics = new Statistics(values.mean(), values.variance());
            kernel.forwardInference(src, statistics, affine(), dst);
        }
        ofBatch = training;
        if (!isFused()) {
            y = layerConf().getActivationFn().getActivation(y, training);
            clearMasked(y, kept);
        }
        Reference.reachabilityFence(x);
        return y;
    }

    /**
     * {@inheritDoc} The gradients of the paper's §3. After a forward pass in test mode, as in a frozen layer, ∂ℓ/∂x is
     * ∂ℓ/∂y·γ/√(running variance + eps), and the running statistics stay.
     */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (statistics == null) {
            throw new IllegalStateException("There was no forward pass to go back through " + layerId());
        }
        require(
                Arrays.equals(epsilon.shape(), input.shape()),
                () -> "A gradient of shape " + Arrays.toString(epsilon.shape()) + " does not fit",
                input.shape());
        INDArray x = input.castTo(dataType);
        if (!ChannelView.canView(x, channelAxis(x.rank()))) {
            x = workspaceMgr.dup(ArrayType.BP_WORKING_MEM, x, 'c');
        }
        boolean[] kept = kept(x.shape());
        ChannelView src = view(x);
        INDArray dy = isFused() ? epsilon.castTo(dataType) : beforeActivation(x, epsilon, workspaceMgr);
        INDArray dx = workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        ChannelView diffDst = view(dy, dx);
        ChannelView diffSrc = view(dx);
        Gradients gradients = BatchNormKernel.forArrays(kept, src, diffDst, diffSrc)
                .backward(src, diffDst, statistics, ofBatch, affine(), diffSrc);
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(dy);
        moveRunningStatistics(src.count(kept));
        return new Pair<>(learned(gradients), backpropDropOutIfPresent(dx));
    }

    /** {@inheritDoc} DL4J calls this after each update, so it completes the steps of the running statistics too. */
    @Override
    public void applyConstraints(int iteration, int epoch) {
        super.applyConstraints(iteration, epoch);
        if (steps != null) {
            steps.forEach(step -> step.complete(params));
            steps = null;
        }
    }

    @Override
    public void clear() {
        super.clear();
        statistics = null;
    }

    private void check(INDArray x) {
        long[] shape = x.shape();
        require(
                shape.length >= 2 && shape.length <= 5,
                () -> "Batch normalization takes rank 2 to 5, got rank " + shape.length + " in",
                shape);
        int axis = channelAxis(shape.length);
        long channels = layerConf().getNOut();
        require(
                shape[axis] == channels && !x.isEmpty(),
                () -> "Expected " + channels + " channels on axis " + axis + ", got " + shape[axis] + " in",
                shape);
        if (layerConf().isRefuseNonFinite()) {
            long count = Nd4j.getExecutioner()
                    .exec(new MatchCondition(x, Conditions.notFinite()))
                    .getLong(0);
            require(count == 0, () -> "There are " + count + " values that are NaN or infinite in", shape);
        }
    }

    private void require(boolean holds, Supplier<String> message, long... shape) {
        if (!holds) {
            throw new DL4JInvalidInputException(
                    message.get() + " input of shape " + Arrays.toString(shape) + " " + layerId());
        }
    }

    private int channelAxis(int rank) {
        return layerConf().isChannelsLast() ? rank - 1 : 1;
    }

    private ChannelView view(INDArray array) {
        return ChannelView.of(array, channelAxis(array.rank()));
    }

    /** {@return a view of an array, or, where it cannot be viewed, of {@code copy}}, which gets its values */
    private ChannelView view(INDArray array, INDArray copy) {
        if (ChannelView.canView(array, channelAxis(array.rank()))) {
            return view(array);
        }
        return view(copy.assign(array));
    }

    /**
     * {@return which of a channel's values the mask keeps, numbered as in {@link ChannelView}; null for all} A mask has
     * the shape {@code [N]}, {@code [N, 1]} or {@code [N, T]}, or the input's rank with one channel. It keeps or drops
     * as a whole an axis that it lacks or has with length 1.
     */
    private boolean[] kept(long[] shape) {
        if (maskArray == null) {
            return null;
        }
        long[] positions = ArrayUtil.removeIndex(shape, channelAxis(shape.length));
        long[] axes = maskArray.shape();
        if (axes.length == shape.length && axes[1] == 1) {
            axes = ArrayUtil.removeIndex(axes, 1);
        }
        long[] spread = Arrays.copyOf(axes, positions.length);
        boolean fits = axes.length <= positions.length && axes[0] == positions[0];
        for (int axis = 1; axis < positions.length; axis++) {
            spread[axis] = axis < axes.length ? axes[axis] : 1;
            fits &= spread[axis] == 1 || spread[axis] == positions[axis];
        }
        require(fits, () -> "A mask of shape " + Arrays.toString(maskArray.shape()) + " does not fit", shape);
        INDArray wide = maskArray.castTo(DataType.DOUBLE).dup('c').reshape('c', spread);
        double[] values = wide.broadcast(positions).dup('c').data().asDouble();
        boolean[] kept = new boolean[values.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = values[i] != 0;
        }
        return kept;
    }

    /** DL4J's activations ignore masks. */
    private void clearMasked(INDArray y, boolean[] kept) {
        if (kept != null) {
            ChannelView view = view(y);
            for (int c = 0; c < view.channels(); c++) {
                view.write(c, view.read(c, kept), kept);
            }
        }
    }

    /** Identity and ReLU are part of the kernels; other activations are DL4J's. */
    private boolean isFused() {
        return isRelu() || layerConf().getActivationFn() instanceof ActivationIdentity;
    }

    private boolean isRelu() {
        return new ActivationReLU().equals(layerConf().getActivationFn());
    }

    private INDArray beforeActivation(INDArray x, INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray z = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
        ChannelView src = view(x);
        ChannelView dst = view(z);
        BatchNormKernel.forArrays(null, src, dst).forwardInference(src, statistics, affine(), dst);
        return layerConf()
                .getActivationFn()
                .backprop(z, epsilon.castTo(dataType))
                .getFirst();
    }

    private Normalization norm() {
        return Normalization.of(layerConf());
    }

    private Affine affine() {
        return new Affine(norm().gamma(params), norm().beta(params), norm().eps(), isRelu());
    }

    /** @param m number of values per channel */
    private void moveRunningStatistics(long m) {
        steps = null;
        if (ofBatch) {
            double keep = layerConf().isCumulativeAverage() ? iterationCount / (iterationCount + 1.0) : norm().decay();
            steps = StatisticStep.towards(norm(), params, gradientViews, statistics, m, keep);
        } else {
            gradientViews.get(GLOBAL_MEAN).assign(0);
            gradientViews.get(norm().varianceKey()).assign(0);
        }
    }

    private Gradient learned(Gradients gradients) {
        Gradient learned = new DefaultGradient();
        if (!layerConf().isLockGammaBeta()) {
            Map.of(GAMMA, gradients.gamma(), BETA, gradients.beta()).forEach((key, values) -> {
                INDArray view = gradientViews.get(key);
                for (int c = 0; c < values.length; c++) {
                    view.data().put(c, values[c]);
                }
                learned.setGradientFor(key, view);
            });
        }
        return learned;
    }
}
