package org.nd4j.nativeblas;

import org.bncnn.backend.OneDnnExecutioner;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNSubsamplingHelper;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The class that {@code org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper} of M2.1 looks for, by this name and
 * through reflection, to learn whether oneDNN may be used. ND4J moved the real one to {@code
 * org.nd4j.linalg.cpu.nativecpu.bindings} and renamed its method, so the question is passed on. See {@link
 * org.bncnn.backend.Backend}.
 */
public final class Nd4jCpu {
    private Nd4jCpu() {}

    /** Stands where ND4J's native environment used to be. */
    public static final class Environment {
        private static final Environment INSTANCE = new Environment();

        private Environment() {}

        /** {@return the one instance} */
        public static Environment getInstance() {
            return INSTANCE;
        }

        /**
         * {@return whether the helper that asks may be used}: the native library was built with oneDNN, {@link
         * OneDnnExecutioner} keeps oneDNN from what it computes wrongly, and the helper is not the one for pooling
         */
        public boolean isUseMKLDNN() {
            return org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu.Environment.getInstance()
                            .isUseONEDNN()
                    && Nd4j.getExecutioner() instanceof OneDnnExecutioner
                    && !isAskedFor(MKLDNNSubsamplingHelper.class);
        }

        /** DL4J does not say for which helper it asks, but each asks for itself. */
        private static boolean isAskedFor(Class<?> helper) {
            return StackWalker.getInstance()
                    .walk(callers ->
                            callers.anyMatch(caller -> caller.getClassName().equals(helper.getName())));
        }
    }
}
