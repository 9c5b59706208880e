package org.bncnn.backend;

import java.util.function.Supplier;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the native library, once for a process and before anything else of ND4J. */
public final class Backend {
    private static final Logger log = LoggerFactory.getLogger(Backend.class);

    private Backend() {}

    /**
     * Loads the build of ND4J that suits this CPU and lets DL4J's layers use oneDNN where it computes correctly; warns if they do not
     * use it, as where ND4J was started before.
     */
    public static void start() {
        NativeBuild.select();
        OneDnnHelpers.enable();
        if (!usesOneDnn()) {
            log.warn(
                    "DL4J runs without its oneDNN helpers, several times slower: they take x86-64 with AVX2, and to be enabled"
                            + " before ND4J is used");
        }
    }

    /** {@return whether layers that are constructed now use oneDNN} */
    public static boolean usesOneDnn() {
        return OneDnnHelpers.areOn();
    }

    /** {@return how many threads the native library may use} */
    public static int threads() {
        return Nd4j.getEnvironment().maxThreads();
    }

    /** {@return what is constructed}, with layers that do not use oneDNN, as in DL4J as it comes. No other layers may be made meanwhile. */
    public static <T> T withoutOneDnn(Supplier<T> construction) {
        return OneDnnHelpers.without(construction);
    }
}
