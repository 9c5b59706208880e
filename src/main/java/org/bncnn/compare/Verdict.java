package org.bncnn.compare;

import static org.bncnn.text.Numbers.format;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.compare.Comparison.Quantity;
import org.bncnn.train.EpochResult;

/** Sentences that sum a comparison up. */
final class Verdict {
    /** Float has 7 digits; a plain sum of tens of thousands of values may lose two, and subtracting a mean one more. */
    static final double SAME = 1e-4;

    private Verdict() {}

    static List<String> of(int batches, List<LayerParity> parity, List<LayerSpeed> speed, List<NormTraining> training) {
        List<String> verdict = new ArrayList<>();
        if (!parity.isEmpty()) {
            parity(batches, parity, verdict);
        }
        speed(speed, verdict);
        training(training, verdict);
        return verdict;
    }

    private static void parity(int batches, List<LayerParity> parity, List<String> verdict) {
        // Double.compare puts NaN above everything, so that it is the worst.
        LayerParity place = parity.stream()
                .max(Comparator.comparingDouble(each -> worst(each).relative()))
                .orElseThrow();
        Quantity worst = worst(place);
        verdict.add(format(
                "%s: on %d real batches the custom layer is within %.1e of the built-in one (relative L2; the most"
                        + " in the %s of %s), where %.0e is allowed.",
                worst.relative() <= SAME ? "Same arithmetic" : "NOT the same arithmetic",
                batches,
                worst.relative(),
                worst.name(),
                place.layer(),
                SAME));
        verdict.add(format(
                "Accuracy: against Algorithm 1 in double precision the custom layer is off by at most %.1e, the"
                        + " built-in one by %.1e.",
                largest(parity, Quantity::customError), largest(parity, Quantity::builtinError)));
        LayerParity smallest = parity.stream()
                .min(Comparator.comparingLong(each -> each.runningVariance().valuesPerChannel()))
                .orElseThrow();
        long values = smallest.runningVariance().valuesPerChannel();
        verdict.add(format(
                "Meant to differ: the running variance, unbiased in the custom layer as in the paper and in PyTorch,"
                        + " biased in the built-in one; the most in %s, by a factor of %d/%d = %.4f.",
                smallest.layer(), values, values - 1, smallest.runningVariance().factor()));
    }

    private static Quantity worst(LayerParity place) {
        return place.quantities().stream()
                .max(Comparator.comparingDouble(Quantity::relative))
                .orElseThrow();
    }

    private static double largest(List<LayerParity> parity, ToDoubleFunction<Quantity> error) {
        return parity.stream()
                .flatMap(place -> place.quantities().stream())
                .mapToDouble(error)
                .max()
                .orElseThrow();
    }

    private static void speed(List<LayerSpeed> speed, List<String> verdict) {
        Map<List<Long>, Double> custom = new LinkedHashMap<>();
        Map<String, DoubleSummaryStatistics> ratios = new LinkedHashMap<>();
        speed.stream().filter(LayerSpeed::ofCustom).forEach(one -> custom.put(one.shape(), one.micros()));
        speed.stream()
                .filter(one -> !one.ofCustom())
                .forEach(one -> ratios.computeIfAbsent(one.implementation(), name -> new DoubleSummaryStatistics())
                        .accept(one.micros() / custom.get(one.shape())));
        ratios.forEach((other, ratio) -> verdict.add(format(
                "Speed: forward and backward together, the custom layer alone is %.1f to %.1f times as fast as the %s.",
                ratio.getMin(), ratio.getMax(), other)));
    }

    private static void training(List<NormTraining> training, List<String> verdict) {
        Map<String, NormTraining> completed = new LinkedHashMap<>();
        training.stream().filter(NormTraining::completed).forEach(one -> completed.put(one.norm(), one));
        NormTraining without = completed.get("none");
        for (NormTraining with : training) {
            if (!with.completed()) {
                verdict.add("Stopped: the training with norm " + with.norm() + " did not come to its end.");
            } else if (without != null && with != without) {
                verdict.add(gain(with, without));
            }
        }
        if (completed.containsKey("builtin") && completed.containsKey("custom")) {
            verdict.add(format(
                    "Custom and built-in end %.2f points of accuracy apart. Float rounding alone drives trainings with"
                            + " BN apart, by up to half a point after 10 epochs from one seed to another.",
                    100
                            * Math.abs(completed.get("custom").testAccuracy()
                                    - completed.get("builtin").testAccuracy())));
        }
    }

    private static String gain(NormTraining with, NormTraining without) {
        double target = without.testAccuracy();
        String reached = with.epochs().stream()
                .filter(epoch -> epoch.measured().accuracy() >= target)
                .findFirst()
                .map(epoch -> "It had none's final accuracy after epoch " + epoch.epoch())
                .orElse("It did not reach none's accuracy");
        return format(
                "What BN buys (%s): %.2f %% after %d epochs instead of %.2f %%, %+.2f points. %s, and took %.1f times"
                        + " as long an epoch.",
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
}
