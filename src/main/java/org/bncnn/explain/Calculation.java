package org.bncnn.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

/** Has the layers compute a {@link WorkedExample}. */
final class Calculation {
    /** Of the finite differences that the gradients are held to. */
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
        double[] gamma = {WorkedExample.GAMMA};
        double[] beta = {WorkedExample.BETA};
        try (LoneLayer norm = batchNorm(WorkedExample.DECAY, gamma, beta)) {
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
        double[] statistics = statistics(x);
        try (LoneLayer plain = batchNorm(WorkedExample.DECAY, new double[] {1}, new double[] {0})) {
            return new Forward(
                    statistics[0],
                    statistics[1],
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
            norm.inWorkspace(() -> {
                norm.forward(x);
                return norm.backward(x).sumNumber();
            });
            norm.moveRunningStatistics();
            double[] statistics = statistics(x);
            steps.add(new RunningStep(
                    maps(x),
                    statistics[0],
                    statistics[1],
                    statistics[1] * x.length() / (x.length() - 1),
                    running(norm, BatchNormalizationParamInitializer.GLOBAL_MEAN),
                    running(norm, BatchNormalizationParamInitializer.GLOBAL_VAR)));
        }
        return steps;
    }

    private static double running(LoneLayer norm, String name) {
        return norm.param(name).getDouble(0);
    }

    private Inference inference(LoneLayer norm, RunningStep last) {
        double scale = WorkedExample.GAMMA / Math.sqrt(last.runningVariance() + WorkedExample.EPS);
        return new Inference(
                scale, WorkedExample.BETA - scale * last.runningMean(), norm.inWorkspace(() -> maps(norm.infer(x)))[0]);
    }

    private static List<Channel> channels() {
        double[][][] kernels = {KERNEL, UPRIGHT_EDGES, LEVEL_EDGES};
        INDArray x = convolve(IMAGES, kernels);
        double[] before = statistics(x);
        try (LoneLayer norm = batchNorm(WorkedExample.DECAY, GAMMAS, BETAS)) {
            double[] after = norm.inWorkspace(() -> statistics(norm.forward(x)));
            List<Channel> channels = new ArrayList<>();
            for (int c = 0; c < kernels.length; c++) {
                channels.add(new Channel(
                        kernels[c],
                        before[2 * c],
                        before[2 * c + 1],
                        GAMMAS[c],
                        BETAS[c],
                        after[2 * c],
                        after[2 * c + 1]));
            }
            return channels;
        }
    }

    /** {@return mean and biased variance of each channel}, as a layer finds them that forgets all batches but the last */
    private static double[] statistics(INDArray x) {
        int channels = (int) x.size(1);
        double[] ones = new double[channels];
        Arrays.fill(ones, 1);
        try (LoneLayer forgetful = batchNorm(0, ones, new double[channels])) {
            forgetful.inWorkspace(() -> {
                forgetful.forward(x);
                return forgetful.backward(x).sumNumber();
            });
            forgetful.moveRunningStatistics();
            double m = (double) x.length() / channels;
            double[] statistics = new double[2 * channels];
            for (int c = 0; c < channels; c++) {
                statistics[2 * c] = forgetful
                        .param(BatchNormalizationParamInitializer.GLOBAL_MEAN)
                        .getDouble(c);
                statistics[2 * c + 1] = forgetful
                                .param(BatchNormalizationParamInitializer.GLOBAL_VAR)
                                .getDouble(c)
                        * (m - 1)
                        / m;
            }
            return statistics;
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
        for (int c = 0; c < gamma.length; c++) {
            norm.param(BatchNormalizationParamInitializer.GAMMA).putScalar(c, gamma[c]);
            norm.param(BatchNormalizationParamInitializer.BETA).putScalar(c, beta[c]);
        }
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
        INDArray weights = convolution.param(DefaultParamInitializer.WEIGHT_KEY);
        each(kernels, (c, i, j, value) -> weights.putScalar(new int[] {c, 0, i, j}, value));
        INDArray input = Nd4j.create(DataType.DOUBLE, images.length, 1, 5, 5);
        each(images, (n, i, j, value) -> input.putScalar(new int[] {n, 0, i, j}, value));
        try (convolution) {
            return convolution.inWorkspace(() -> convolution.forward(input).detach());
        }
    }

    /** {@return the images, their rows so many lines lower}, and those at the bottom at the top */
    private static double[][][] rotated(int lines) {
        return Arrays.stream(IMAGES)
                .map(image -> {
                    double[][] moved = new double[image.length][];
                    for (int i = 0; i < image.length; i++) {
                        moved[(i + lines) % image.length] = image[i];
                    }
                    return moved;
                })
                .toArray(double[][][]::new);
    }

    /** Is given a value and where it is. */
    @FunctionalInterface
    private interface Cell {
        void accept(int map, int row, int column, double value);
    }

    private static void each(double[][][] maps, Cell cell) {
        for (int n = 0; n < maps.length; n++) {
            for (int i = 0; i < maps[n].length; i++) {
                for (int j = 0; j < maps[n][i].length; j++) {
                    cell.accept(n, i, j, maps[n][i][j]);
                }
            }
        }
    }

    /** {@return an array of one channel as Java's} */
    private static double[][][] maps(INDArray array) {
        double[][][] maps = new double[(int) array.size(0)][(int) array.size(2)][(int) array.size(3)];
        for (int n = 0; n < maps.length; n++) {
            for (int i = 0; i < maps[n].length; i++) {
                for (int j = 0; j < maps[n][i].length; j++) {
                    maps[n][i][j] = array.getDouble(n, 0, i, j);
                }
            }
        }
        return maps;
    }
}
