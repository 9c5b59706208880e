package org.bncnn.norm;

/** How a layer with {@code useLogStd} keeps its running variance σ²: as log₁₀ σ. */
public final class Log10Std {
    private Log10Std() {}

    /** {@return log₁₀ σ}, which is not finite for a variance of 0 */
    public static double of(double variance) {
        return 0.5 * Math.log10(variance);
    }

    /** {@return σ²} */
    public static double variance(double log10Std) {
        return Math.pow(10, 2 * log10Std);
    }
}
