package org.bncnn.explain;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bncnn.explain.WorkedExample.Backward;
import org.bncnn.explain.WorkedExample.Channel;
import org.bncnn.explain.WorkedExample.Forward;
import org.bncnn.explain.WorkedExample.RunningStep;
import org.bncnn.text.Numbers;

/** A {@link WorkedExample} as a page of a textbook, for a terminal. */
public final class WorkedExampleText {
    private static final String INDENT = "    ";

    private static final int WIDTH = 100;

    private final StringBuilder text = new StringBuilder();

    private WorkedExampleText() {}

    /**
     * {@return the page}
     *
     * @param example its numbers
     */
    public static String render(WorkedExample example) {
        WorkedExampleText page = new WorkedExampleText();
        page.convolution(example);
        page.forward(example.forward());
        page.backward(example.backward());
        page.running(example.running());
        page.inference(example);
        page.channels(example.channels());
        return page.text.toString().stripTrailing() + "\n";
    }

    private void convolution(WorkedExample example) {
        title("1. What goes in");
        say("Four images of 5×5 in one batch:");
        maps("%2.0f", example.images());
        say("A convolution with this kernel and no padding makes a 3×3 map of each:");
        maps("%2.0f", example.kernel());
        say("The maps are x, of shape [4, 1, 3, 3] (images, channels, height, width): 36 numbers of one channel.");
        maps("%2.0f", example.x());
        say("Batch normalization stands between the convolution and its activation. The convolution has no bias"
                + " (hasBias(false)): the layer subtracts the mean, and a bias with it. β replaces the bias.");
    }

    private void forward(Forward forward) {
        title("2. Forward, in training (Ioffe & Szegedy 2015, Algorithm 1)");
        say("All 36 share one mean and one variance; m = 36.");
        block(formula("μ  = Σ x / m", forward.mean()), formula("σ² = Σ (x − μ)² / m", forward.variance()));
        say(
                "Normalised: x̂ = (x − μ) / √(σ² + ε), with ε = %.0e. Their mean is 0, their variance 1.",
                WorkedExample.EPS);
        maps("%7.3f", forward.normalized());
        say(
                "Scaled and shifted: y = γ·x̂ + β, with γ = %s and β = %s. Training learns both; it starts with 1"
                        + " and 0.",
                WorkedExample.GAMMA, WorkedExample.BETA);
        maps("%7.3f", forward.y());
    }

    private void backward(Backward backward) {
        title("3. Backward (the chain rule through all of that)");
        say("The upstream gradient is ∂L/∂y; these numbers are made up:");
        maps("%5.1f", backward.upstream());
        block(formula("∂L/∂β = Σ ∂L/∂y", backward.dBeta()), formula("∂L/∂γ = Σ ∂L/∂y · x̂", backward.dGamma()));
        say("x moves y directly, and through the variance and the mean that it is part of. With ∂L/∂x̂ = γ · ∂L/∂y:");
        block(
                formula("∂L/∂σ² = Σ ∂L/∂x̂ · (x − μ) · −½(σ² + ε)^(−3/2)", backward.dVariance()),
                formula("∂L/∂μ  = Σ ∂L/∂x̂ · −1 / √(σ² + ε)", backward.dMean()),
                "∂L/∂x  = ∂L/∂x̂ / √(σ² + ε) + ∂L/∂σ² · 2(x − μ) / m + ∂L/∂μ / m");
        say("∂L/∂μ has a second term in the paper, ∂L/∂σ² · Σ −2(x − μ) / m. It is 0. Together, the three lines are");
        block("∂L/∂x  = γ / √(σ² + ε) · (∂L/∂y − ∂L/∂β / m − x̂ · ∂L/∂γ / m)");
        maps("%7.3f", backward.dx());
        say("The convolution takes ∂L/∂x and computes the gradient by its kernel from it.");
        paragraph();
        say(
                "Compared with finite differences, the largest error of these 38 gradients is %.0e.",
                backward.largestDifference());
    }

