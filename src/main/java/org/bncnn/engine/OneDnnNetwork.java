package org.bncnn.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.abstracts.DummyWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A {@code MultiLayerNetwork} whose forward and backward passes run as one plan of oneDNN primitives.
 *
 * <pre>{@code
 * MultiLayerNetwork network = OneDnnNetwork.accelerate(MultiLayerNetwork.load(file, true));
 * network.fit(iterator);   // as before: listeners, evaluation, saving
 * }</pre>
 *
 * <p>Everything else is DL4J's: the fit loop, updaters with their schedules, regularization and clipping, listeners,
 * evaluation, serialization. Results agree with DL4J's within float tolerance, and saved files are the same. Some
 * things cannot run as a plan: a layer type, masks, listeners that want activations, input of a wrong shape, numbers
 * that are not finite. DL4J's own layers run then. If no plan is possible, the log says so once, with the reason.
 * {@link #explain} lists what executes each layer.
 *
 * <p>oneDNN's batch normalization sums in float. In training, a channel whose mean is r standard deviations gets
 * outputs and gradients that are off by about 3·10⁻⁷·r (PyTorch: 2·10⁻⁸·r; our layer's own code, which
 * {@link #accelerate(MultiLayerNetwork, Predicate)} keeps: 3·10⁻⁷, whatever r is).
 *
 * <p>A plan is made when an input's shape is first met. Its native memory is freed by {@link #close()}, or when the
 * plan is replaced or collected. After a layer's configuration is changed in place, the network has to be accelerated
 * again. Like DL4J's network, it trains on one thread at a time; {@code output} may be called from any number.
 */
@SuppressWarnings("overrides") // of doEvaluation, within DL4J
public final class OneDnnNetwork extends MultiLayerNetwork {
    private static final long serialVersionUID = 1L;

    /** Examples that run at a time at inference: their activations should stay in the caches. */
    private static final long CHUNK = 128;

    private static final ClassValue<Boolean> WANTS_ACTIVATIONS = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return overrides(type, List.class) || overrides(type, Map.class);
        }
    };

    private final transient Predicate<Layer> asIsland;
    private final transient PlanCache plans;
    private transient boolean masked;
    private transient GradientViews gradientViews;

    private OneDnnNetwork(MultiLayerConfiguration configuration, Predicate<Layer> asIsland) {
        super(configuration);
        this.asIsland = asIsland;
        this.plans = new PlanCache(this, asIsland);
    }

    /**
     * {@return a copy of a network that runs on oneDNN}: with its parameters, updater state, counts and listeners.
     * Where oneDNN cannot run, the copy runs as the network did.
     *
     * @param network initialised; stays as it is
     */
    public static OneDnnNetwork accelerate(MultiLayerNetwork network) {
        return accelerate(network, layer -> false);
    }

    /**
     * {@return a copy of a network that runs on oneDNN, except for some layers}, which run DL4J's own code
     *
     * @param network initialised; stays as it is
     * @param asIsland whether a layer of this configuration runs its own code
     */
    public static OneDnnNetwork accelerate(MultiLayerNetwork network, Predicate<Layer> asIsland) {
        OneDnnNetwork accelerated =
                new OneDnnNetwork(network.getLayerWiseConfigurations().clone(), asIsland);
        copy(network, accelerated);
        accelerated.setListeners(network.getListeners());
        return accelerated;
    }

    /** {@return a copy of this network as DL4J's own class, with parameters, updater state, counts and listeners} */
    public MultiLayerNetwork toDl4j() {
        MultiLayerNetwork plain =
                new MultiLayerNetwork(getLayerWiseConfigurations().clone());
        copy(this, plain);
        plain.setListeners(getListeners());
        return plain;
    }

    /** {@return a copy that runs on oneDNN too, without the listeners, as DL4J clones networks} */
    @Override
    public OneDnnNetwork clone() {
        OneDnnNetwork clone = new OneDnnNetwork(getLayerWiseConfigurations().clone(), asIsland);
        copy(this, clone);
        return clone;
    }

    private static void copy(MultiLayerNetwork from, MultiLayerNetwork to) {
        to.init(from.params() == null ? null : from.params().dup(), false);
        for (int i = 0; i < from.getnLayers(); i++) {
            if (from.getLayer(i) instanceof FrozenLayer && !(to.getLayer(i) instanceof FrozenLayer)) {
                to.getLayers()[i] = new FrozenLayer(to.getLayer(i));
            }
        }
        Updater updater = from.getUpdater(false); // null if it never trained
        INDArray state = updater == null ? null : updater.getStateViewArray();
        if (state != null) {
            to.getUpdater().setStateViewArray(to, state.dup(), false);
        }
    }

    /**
     * {@return what executes each layer}
     *
     * @param training whether in training; else at inference
     * @param inputShape {@code [N, …]}
     * @throws IllegalStateException if DL4J's own layers execute all of them; the message says why
     */
    public List<LayerExecution> explain(boolean training, long... inputShape) {
        if (training) {
            initGradients();
        }
        synchronized (plans) {
            return plans.explain(training, inputShape);
        }
    }

    @Override
    public void computeGradientAndScore() {
        if (masked || input == null || labels == null || wantActivations(getListeners())) {
            super.computeGradientAndScore();
            return;
        }
        initGradients();
        synchronized (plans) {
            Optional<Plan> plan = isRunnable(input) ? plans.find(true, input.shape()) : Optional.empty();
            if (plan.isPresent()
                    && Arrays.equals(plan.get().outputShape(), labels.shape())
                    && computeGradientAndScore(plan.get())) {
                return;
            }
        }
        super.computeGradientAndScore();
    }

    /** {@return whether gradient and score were computed}, which they are not if numbers overflow */
    private boolean computeGradientAndScore(Plan plan) {
        synchronizeIterEpochCounts();
        OptionalDouble sum = plan.train(Floats.plain(input), Floats.plain(labels));
        if (sum.isEmpty()) {
            return false;
        }
        // DL4J's loss layer, unlike its output layer, averages in any case.
        boolean averages = getOutputLayer().conf().isMiniBatch() || getOutputLayer() instanceof LossLayer;
        score = (averages ? sum.getAsDouble() / input.size(0) : sum.getAsDouble()) + calcRegularizationScore(true);
        if (gradientViews == null || !gradientViews.areOf(flattenedGradients)) {
            gradientViews = new GradientViews(this);
        }
        gradient = gradientViews;
        for (TrainingListener listener : getListeners()) {
            listener.onBackwardPass(this);
        }
        return true;
    }

    @Override
    @SuppressWarnings("try") // what is opened is used by way of the thread
    protected INDArray outputOfLayerDetached(
            boolean train,
            FwdPassType fwdPassType,
            int layerIndex,
            INDArray input,
            INDArray featureMask,
            INDArray labelsMask,
            MemoryWorkspace outputWorkspace) {
        boolean detached = outputWorkspace == null || outputWorkspace instanceof DummyWorkspace;
        boolean plain = !train
                && fwdPassType == FwdPassType.STANDARD
                && layerIndex == getnLayers() - 1
                && !masked
                && featureMask == null
                && labelsMask == null
                && isRunnable(input)
                && (detached ? Nd4j.getMemoryManager().getCurrentWorkspace() == null : outputWorkspace.isScopeActive());
        if (plain) {
            setInput(input);
            synchronized (plans) {
                INDArray features = Floats.plain(input);
                long chunk = Math.min(CHUNK, features.size(0));
                Optional<Plan> plan = plans.forInference(withExamples(chunk, features.shape()));
                if (plan.isPresent()) {
                    try (MemoryWorkspace open = detached ? null : outputWorkspace.notifyScopeBorrowed()) {
                        INDArray activations = Nd4j.createUninitialized(
                                DataType.FLOAT,
                                withExamples(features.size(0), plan.get().outputShape()),
                                'c');
                        if (infer(features, activations)) {
                            return activations;
                        }
                    }
                }
            }
        }
        return super.outputOfLayerDetached(
                train, fwdPassType, layerIndex, input, featureMask, labelsMask, outputWorkspace);
    }

    /**
     * {@return the output for examples in a Java array}, in 'c' order. The output is the same as with an
     * {@code INDArray}, but making one takes longer than a small network needs for an example.
     *
     * @param features in 'c' order
     * @param shape of the features, {@code [N, …]}
     * @throws IllegalArgumentException if the number of features is not the shape's
     */
    public synchronized float[] output(float[] features, long... shape) {
        if (features.length != ArrayUtil.prodLong(shape)) {
            throw new IllegalArgumentException(features.length + " values are not of shape " + Arrays.toString(shape));
        }
        if (!masked && features.length > 0 && shape.length > 1 && shape[0] <= CHUNK) {
            synchronized (plans) {
                Optional<Plan> plan = plans.forInference(shape);
                Optional<float[]> activations = plan.flatMap(found -> found.infer(features, plans.parameterVersion()));
                if (activations.isPresent()) {
                    return activations.get();
                }
            }
        }
        return Floats.copyOf(output(Nd4j.create(features, shape, 'c')));
    }

    /**
     * Runs as many examples at a time as the caches can hold.
     *
     * @return whether no number can have overflowed
     */
    private boolean infer(INDArray features, INDArray activations) {
        Floats src = Floats.of(features);
        Floats dst = Floats.of(activations);
        long examples = features.size(0);
        long in = src.length() / examples;
        long out = dst.length() / examples;
        for (long done = 0; done < examples; done += CHUNK) {
            long count = Math.min(CHUNK, examples - done);
            Plan plan = plans.find(false, withExamples(count, features.shape())).orElseThrow();
            Optional<Floats> output = plan.infer(src.slice(done * in, count * in), plans.parameterVersion());
            if (output.isEmpty()) {
                return false;
            }
            dst.slice(done * out, count * out).write(output.get());
        }
        return true;
    }

    private static long[] withExamples(long examples, long... shape) {
        long[] other = shape.clone();
        other[0] = examples;
        return other;
    }

    private static boolean isRunnable(INDArray input) {
        return input != null
                && !input.isEmpty()
                && (input.rank() == 2 || input.rank() == 4)
                && input.dataType().isFPType();
    }

    /** {@return whether a listener uses the activations of a forward pass}, which a plan has in oneDNN's layouts */
    static boolean wantActivations(Collection<TrainingListener> listeners) {
        for (TrainingListener listener : listeners) {
            if (WANTS_ACTIVATIONS.get(listener.getClass())) {
                return true;
            }
        }
        return false;
    }

    private static boolean overrides(Class<?> type, Class<?> activations) {
        try {
            return type.getMethod("onForwardPass", Model.class, activations).getDeclaringClass()
                    != BaseTrainingListener.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type + " is no training listener", e);
        }
    }

    private void initGradients() {
        if (flattenedGradients == null) {
            initGradientsView();
        }
    }

    /** DL4J's updater keeps views of the gradients it was made with, so it is made again, with its state. */
    @Override
    public void initGradientsView() {
        super.initGradientsView();
        Updater updater = getUpdater(false);
        if (updater != null) {
            setUpdater(new MultiLayerUpdater(this, updater.getStateViewArray()));
        }
    }

    @Override
    public void setLayerMaskArrays(INDArray featuresMaskArray, INDArray labelsMaskArray) {
        masked |= featuresMaskArray != null || labelsMaskArray != null; // null leaves a mask that is there
        super.setLayerMaskArrays(featuresMaskArray, labelsMaskArray);
    }

    @Override
    public void clearLayerMaskArrays() {
        masked = false;
        super.clearLayerMaskArrays();
    }

    /** {@return DL4J's network, which is what is serialized: the engine is chosen where it is read} */
    private Object writeReplace() {
        return toDl4j();
    }

    /** Frees the plans' memory, and then, as DL4J does, the parameters'. */
    @Override
    public void close() {
        synchronized (plans) {
            plans.close();
        }
        super.close();
    }
}
