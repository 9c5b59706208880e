package org.bncnn.eval;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A class and its probability by a network.
 *
 * @param name of the class
 * @param probability 0 to 1
 */
public record ClassProbability(String name, double probability) {
    /**
     * {@return the most probable classes, the most probable first}
     *
     * @param probabilities the network's output, {@code [classes]}
     * @param names names of the classes, in the same order
     * @param most the largest number of classes
     */
    public static List<ClassProbability> top(float[] probabilities, List<String> names, int most) {
        return IntStream.range(0, probabilities.length)
                .mapToObj(i -> new ClassProbability(names.get(i), probabilities[i]))
                .sorted(Comparator.comparingDouble(ClassProbability::probability)
                        .reversed())
                .limit(most)
                .toList();
    }
}
