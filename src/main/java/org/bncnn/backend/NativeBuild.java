package org.bncnn.backend;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalInt;

/**
 * The build of ND4J's native library that suits this CPU.
 *
 * <p>Two builds are on the class path for an x86-64 machine: the plain one of {@code nd4j-native-platform}, which runs
 * on any such CPU, and {@code onednn-avx2}, which holds the oneDNN kernels. JavaCPP takes the second wherever it finds
 * it, and ND4J then calls {@code System.exit} on a CPU without AVX2. So the choice is made here, before ND4J is loaded.
 * There is a third build, for AVX-512, which is left out: oneDNN picks its kernels by the CPU it finds, in the AVX2
 * build too.
 */
final class NativeBuild {
    /**
     * JavaCPP reads from this property the endings of the native folders it may load, and falls back to the plain one.
     */
    static final String EXTENSION_PROPERTY = "org.bytedeco.javacpp.platform.extension";

    static final String ONEDNN_AVX2 = "-onednn-avx2";

    /** An ending no build has, so that JavaCPP falls back to the plain build. */
    static final String PLAIN = "-plain";

    private NativeBuild() {}

    /**
     * Chooses the build, unless the user chose one by setting JavaCPP's property. Call it before anything of ND4J is
     * touched; afterwards it has no effect.
     */
    static void select() {
        if (System.getProperty(EXTENSION_PROPERTY) == null) {
            System.setProperty(EXTENSION_PROPERTY, extensionFor(avxLevel()));
        }
    }

    static String extensionFor(OptionalInt avxLevel) {
        return avxLevel.isPresent() && avxLevel.getAsInt() >= 2 ? ONEDNN_AVX2 : PLAIN;
    }

    /** The AVX level HotSpot found in this CPU (0 to 3); empty on other architectures and other virtual machines. */
    private static OptionalInt avxLevel() {
        HotSpotDiagnosticMXBean hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (hotSpot == null) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseInt(hotSpot.getVMOption("UseAVX").getValue()));
        } catch (IllegalArgumentException noSuchOption) {
            return OptionalInt.empty();
        }
    }
}
