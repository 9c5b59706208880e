package org.bncnn.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bncnn.explain.WorkedExample.Backward;
import org.bncnn.explain.WorkedExample.Channel;
import org.bncnn.explain.WorkedExample.Forward;
import org.bncnn.explain.WorkedExample.Inference;
import org.bncnn.explain.WorkedExample.RunningStep;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.LoneLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The layers that compute a {@link WorkedExample}. */
final class Calculation {
    /** Step of the finite differences that the gradients are compared with. */
    private static final double STEP = 1e-5;

    private static final int BATCHES = 5;

    /** The first is the one of the article. */
    private static final double[][][] IMAGES = {
        {{1, 1, 1, 0, 0}, {0, 1, 1, 1, 0}, {0, 0, 1, 1, 1}, {0, 0, 1, 1, 0}, {0, 1, 1, 0, 0}},
        {{0, 0, 1, 0, 0}, {0, 1, 1, 1, 0}, {1, 1, 1, 1, 1}, {0, 1, 1, 1, 0}, {0, 0, 1, 0, 0}},
        {{1, 0, 0, 0, 1}, {0, 1, 0, 1, 0}, {0, 0, 1, 0, 0}, {0, 1, 0, 1, 0}, {1, 0, 0, 0, 1}},
        {{1, 1, 1, 1, 1}, {1, 0, 0, 0, 1}, {1, 0, 0, 0, 1}, {1, 0, 0, 0, 1}, {1, 1, 1, 1, 1}}
    };

    private static final double[][] KERNEL = {{1, 0, 1}, {0, 1, 0}, {1, 0, 1}};
    private static final double[][] UPRIGHT_EDGES = {{1, 0, -1}, {1, 0, -1}, {1, 0, -1}};
    private static final double[][] LEVEL_EDGES = {{1, 1, 1}, {0, 0, 0}, {-1, -1, -1}};

    private static final double[] GAMMAS = {2, 1, 0.5};
    private static final double[] BETAS = {0.5, 0, -1};

    private final INDArray x = convolve(IMAGES, KERNEL);

    WorkedExample example() {
        try (LoneLayer norm =
                batchNorm(WorkedExample.DECAY, new double[] {WorkedExample.GAMMA}, new double[] {WorkedExample.BETA})) {
            Forward forward = forward(norm);
            Backward backward = backward(norm, forward);
            List<RunningStep> running = running(norm);
            return new WorkedExample(
                    IMAGES,
                    KERNEL,
                    maps(x),
                    forward,
                    backward,
                    running,
                    inference(norm, running.get(running.size() - 1)),
                    channels());
        }
    }

    private Forward forward(LoneLayer norm) {
        Statistics statistics = Statistics.of(x);
        try (LoneLayer plain = batchNorm(WorkedExample.DECAY, new double[] {1}, new double[] {0})) {
            return new Forward(
                    statistics.mean()[0],
                    statistics.variance()[0],
                    plain.inWorkspace(() -> maps(plain.forward(x))),
                    norm.inWorkspace(() -> maps(norm.forward(x))));
        }
    }

    private Backward backward(LoneLayer norm, Forward forward) {
        INDArray upstream = Nd4j.create(DataType.DOUBLE, x.shape());
        for (int i = 0; i < upstream.length(); i++) {
            upstream.putScalar(i, (i % 5 - 2) / 2.0);
        }
        double[][][] dx = norm.inWorkspace(() -> {
            norm.forward(x);
            return maps(norm.backward(upstream));
        });
        double dGamma = norm.gradient(BatchNormalizationParamInitializer.GAMMA).getDouble(0);
        double dBeta = norm.gradient(BatchNormalizationParamInitializer.BETA).getDouble(0);
        double difference = Math.max(
                Math.abs(dGamma - slope(norm, upstream, norm.param(BatchNormalizationParamInitializer.GAMMA), 0)),
                Math.abs(dBeta - slope(norm, upstream, norm.param(BatchNormalizationParamInitializer.BETA), 0)));
        for (int i = 0; i < x.length(); i++) {
            double expected = slope(norm, upstream, x, i);
            difference = Math.max(difference, Math.abs(dx[i / 9][i / 3 % 3][i % 3] - expected));
        }
        double std = Math.sqrt(forward.variance() + WorkedExample.EPS);
        return new Backward(
                maps(upstream),
                dBeta,
                dGamma,
                -WorkedExample.GAMMA * dGamma / (2 * std * std),
                -WorkedExample.GAMMA * dBeta / std,
                dx,
                difference);
    }

    /** {@return ∂L/∂v by central differences}, where L = Σ upstream·y and v is a value that y depends on */
    private double slope(LoneLayer norm, INDArray upstream, INDArray values, int index) {
        double value = values.getDouble(index);
        double[] loss = new double[2];
        for (int side = 0; side < 2; side++) {
            values.putScalar(index, value + (side == 0 ? STEP : -STEP));
            loss[side] = norm.inWorkspace(
                    () -> norm.forward(x).mul(upstream).sumNumber().doubleValue());
        }
        values.putScalar(index, value);
        return (loss[0] - loss[1]) / (2 * STEP);
    }

