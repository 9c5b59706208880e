package org.bncnn.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.bncnn.compare.LayerParity.Quantity;
import org.bncnn.train.EpochResult;

/** What a comparison comes to, in plain words. */
final class Verdict {
    /** Float has 7 digits, of which a plain sum of tens of thousands of values may lose two, and subtracting a mean one more. */
    static final double SAME = 1e-4;

    private Verdict() {}

    static List<String> of(int batches, List<LayerParity> parity, List<LayerSpeed> speed, List<NormTraining> training) {
        List<String> verdict = new ArrayList<>();
        parity(batches, parity, verdict);
        speed(speed, verdict);
        training(training, verdict);
        return verdict;
    }

    private record Worst(String layer, Quantity quantity) {
        double relative() {
            return quantity.relative();
        }
    }

    private static void parity(int batches, List<LayerParity> parity, List<String> verdict) {
        // Double.compare puts NaN above everything, so that it is the worst.
        Optional<Worst> found = parity.stream()
                .flatMap(place -> place.quantities().stream().map(quantity -> new Worst(place.layer(), quantity)))
                .max(Comparator.comparingDouble(Worst::relative));
        if (found.isEmpty()) {
            return;
        }
        Worst worst = found.get();
        boolean same = worst.relative() <= SAME;
        verdict.add(format(
                "%s: on %d real batches the custom layer is within %.1e of the built-in one (relative L2; the most in the %s of"
                        + " %s), where %.0e is allowed.",
                same ? "Same arithmetic" : "NOT the same arithmetic",
                batches,
                worst.relative(),
                worst.quantity().name(),
                worst.layer(),
                SAME));
        verdict.add(format(
                "Accuracy: against Algorithm 1 in double precision the custom layer is off by at most %.1e, the built-in one by %.1e.",
                largest(parity, Quantity::customError), largest(parity, Quantity::builtinError)));
        LayerParity smallest = parity.stream()
                .min(Comparator.comparingLong(place -> place.runningVariance().valuesPerChannel()))
                .orElseThrow();
        verdict.add(format(
                "Meant to differ: the running variance, unbiased in the custom layer as in the paper and in PyTorch, biased in the"
                        + " built-in one; the most in %s, by a factor of %d/%d = %.4f.",
                smallest.layer(),
                smallest.runningVariance().valuesPerChannel(),
                smallest.runningVariance().valuesPerChannel() - 1,
                smallest.runningVariance().factor()));
    }

    private static double largest(List<LayerParity> parity, ToDoubleFunction<Quantity> error) {
        return parity.stream()
                .flatMap(place -> place.quantities().stream())
                .mapToDouble(error)
                .max()
                .orElseThrow();
    }

    private static void speed(List<LayerSpeed> speed, List<String> verdict) {
        Set<String> others = speed.stream()
                .filter(one -> !one.ofCustom())
                .map(LayerSpeed::implementation)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (String other : others) {
            DoubleSummaryStatistics ratios = speed.stream()
                    .filter(one -> one.implementation().equals(other))
                    .mapToDouble(
                            one -> one.micros() / custom(speed, one.shape()).micros())
                    .summaryStatistics();
            verdict.add(format(
                    "Speed: forward and backward together, the custom layer alone is %.1f to %.1f times as fast as the %s.",
                    ratios.getMin(), ratios.getMax(), other));
        }
    }

    private static LayerSpeed custom(List<LayerSpeed> speed, List<Long> shape) {
        return speed.stream()
                .filter(one -> one.ofCustom() && one.shape().equals(shape))
                .findAny()
                .orElseThrow();
    }

    private static void training(List<NormTraining> training, List<String> verdict) {
        Optional<NormTraining> without = named(training, "none");
        for (NormTraining with : training) {
            if (!with.completed()) {
                verdict.add("Stopped: the training with norm " + with.norm() + " did not come to its end.");
            } else if (without.isPresent() && without.get().completed() && with != without.get()) {
                verdict.add(gain(with, without.get()));
            }
        }
        Optional<NormTraining> builtin = named(training, "builtin");
        Optional<NormTraining> custom = named(training, "custom");
        if (builtin.isPresent()
                && custom.isPresent()
                && builtin.get().completed()
                && custom.get().completed()) {
            verdict.add(format(
                    "Custom and built-in end %.2f points of accuracy apart. Float rounding alone drives trainings with BN apart, by"
                            + " up to half a point after 10 epochs from one seed to another.",
                    100 * Math.abs(custom.get().testAccuracy() - builtin.get().testAccuracy())));
        }
    }

    private static String gain(NormTraining with, NormTraining without) {
        double target = without.testAccuracy();
        String reached = with.epochs().stream()
                .filter(epoch -> epoch.measured().accuracy() >= target)
                .findFirst()
                .map(epoch -> format("It had none's final accuracy after epoch %d", epoch.epoch()))
                .orElse("It did not reach none's accuracy");
        return format(
                "What BN buys (%s): %.2f %% after %d epochs in the place of %.2f %%, %+.2f points. %s, and took %.1f times as long an"
                        + " epoch.",
                with.norm(),
                100 * with.testAccuracy(),
                with.epochs().size(),
                100 * target,
                100 * (with.testAccuracy() - target),
                reached,
                meanSeconds(with) / meanSeconds(without));
    }

    private static double meanSeconds(NormTraining training) {
        return training.epochs().stream()
                .mapToDouble(EpochResult::seconds)
                .average()
                .orElseThrow();
    }

    private static Optional<NormTraining> named(List<NormTraining> training, String norm) {
        return training.stream().filter(one -> one.norm().equals(norm)).findAny();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
