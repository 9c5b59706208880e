package org.nd4j.nativeblas;

/**
 * The class that {@code org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper} of M2.1 looks for, by this name and through reflection,
 * to learn whether oneDNN may be used. ND4J moved the real one to {@code org.nd4j.linalg.cpu.nativecpu.bindings} and renamed its
 * method, so the question is passed on. See {@link org.bncnn.backend.OneDnnHelpers}.
 */
public final class Nd4jCpu {
    private Nd4jCpu() {}

    /** Stands where ND4J's native environment used to be. */
    public static final class Environment {
        private static final Environment INSTANCE = new Environment();

        private Environment() {}

        public static Environment getInstance() {
            return INSTANCE;
        }

        /** {@return whether the native library was built with oneDNN and may use it} */
        public boolean isUseMKLDNN() {
            return org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu.Environment.getInstance()
                    .isUseONEDNN();
        }
    }
}
