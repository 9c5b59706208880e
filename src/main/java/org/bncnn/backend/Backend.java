package org.bncnn.backend;

import java.util.function.Supplier;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.Nd4jCpu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the native library, once for a process and before anything else of ND4J. It also starts DL4J's own oneDNN
 * helpers for convolution and batch normalization, which M2.1 ships but never starts.
 *
 * <p>Two things keep the helpers off. {@code HelperUtils.createHelper} leaves them out unless a system property says
 * otherwise; and {@code BaseMKLDNNHelper} asks for permission a class that has since been moved and renamed, and takes
 * its absence for a no. {@link #start()} sets the property; {@link Nd4jCpu.Environment}, a class under the old name
 * that asks the new one, gives the permission. Layers then start their helpers wherever they are constructed: in
 * {@code init()}, {@code clone()}, a restored model, a parallel worker. Saved files are the same as without.
 *
 * <p>Some results of the helpers are wrong, and are avoided:
 *
 * <ul>
 *   <li>The helper for pooling stays off. It runs the same operation as the layer's own code, but does not pass on
 *       {@code avgPoolIncludePadInDivisor}, so that the gradient of average pooling over padding is wrong. Leaving it
 *       out costs no time.
 *   <li>The helpers for convolution (with channels last) and batch normalization hand oneDNN arrays that it misreads;
 *       {@link OneDnnExecutioner} prevents it. ND4J makes its executioner when it starts, so {@link #start()} has to
 *       come first; otherwise the helpers stay off.
 * </ul>
 *
 * <p>On the CPU, DL4J has no helper for LSTM or dropout. It does not start the one for local response normalization,
 * whose gradient is wrong. A {@code FrozenLayerWithBackprop} around DL4J's batch normalization fails with the helper
 * and has a wrong gradient without.
 */
public final class Backend {
    private static final Logger log = LoggerFactory.getLogger(Backend.class);

    /**
     * ND4J reads the class of its executioner from this property when it starts. The name is a private constant of
     * {@code Nd4j}.
     */
    private static final String EXECUTIONER_PROPERTY = "opexec";

    private Backend() {}

    /**
     * Loads the build of ND4J that suits this CPU. Layers that are constructed from now on use oneDNN where it computes
     * correctly, unless the user has set the properties. Logs a warning if they do not, for example because ND4J was
     * started before.
     */
    public static void start() {
        NativeBuild.select();
        setDefault(EXECUTIONER_PROPERTY, OneDnnExecutioner.class.getName());
        setDefault(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "false");
        if (!usesOneDnn()) {
            log.warn("DL4J runs without its oneDNN helpers, several times slower: they need x86-64 with AVX2,"
                    + " and to be enabled before ND4J is used");
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** {@return whether layers that are constructed now use oneDNN}; never where the native library has none */
    public static boolean usesOneDnn() {
        return "false".equals(System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY))
                && BaseMKLDNNHelper.mklDnnEnabled();
    }

    /** {@return the number of threads the native library may use} */
    public static int threads() {
        return Nd4j.getEnvironment().maxThreads();
    }

    /**
     * {@return what is constructed, with layers that do not use oneDNN, as in plain DL4J}
     *
     * @param construction constructs the layers; no others may be constructed meanwhile
     * @param <T> type of what is constructed
     */
    public static <T> T withoutOneDnn(Supplier<T> construction) {
        String before = System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "true");
        System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "true");
        try {
            return construction.get();
        } finally {
            System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, before);
        }
    }
}