    private void running(List<RunningStep> steps) {
        title("4. Running statistics");
        say("Each batch has another mean and variance. Batch 2 holds the images of batch 1, each row one line lower"
                + " and the last row on top; batch 3, the rows two lines lower; and so on. The convolution makes of"
                + " batches 2 to 5:");
        for (RunningStep step : steps.subList(1, steps.size())) {
            maps("%2.0f", step.x());
        }
        say(
                "For inference, the layer keeps a moving average of both. Each batch leaves %s of the old value. The"
                        + " variance in it is unbiased: times m/(m − 1) = 36/35.",
                WorkedExample.DECAY);
        block(Stream.concat(
                        Stream.of(
                                "batch      mean  variance  unbiased    running mean  running variance",
                                "                                              0.0000            1.0000"),
                        steps.stream()
                                .map(step -> Numbers.format(
                                        "%5d  %8.4f  %8.4f  %8.4f        %8.4f          %8.4f",
                                        steps.indexOf(step) + 1,
                                        step.mean(),
                                        step.variance(),
                                        step.unbiasedVariance(),
                                        step.runningMean(),
                                        step.runningVariance())))
                .toArray(String[]::new));
        say(
                "The running mean, %.4f, is still far from the batches' means: %.0f %% of its weight is on its"
                        + " initial value, 0 (%s to the power of %d). After 50 batches that is %.1f %%.",
                steps.get(steps.size() - 1).runningMean(),
                100 * Math.pow(WorkedExample.DECAY, steps.size()),
                WorkedExample.DECAY,
                steps.size(),
                100 * Math.pow(WorkedExample.DECAY, 50));
    }

    private void inference(WorkedExample example) {
        title("5. Inference (Algorithm 2, line 11)");
        say("A trained network may see a single image, so it uses the running statistics. Then the layer is one"
                + " straight line, y = scale · x + shift, which a convolution before it can take over. Algorithm 2"
                + " does this for each of the network's K normalized activations; behind a convolution, a channel"
                + " counts as one (§3.2).");
        block(
                formula(
                        "scale = γ / √(running variance + ε)",
                        example.inference().scale()),
                formula("shift = β − scale · running mean", example.inference().shift()));
        say("The first image becomes:");
        maps("%7.3f", example.inference().y());
    }

    private void channels(List<Channel> channels) {
        title("6. Three channels");
        say("With three kernels, x is [4, 3, 3, 3]. Each channel has a mean, a variance, a γ and a β of its own;"
                + " after normalisation its mean is β and its variance γ².");
        block(Stream.concat(
                        Stream.of("channel  kernel's rows                    mean  variance     γ     β    mean of y"
                                + "  variance of y"),
                        channels.stream()
                                .map(channel -> Numbers.format(
                                        "%7d  %-27s %9.4f %9.4f %5.1f %5.1f    %9.4f      %9.4f",
                                        channels.indexOf(channel) + 1,
                                        Arrays.stream(channel.kernel())
                                                .map(row -> numbers("%2.0f", row))
                                                .collect(Collectors.joining(" |")),
                                        channel.mean(),
                                        channel.variance(),
                                        channel.gamma(),
                                        channel.beta(),
                                        channel.yMean(),
                                        channel.yVariance())))
                .toArray(String[]::new));
    }

    private void title(String title) {
        paragraph();
        text.append(title).append("\n\n");
    }

    /** Begins a new paragraph, unless one was begun. */
    private void paragraph() {
        if (!text.isEmpty() && !text.toString().endsWith("\n\n")) {
            text.append('\n');
        }
    }

    /** Says it in lines of a terminal's width. */
    private void say(String format, Object... values) {
        int column = 0;
        for (String word : Numbers.format(format, values).split(" ")) {
            boolean fits = column + 1 + word.length() <= WIDTH;
            text.append(column == 0 ? "" : fits ? " " : "\n").append(word);
            column = fits && column > 0 ? column + 1 + word.length() : word.length();
        }
        text.append('\n');
    }

    /** A paragraph of indented lines. */
    private void block(String... lines) {
        paragraph();
        for (String line : lines) {
            text.append(INDENT).append(line).append('\n');
        }
        paragraph();
    }

    private static String formula(String formula, double value) {
        // The hat of x̂ is a character without width.
        String pad = " ".repeat(46 - formula.replace("\u0302", "").length());
        return formula + pad + Numbers.format(" = %.4f", value);
    }

    /** Maps beside each other. */
    private void maps(String format, double[][]... maps) {
        block(IntStream.range(0, maps[0].length)
                .mapToObj(row -> Arrays.stream(maps)
                        .map(map -> numbers(format, map[row]))
                        .collect(Collectors.joining("     ")))
                .toArray(String[]::new));
    }

    private static String numbers(String format, double[] row) {
        return Arrays.stream(row)
                .mapToObj(value -> Numbers.format(format, value == 0 ? 0.0 : value)) // never −0
                .collect(Collectors.joining(" "));
    }
}
