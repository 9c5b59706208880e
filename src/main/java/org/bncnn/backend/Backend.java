package org.bncnn.backend;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the native library, once for a process and before anything else of ND4J. */
public final class Backend {
    private static final Logger log = LoggerFactory.getLogger(Backend.class);

    private Backend() {}

    /** Loads the build of ND4J that suits this CPU and lets DL4J's layers use oneDNN; says so if they cannot. */
    public static void start() {
        NativeBuild.select();
        if (!OneDnnHelpers.enable()) {
            log.warn(
                    "This machine has no oneDNN build of ND4J (it takes x86-64 with AVX2): training will be several times slower");
        }
    }
}
