package org.bncnn.eval;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A class, and how probable a network holds it to be.
 *
 * @param name of the class
 * @param probability 0 to 1
 */
public record ClassProbability(String name, double probability) {
    /**
     * {@return the most probable classes, the most probable first}
     *
     * @param probabilities as the network gives them
     * @param names of the classes, in the same order
     * @param most so many, or as many as there are
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
