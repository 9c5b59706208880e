package org.bncnn.backend;

import java.util.function.Supplier;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.nd4j.nativeblas.Nd4jCpu;

/**
 * DL4J's own oneDNN helpers for convolution, pooling and batch normalization, which M2.1 ships but never starts.
 *
 * <p>Two things keep them off. {@code HelperUtils.createHelper} leaves them out unless a system property says otherwise; and
 * {@code BaseMKLDNNHelper} asks a class for permission that has since been moved and renamed, takes its absence for a no, and says
 * nothing. {@link #enable()} sets the property; {@link Nd4jCpu.Environment}, a class under the old name that asks the new one, gives
 * the permission. Layers then start their helpers by themselves wherever they are constructed (in {@code init()}, {@code clone()}, a
 * restored model, a parallel worker), and saved files are the same as without.
 */
final class OneDnnHelpers {
    private OneDnnHelpers() {}

    /** Lets layers that are constructed from now on start their helpers, unless the user has set the property. */
    static void enable() {
        if (System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY) == null) {
            System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "false");
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
