package org.bncnn.backend;

import java.util.function.Supplier;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.nd4j.nativeblas.Nd4jCpu;

/**
 * DL4J's own oneDNN helpers for convolution and batch normalization, which M2.1 ships but never starts.
 *
 * <p>Two things keep them off. {@code HelperUtils.createHelper} leaves them out unless a system property says otherwise; and
 * {@code BaseMKLDNNHelper} asks a class for permission that has since been moved and renamed, takes its absence for a no, and says
 * nothing. {@link #enable()} sets the property; {@link Nd4jCpu.Environment}, a class under the old name that asks the new one, gives
 * the permission. Layers then start their helpers by themselves wherever they are constructed (in {@code init()}, {@code clone()}, a
 * restored model, a parallel worker), and saved files are the same as without.
 *
 * <p>What DL4J's helpers compute wrongly is kept from them:
 *
 * <ul>
 *   <li>The helper for pooling stays off. It runs the same operation as the layer's own code, but does not pass on
 *       {@code avgPoolIncludePadInDivisor}, so that the gradient of average pooling over padding is wrong. It does nothing else, so that
 *       leaving it out costs no time.
 *   <li>The helpers for convolution (with channels last) and batch normalization hand oneDNN arrays that it misreads; with
 *       {@link OneDnnExecutioner} it does not get them. ND4J makes its executioner when it starts, so {@link Backend#start} has to come
 *       first; the helpers stay off if it did not.
 * </ul>
 *
 * <p>On the CPU, DL4J has no helper for LSTM or dropout, and does not start the one for local response normalization, whose gradient is
 * wrong. A {@code FrozenLayerWithBackprop} around DL4J's batch normalization fails with the helper, and has a wrong gradient without.
 */
final class OneDnnHelpers {
    /** ND4J reads from this property, when it starts, the class of its executioner; {@code Nd4j} has the name as a private constant. */
    private static final String EXECUTIONER_PROPERTY = "opexec";

    private OneDnnHelpers() {}

    /** Lets layers that are constructed from now on start their helpers, unless the user has set the properties. */
    static void enable() {
        setDefault(EXECUTIONER_PROPERTY, OneDnnExecutioner.class.getName());
        setDefault(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "false");
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** {@return whether layers that are constructed now start their helpers; never where the native library has no oneDNN} */
    static boolean areOn() {
        return "false".equals(System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY))
                && BaseMKLDNNHelper.mklDnnEnabled();
    }

    /** {@return what is constructed}, with layers that do not start their helpers. */
    static <T> T without(Supplier<T> construction) {
        String before = System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "true");
        System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "true");
        try {
            return construction.get();
        } finally {
            System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, before);
        }
    }
}
