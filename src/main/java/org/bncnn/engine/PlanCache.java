package org.bncnn.engine;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plans of a network, for the shapes of input that it met last. */
final class PlanCache implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PlanCache.class);

    /** Plans that are kept. An epoch needs two of each kind, for its usual batches and for the last one. */
    private static final int KEPT = 8;

    private final MultiLayerNetwork network;
    private final Predicate<Layer> asIsland;
    private final Map<Key, Attempt> attempts = new LinkedHashMap<>(16, 0.75f, true);

    private boolean told;

    /** The parameters that inference plans have prepared their weights from. */
    private Floats snapshot;

    private long version;
    private boolean finite = true;

    private record Key(boolean training, String shape) {}

    /** A plan, or why there is none. */
    private record Attempt(Plan plan, String failure) implements AutoCloseable {
        @Override
        public void close() {
            if (plan != null) {
                plan.close();
            }
        }
    }

    PlanCache(MultiLayerNetwork network, Predicate<Layer> asIsland) {
        this.network = network;
        this.asIsland = asIsland;
    }

    /** {@return the plan for a shape of input; empty if there can be none, which is logged once} */
    Optional<Plan> find(boolean training, long... inputShape) {
        Attempt attempt = attempt(training, inputShape);
        if (attempt.failure != null && !told) {
            told = true;
            log.info("DL4J's own layers run the network, not oneDNN: {}", attempt.failure);
        }
        return Optional.ofNullable(attempt.plan);
    }

    /** {@return what executes each layer}; throws {@code IllegalStateException} if there is no plan */
    List<LayerExecution> explain(boolean training, long... inputShape) {
        return find(training, inputShape)
                .map(Plan::layers)
                .orElseThrow(() -> new IllegalStateException(attempt(training, inputShape).failure));
    }

    private Attempt attempt(boolean training, long... inputShape) {
        Optional<String> whyNot = Engine.whyNotOneDnn();
        if (whyNot.isPresent()) {
            return new Attempt(null, whyNot.get());
        }
        Key key = new Key(training, Arrays.toString(inputShape));
        Attempt attempt = attempts.get(key);
        if (attempt == null || attempt.plan != null && !attempt.plan.isCurrent()) {
            if (attempt != null) {
                close();
            }
            attempt = compile(training, inputShape);
            attempts.put(key, attempt);
            if (attempts.size() > KEPT) {
                Key eldest = attempts.keySet().iterator().next();
                attempts.remove(eldest).close();
            }
        }
        return attempt;
    }

    @SuppressWarnings("try") // what is opened is used by way of the thread
    private Attempt compile(boolean training, long... inputShape) {
        try {
            Plan plan = Compiler.compile(network, asIsland, training, inputShape);
            if (plan.isSmall()) {
                plan.close();
                try (Plan.OneThread one = new Plan.OneThread()) {
                    plan = Compiler.compile(network, asIsland, training, inputShape);
                }
            }
            log.debug("Plan for {}: {}", training ? "training" : "inference", plan.layers());
            return new Attempt(plan, null);
        } catch (NotCompilableException e) {
            log.debug("No plan", e);
            return new Attempt(null, e.getMessage());
        }
    }

    /**
     * {@return the plan for inference with the present parameters}; empty if there can be none or a parameter is not
     * finite: oneDNN's maximum of 0 and NaN is 0, DL4J's is NaN
     */
    Optional<Plan> forInference(long... inputShape) {
        Optional<Plan> plan = find(false, inputShape);
        if (plan.isPresent()) {
            noticeParameters();
        }
        return plan.filter(found -> finite);
    }

    /** {@return a number that changes when the parameters do}, as {@link #forInference} found them last */
    long parameterVersion() {
        return version;
    }

    /**
     * Starts a new version if the parameters have changed.
     *
     * <p>Callers can modify them at any time, through {@code params()} or a view, without notice. Comparing them with a
     * copy takes a few microseconds; folding batch normalization and laying out weights takes ten times as long.
     */
    private void noticeParameters() {
        if (network.params() == null || network.params().isEmpty()) {
            return;
        }
        Floats params = Floats.of(network.params());
        if (snapshot == null || !snapshot.hasBitsOf(params)) {
            snapshot = Floats.of(IslandStage.detached(params.length()));
            snapshot.write(params);
            finite = Float.isFinite(Bound.magnitude(snapshot));
            version++;
        }
    }

    /** Frees the memory of all plans; they are made again when they are needed. */
    @Override
    public void close() {
        attempts.values().forEach(Attempt::close);
        attempts.clear();
        snapshot = null;
    }
}