    private static List<RunningStep> running(LoneLayer norm) {
        List<RunningStep> steps = new ArrayList<>();
        for (int batch = 0; batch < BATCHES; batch++) {
            INDArray x = convolve(rotated(batch), KERNEL);
            train(norm, x);
            Statistics ofBatch = Statistics.of(x);
            steps.add(new RunningStep(
                    maps(x),
                    ofBatch.mean()[0],
                    ofBatch.variance()[0],
                    ofBatch.variance()[0] * x.length() / (x.length() - 1),
                    norm.param(BatchNormalizationParamInitializer.GLOBAL_MEAN).getDouble(0),
                    norm.param(BatchNormalizationParamInitializer.GLOBAL_VAR).getDouble(0)));
        }
        return steps;
    }

    private static void train(LoneLayer norm, INDArray x) {
        norm.inWorkspace(() -> {
            norm.forward(x);
            return norm.backward(x).sumNumber();
        });
        norm.moveRunningStatistics();
    }

    private Inference inference(LoneLayer norm, RunningStep last) {
        double scale = WorkedExample.GAMMA / Math.sqrt(last.runningVariance() + WorkedExample.EPS);
        return new Inference(
                scale, WorkedExample.BETA - scale * last.runningMean(), norm.inWorkspace(() -> maps(norm.infer(x)))[0]);
    }

    private static List<Channel> channels() {
        double[][][] kernels = {KERNEL, UPRIGHT_EDGES, LEVEL_EDGES};
        INDArray x = convolve(IMAGES, kernels);
        Statistics before = Statistics.of(x);
        try (LoneLayer norm = batchNorm(WorkedExample.DECAY, GAMMAS, BETAS)) {
            Statistics after = norm.inWorkspace(() -> Statistics.of(norm.forward(x)));
            return IntStream.range(0, kernels.length)
                    .mapToObj(c -> new Channel(
                            kernels[c],
                            before.mean()[c],
                            before.variance()[c],
                            GAMMAS[c],
                            BETAS[c],
                            after.mean()[c],
                            after.variance()[c]))
                    .toList();
        }
    }

    /** Mean and biased variance of each channel, from a layer whose running statistics keep the last batch only. */
    private record Statistics(double[] mean, double[] variance) {
        static Statistics of(INDArray x) {
            int channels = (int) x.size(1);
            double[] ones = new double[channels];
            Arrays.fill(ones, 1);
            try (LoneLayer forgetful = batchNorm(0, ones, new double[channels])) {
                train(forgetful, x);
                double m = (double) x.length() / channels;
                return new Statistics(
                        forgetful
                                .param(BatchNormalizationParamInitializer.GLOBAL_MEAN)
                                .toDoubleVector(),
                        forgetful
                                .param(BatchNormalizationParamInitializer.GLOBAL_VAR)
                                .mul(m - 1)
                                .div(m)
                                .toDoubleVector());
            }
        }
    }

    private static LoneLayer batchNorm(double decay, double[] gamma, double[] beta) {
        LoneLayer norm = new LoneLayer(
                new BatchNorm.Builder()
                        .nIn(gamma.length)
                        .nOut(gamma.length)
                        .decay(decay)
                        .eps(WorkedExample.EPS)
                        .build(),
                DataType.DOUBLE);
        norm.param(BatchNormalizationParamInitializer.GLOBAL_VAR).assign(1);
        norm.param(BatchNormalizationParamInitializer.GAMMA).assign(Nd4j.create(gamma, 1, gamma.length));
        norm.param(BatchNormalizationParamInitializer.BETA).assign(Nd4j.create(beta, 1, beta.length));
        return norm;
    }

    private static INDArray convolve(double[][][] images, double[][]... kernels) {
        LoneLayer convolution = new LoneLayer(
                new ConvolutionLayer.Builder(3, 3)
                        .nIn(1)
                        .nOut(kernels.length)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build(),
                DataType.DOUBLE);
        convolution
                .param(DefaultParamInitializer.WEIGHT_KEY)
                .assign(Nd4j.createFromArray(kernels).reshape(kernels.length, 1, 3, 3));
        INDArray input = Nd4j.createFromArray(images).reshape(images.length, 1, 5, 5);
        try (convolution) {
            return convolution.inWorkspace(() -> convolution.forward(input).detach());
        }
    }

    /** {@return the images, each row moved down by a number of lines}, and those at the bottom to the top */
    private static double[][][] rotated(int lines) {
        return Arrays.stream(IMAGES)
                .map(image -> {
                    List<double[]> rows = Arrays.asList(image.clone());
                    Collections.rotate(rows, lines);
                    return rows.toArray(double[][]::new);
                })
                .toArray(double[][][]::new);
    }

    /** {@return an array of one channel, {@code [N, 1, H, W]}, as Java's} */
    private static double[][][] maps(INDArray array) {
        return IntStream.range(0, (int) array.size(0))
                .mapToObj(n -> array.slice(n).slice(0).toDoubleMatrix())
                .toArray(double[][][]::new);
    }
}
