package org.bncnn.eval;

import java.util.List;

/**
 * How well several networks did on the same images, such as those of one recipe with several seeds.
 *
 * @param models in the order in which they were measured, at least 2
 * @param meanAccuracy 0 to 1
 * @param standardDeviation of their accuracies, the sample's: with n − 1 in the denominator
 */
public record EvaluationSummary(List<Measured> models, double meanAccuracy, double standardDeviation) {
    /**
     * One of them.
     *
     * @param name such as the file it is in
     */
    public record Measured(String name, EvaluationResult result) {}

    public EvaluationSummary {
        models = List.copyOf(models);
    }

    /** {@return a summary of models, at least 2} */
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
