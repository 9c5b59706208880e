package org.bncnn.engine;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** What computes a network. Results are the same within float tolerance, files are the same. */
public enum Engine {
    /** DL4J's own layers, one by one. */
    DL4J,
    /** The network compiled to one plan of oneDNN primitives, where that can be; see {@link OneDnnNetwork}. */
    ONEDNN;

    /** Set to {@code dl4j}, it keeps every network on DL4J's own layers. */
    public static final String PROPERTY = "bncnn.engine";

    /** The same as an environment variable. */
    public static final String ENVIRONMENT = "BNCNN_ENGINE";

    /**
     * {@return a network that this engine runs}: with {@link #DL4J} the network itself, else a copy of it
     *
     * @param network initialised; stays as it is
     */
    public MultiLayerNetwork apply(MultiLayerNetwork network) {
        return apply(network, layer -> false);
    }

    /**
     * {@return a network that this engine runs, except for some layers}, which run DL4J's own code in any case
     *
     * @param network initialised; stays as it is
     * @param asIsland whether a layer of this configuration does
     */
    public MultiLayerNetwork apply(MultiLayerNetwork network, Predicate<Layer> asIsland) {
        return this == DL4J ? network : OneDnnNetwork.accelerate(network, asIsland);
    }

    /** {@return why {@link #ONEDNN} cannot run here; empty if it can} */
    public static Optional<String> whyNotOneDnn() {
        String choice = System.getProperty(PROPERTY, System.getenv(ENVIRONMENT));
        if (choice != null && DL4J.toString().equals(choice.toLowerCase(Locale.ROOT))) {
            return Optional.of("it is switched off by the system property " + PROPERTY + " or the environment variable "
                    + ENVIRONMENT);
        }
        return Library.FAILURE;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Loaded at the first question. */
    private static final class Library {
        static final Optional<String> FAILURE = load();

        private static Optional<String> load() {
            try {
                Loader.load(dnnl.class);
                return Optional.empty();
            } catch (LinkageError e) {
                return Optional.of(
                        "oneDNN's native library cannot be loaded on " + Loader.getPlatform() + ": " + e.getMessage());
            }
        }
    }
}
