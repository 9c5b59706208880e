package org.bncnn.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.bncnn.explain.WorkedExample.Channel;
import org.bncnn.explain.WorkedExample.RunningStep;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The example's numbers, calculated again by hand. */
class WorkedExampleTest {
    private static final int M = 36;

    private static WorkedExample example;

    @BeforeAll
    static void compute() {
        example = WorkedExample.compute();
    }

    @Test
    void theFirstMapIsTheArticles() {
        assertThat(example.x()[0]).isDeepEqualTo(new double[][] {{4, 3, 4}, {2, 4, 3}, {2, 3, 4}});
    }

    @Test
    void algorithm1() {
        double[] x = flat(example.x());
        double mean = Arrays.stream(x).sum() / M;
        double variance =
                Arrays.stream(x).map(value -> (value - mean) * (value - mean)).sum() / M;
        assertThat(example.forward().mean()).isCloseTo(mean, within(1e-12));
        assertThat(example.forward().variance()).isCloseTo(variance, within(1e-12));
        double[] normalized = flat(example.forward().normalized());
        double[] y = flat(example.forward().y());
        for (int i = 0; i < M; i++) {
            double expected = (x[i] - mean) / Math.sqrt(variance + WorkedExample.EPS);
            assertThat(normalized[i]).isCloseTo(expected, within(1e-12));
            assertThat(y[i]).isCloseTo(WorkedExample.GAMMA * expected + WorkedExample.BETA, within(1e-12));
        }
    }

    @Test
    void theChainRule() {
        double[] g = flat(example.backward().upstream());
        double[] normalized = flat(example.forward().normalized());
        double dBeta = Arrays.stream(g).sum();
        double dGamma = 0;
        for (int i = 0; i < M; i++) {
            dGamma += g[i] * normalized[i];
        }
        assertThat(example.backward().dBeta()).isCloseTo(dBeta, within(1e-12));
        assertThat(example.backward().dGamma()).isCloseTo(dGamma, within(1e-12));
        double scale = WorkedExample.GAMMA / Math.sqrt(example.forward().variance() + WorkedExample.EPS);
        double[] dx = flat(example.backward().dx());
        for (int i = 0; i < M; i++) {
            assertThat(dx[i]).isCloseTo(scale * (g[i] - dBeta / M - normalized[i] * dGamma / M), within(1e-12));
        }
        // The paper's own lines, with the second term of ∂L/∂μ.
        double[] x = flat(example.x());
        double mean = example.forward().mean();
        double std = Math.sqrt(example.forward().variance() + WorkedExample.EPS);
        double dVariance = 0;
        double dMean = 0;
        double distances = 0;
        for (int i = 0; i < M; i++) {
            dVariance += WorkedExample.GAMMA * g[i] * (x[i] - mean) * -0.5 * Math.pow(std, -3);
            dMean += WorkedExample.GAMMA * g[i] * -1 / std;
            distances += -2 * (x[i] - mean) / M;
        }
        dMean += dVariance * distances;
        assertThat(example.backward().dVariance()).isCloseTo(dVariance, within(1e-12));
        assertThat(example.backward().dMean()).isCloseTo(dMean, within(1e-12));
        for (int i = 0; i < M; i++) {
            double expected = WorkedExample.GAMMA * g[i] / std + dVariance * 2 * (x[i] - mean) / M + dMean / M;
            assertThat(dx[i]).isCloseTo(expected, within(1e-12));
        }
        assertThat(example.backward().largestDifference()).isPositive().isLessThan(1e-8);
    }

    @Test
    void theMovingAveragesAndTheStraightLine() {
        double mean = 0;
        double variance = 1;
        for (RunningStep step : example.running()) {
            double[] x = flat(step.x());
            double ofBatch = Arrays.stream(x).sum() / M;
            assertThat(step.mean()).isCloseTo(ofBatch, within(1e-12));
            assertThat(step.variance())
                    .isCloseTo(
                            Arrays.stream(x)
                                            .map(value -> (value - ofBatch) * (value - ofBatch))
                                            .sum()
                                    / M,
                            within(1e-12));
            mean = WorkedExample.DECAY * mean + (1 - WorkedExample.DECAY) * step.mean();
            variance = WorkedExample.DECAY * variance + (1 - WorkedExample.DECAY) * step.variance() * M / (M - 1);
            assertThat(step.runningMean()).isCloseTo(mean, within(1e-12));
            assertThat(step.runningVariance()).isCloseTo(variance, within(1e-12));
        }
        assertThat(example.running())
                .hasSize(5)
                .extracting(RunningStep::variance)
                .doesNotHaveDuplicates();
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                double y = example.inference().scale() * example.x()[0][i][j]
                        + example.inference().shift();
                assertThat(example.inference().y()[i][j]).isCloseTo(y, within(1e-12));
            }
        }
    }

    @Test
    void eachChannelGetsItsBetaAndGammaSquared() {
        assertThat(example.channels()).hasSize(3);
        assertThat(example.channels().get(0).mean()).isEqualTo(example.forward().mean());
        for (Channel channel : example.channels()) {
            assertThat(channel.yMean()).isCloseTo(channel.beta(), within(1e-9));
            assertThat(channel.yVariance()).isCloseTo(channel.gamma() * channel.gamma(), within(1e-4)); // but for ε
        }
    }

    @Test
    void theTextFitsATerminalAndShowsTheNumbers() {
        String text = WorkedExampleText.render(example);
        assertThat(text)
                .contains(
                        "μ  = Σ x / m                                   = 2.7500",
                        "0.932   0.186   0.932",
                        "with ε = 1e-05.")
                .doesNotContain("-0.000", "NaN", "\n\n\n");
        assertThat(List.of(text.split("\n"))).allMatch(line -> line.length() <= 120);
    }

    private static double[] flat(double[][][] maps) {
        return Arrays.stream(maps)
                .flatMap(Arrays::stream)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }
}
