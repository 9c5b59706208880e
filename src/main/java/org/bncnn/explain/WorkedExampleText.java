package org.bncnn.explain;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
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

    /** {@return the page} */
    public static String render(WorkedExample example) {
        WorkedExampleText page = new WorkedExampleText();
        page.convolution(example);
        page.forward(example);
        page.backward(example);
        page.running(example.running());
        page.inference(example);
        page.channels(example.channels());
        return page.text.toString();
    }

    private void convolution(WorkedExample example) {
        title("1. What goes in");
        say("Four images of 5×5 in one batch:");
        maps(example.images(), "%2.0f");
        say("A convolution with this kernel and no padding makes a 3×3 map of each:");
        maps(new double[][][] {example.kernel()}, "%2.0f");
        say("That is x, of shape [4, 1, 3, 3] (images, channels, height, width): 36 numbers of one channel.");
        maps(example.x(), "%2.0f");
        say(
                "Batch normalization stands between the convolution and its activation. The convolution has no bias (hasBias(false)):"
                        + " the layer subtracts the mean, and a bias with it. β takes its part.");
    }

    private void forward(WorkedExample example) {
        Forward forward = example.forward();
        title("2. Forward, in training (Ioffe & Szegedy 2015, Algorithm 1)");
        say("All 36 share one mean and one variance; m = 36.");
        paragraph();
        formula("μ  = Σ x / m", forward.mean());
        formula("σ² = Σ (x − μ)² / m", forward.variance());
        paragraph();
        say(
                "Normalised: x̂ = (x − μ) / √(σ² + ε), with ε = %s. Their mean is 0, their variance 1.",
                scientific(WorkedExample.EPS));
        maps(forward.normalized(), "%7.3f");
        say(
                "Scaled and shifted: y = γ·x̂ + β, with γ = %s and β = %s, which training learns; it begins with 1 and 0.",
                WorkedExample.GAMMA, WorkedExample.BETA);
        maps(forward.y(), "%7.3f");
    }

    private void backward(WorkedExample example) {
        Backward backward = example.backward();
        title("3. Backward (the chain rule through all of that)");
        say("The next layer hands back ∂L/∂y; these numbers are made up:");
        maps(backward.upstream(), "%5.1f");
        paragraph();
        formula("∂L/∂β = Σ ∂L/∂y", backward.dBeta());
        formula("∂L/∂γ = Σ ∂L/∂y · x̂", backward.dGamma());
        paragraph();
        say("x moves y directly, and by way of the variance and the mean that it is part of. With ∂L/∂x̂ = γ · ∂L/∂y:");
        paragraph();
        formula("∂L/∂σ² = Σ ∂L/∂x̂ · (x − μ) · −½(σ² + ε)^(−3/2)", backward.dVariance());
        formula("∂L/∂μ  = Σ ∂L/∂x̂ · −1 / √(σ² + ε)", backward.dMean());
        line("∂L/∂x  = ∂L/∂x̂ / √(σ² + ε) + ∂L/∂σ² · 2(x − μ) / m + ∂L/∂μ / m");
        paragraph();
        say(
                "∂L/∂μ has a second term in the paper, ∂L/∂σ² · Σ −2(x − μ) / m. It is 0. Put together, the three lines are");
        paragraph();
        line("∂L/∂x  = γ / √(σ² + ε) · (∂L/∂y − ∂L/∂β / m − x̂ · ∂L/∂γ / m)");
        maps(backward.dx(), "%7.3f");
        say("The convolution takes ∂L/∂x and computes the gradient by its kernel from it.");
        paragraph();
        say(
                "Compared with finite differences, the largest of these 38 gradients is off by %s.",
                scientific(backward.largestDifference()));
    }

    private void running(List<RunningStep> steps) {
        title("4. What is remembered");
        say(
                "Each batch has another mean and variance. Batch 2 holds the images of batch 1, each row one line lower and the last row"
                        + " on top; batch 3, the rows two lines lower; and so on. The convolution makes of batches 2 to 5:");
        for (RunningStep step : steps.subList(1, steps.size())) {
            maps(step.x(), "%2.0f");
        }
        say(
                "For inference, the layer keeps a moving average of both. Each batch leaves %s of the old value. The variance goes in"
                        + " without bias, times m/(m − 1) = 36/35.",
                WorkedExample.DECAY);
        paragraph();
        line("batch      mean  variance  unbiased    running mean  running variance");
        line("                                              0.0000            1.0000");
        for (int i = 0; i < steps.size(); i++) {
            RunningStep step = steps.get(i);
            line(Numbers.format(
                    "%5d  %8.4f  %8.4f  %8.4f        %8.4f          %8.4f",
                    i + 1,
                    step.mean(),
                    step.variance(),
                    step.unbiasedVariance(),
                    step.runningMean(),
                    step.runningVariance()));
        }
        paragraph();
        double initial = Math.pow(WorkedExample.DECAY, steps.size());
        say(
                "The running mean, %.4f, is still far from the batches' means: %.0f %% of its weight is on the 0 that it began with (%s to the"
                        + " power of %d). After 50 batches that is %.1f %%.",
                steps.get(steps.size() - 1).runningMean(),
                100 * initial,
                WorkedExample.DECAY,
                steps.size(),
                100 * Math.pow(WorkedExample.DECAY, 50));
    }

    private void inference(WorkedExample example) {
        title("5. Inference (Algorithm 2, line 11)");
        say("A trained network may see a single image, and uses what it remembers. Then the layer is one straight line,"
                + " y = scale · x + shift, which a convolution before it can take over. Algorithm 2 does this for each of the network's K"
                + " normalized activations; behind a convolution, a channel counts as one (§3.2).");
        paragraph();
        formula("scale = γ / √(running variance + ε)", example.inference().scale());
        formula("shift = β − scale · running mean", example.inference().shift());
        paragraph();
        say("The first image becomes:");
        maps(new double[][][] {example.inference().y()}, "%7.3f");
    }

    private void channels(List<Channel> channels) {
        title("6. Three channels");
        say("With three kernels x is [4, 3, 3, 3]. Each channel has a mean, a variance, a γ and a β of its own; after"
                + " normalisation its mean is β and its variance γ².");
        paragraph();
        line("channel  kernel's rows                    mean  variance     γ     β    mean of y  variance of y");
        for (int c = 0; c < channels.size(); c++) {
            Channel channel = channels.get(c);
            line(Numbers.format(
                    "%7d  %-27s %9.4f %9.4f %5.1f %5.1f    %9.4f      %9.4f",
                    c,
                    Arrays.stream(channel.kernel())
                            .map(row -> Arrays.stream(row)
                                    .mapToObj(value -> Numbers.format("%2.0f", value))
                                    .collect(Collectors.joining(" ")))
                            .collect(Collectors.joining(" |")),
                    channel.mean(),
                    channel.variance(),
                    channel.gamma(),
                    channel.beta(),
                    channel.yMean(),
                    channel.yVariance()));
        }
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

    private static String scientific(double value) {
        return Numbers.format("%.0e", value);
    }

    private void line(String line) {
        text.append(INDENT).append(line).append('\n');
    }

    private void formula(String formula, double value) {
        // The hat of x̂ is a character without width.
        String pad = " ".repeat(46 - formula.replace("\u0302", "").length());
        line(formula + pad + Numbers.format(" = %.4f", value));
    }

    /** Maps beside each other. */
    private void maps(double[][][] maps, String format) {
        paragraph();
        for (int row = 0; row < maps[0].length; row++) {
            int at = row;
            line(Arrays.stream(maps)
                    .map(map -> Arrays.stream(map[at])
                            .mapToObj(value -> Numbers.format(format, value == 0 ? 0.0 : value))
                            .collect(Collectors.joining(" ")))
                    .collect(Collectors.joining("     ")));
        }
        text.append('\n');
    }
}
