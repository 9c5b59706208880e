package org.bncnn.engine;

import java.util.Locale;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** What computes a network. Results are the same within float tolerance, files are the same. */
public enum Engine {
    /** DL4J's own layers, one by one. */
    DL4J,
    /** The network compiled to one plan of oneDNN primitives, where that can be; see {@link OneDnnNetwork}. */
    ONEDNN;

    /** Set to {@code dl4j}, it keeps every network on DL4J's own layers. */
    public static final String PROPERTY = "bncnn.engine";

    /** As the property, for those who cannot set it. */
    public static final String ENVIRONMENT = "BNCNN_ENGINE";

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
