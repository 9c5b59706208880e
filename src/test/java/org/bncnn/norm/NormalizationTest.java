package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NormalizationTest {
    private static final double EPS = 1e-3;
    private static final double DECAY = 0.8;

    private static Normalization custom(boolean logStd, boolean locked) {
        return Normalization.of(new BatchNorm.Builder()
                .nOut(2)
                .eps(EPS)
                .decay(DECAY)
                .gamma(3)
                .beta(4)
                .useLogStd(logStd)
                .lockGammaBeta(locked)
                .channelsLast(true)
                .activation(Activation.RELU)
                .build());
    }

    private static Normalization builtin(boolean logStd, boolean locked) {
        return Normalization.of(new BatchNormalization.Builder(locked)
                .nOut(2)
                .eps(EPS)
                .decay(DECAY)
                .gamma(3)
                .beta(4)
                .useLogStd(logStd)
                .dataFormat(CNN2DFormat.NHWC)
                .activation(Activation.RELU)
                .build());
    }

    @Test
    void bothLayersAreDescribedAlike() {
        assertThat(custom(true, true))
                .isEqualTo(new Normalization(false, 2, EPS, DECAY, true, 3, 4, true, true, new ActivationReLU()));
        assertThat(builtin(true, true))
                .isEqualTo(new Normalization(true, 2, EPS, DECAY, true, 3, 4, true, true, new ActivationIdentity()));
    }

    @Test
    void otherLayersAreNot() {
        assertThat(Normalization.is(new BatchNorm())).isTrue();
        assertThat(Normalization.is(new BatchNormalization())).isTrue();
        assertThat(Normalization.is(new BatchNormalization() {})).isFalse();
        assertThat(Normalization.is(new DenseLayer())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, 0, false, false", "2, 0, true, true", "1, 3, true, true", "2, 3, true, false"})
    void whatALockMeans(double gamma, double beta, boolean other, boolean ignored) {
        BatchNorm.Builder layer = new BatchNorm.Builder().gamma(gamma).beta(beta);
        Normalization free = Normalization.of(layer.build());
        Normalization locked = Normalization.of(layer.lockGammaBeta(true).build());
        assertThat(locked.locksOtherValues()).isEqualTo(other);
        assertThat(locked.locksIgnoredValues()).isEqualTo(ignored);
        assertThat(free.locksOtherValues() || free.locksIgnoredValues()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void valuesAreThoseOfEitherForm(boolean logStd, boolean locked) {
        INDArray stored = Nd4j.createFromArray(logStd ? new double[] {-1, 0.5} : new double[] {0.01, 10});
        Map<String, INDArray> params = Map.of(
                "gamma",
                Nd4j.createFromArray(1.5, 2.5),
                "beta",
                Nd4j.createFromArray(-1.0, 1),
                "mean",
                Nd4j.createFromArray(5.0, 6),
                logStd ? "log10stdev" : "var",
                stored);
        for (Normalization norm : new Normalization[] {custom(logStd, locked), builtin(logStd, locked)}) {
            Normalization.Values values = norm.values(params);
            assertThat(values.gamma()).containsExactly(locked ? new double[] {3, 3} : new double[] {1.5, 2.5});
            assertThat(values.beta()).containsExactly(locked ? new double[] {4, 4} : new double[] {-1, 1});
            assertThat(values.mean()).containsExactly(5, 6);
            assertThat(values.variance()).containsExactly(new double[] {0.01, 10}, within(1e-14));
            assertThat(norm.stored(values.variance()[0])).isCloseTo(stored.getDouble(0), within(1e-15));
        }
    }

    @Test
    void onlyOurRunningVarianceIsUnbiasedAndDoesNotFadeBelowTheSmallestNormalNumber() {
        assertThat(custom(false, false).nextVariance(2, 3, 4, 0.9)).isCloseTo(0.9 * 2 + 0.1 * 4, within(1e-15));
        assertThat(builtin(false, false).nextVariance(2, 3, 4, 0.9)).isCloseTo(0.9 * 2 + 0.1 * 3, within(1e-15));
        assertThat(custom(false, false).nextVariance(Float.MIN_NORMAL, 0, 4, 0.9))
                .isZero();
        assertThat(builtin(false, false).nextVariance(Float.MIN_NORMAL, 0, 4, 0.9))
                .isPositive();
        double least = custom(true, false).stored(Float.MIN_NORMAL);
        assertThat(custom(true, false).nextVariance(least, 0, 4, 0.9)).isEqualTo(least);
        assertThat(custom(true, false).start(Double.NEGATIVE_INFINITY)).isEqualTo(least);
        assertThat(builtin(true, false).nextVariance(least, 0, 4, 0.9)).isLessThan(least);
    }
}
