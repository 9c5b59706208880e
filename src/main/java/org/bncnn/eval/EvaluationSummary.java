package org.bncnn.eval;

import java.util.List;

/**
 * The results of several networks on the same images, such as networks of one recipe with several seeds.
 *
 * @param models the results, in the order in which they were measured, at least 2
 * @param meanAccuracy mean of the accuracies, 0 to 1
 * @param standardDeviation sample standard deviation of the accuracies, with n − 1 in the denominator
 */
public record EvaluationSummary(List<Measured> models, double meanAccuracy, double standardDeviation) {
    /**
     * The result of one network.
     *
     * @param name a name of the network, such as its file
     * @param result its result
     */
    public record Measured(String name, EvaluationResult result) {}

    /** Copies the lists. */
    public EvaluationSummary {
        models = List.copyOf(models);
    }

    /**
     * {@return a summary}
     *
     * @param models the results of at least 2 networks
     */
    public static EvaluationSummary of(List<Measured> models) {
        double mean = models.stream()
                .mapToDouble(model -> model.result().accuracy())
                .average()
                .orElseThrow();
        double squares = models.stream()
                .mapToDouble(model -> Math.pow(model.result().accuracy() - mean, 2))
                .sum();
        return new EvaluationSummary(models, mean, Math.sqrt(squares / (models.size() - 1)));
    }
}
