package org.bncnn.bench;

import java.util.List;

/**
 * Contenders that had their turns on the same workload, one after the other, round by round.
 *
 * @param axis what grows from heat to heat, {@code null} where nothing does
 * @param point where on the axis this heat is
 * @param workload what all worked on
 * @param measurements of those that came to the end, in the order of their turns
 * @param omissions of the others
 */
public record Heat(
        String axis, Number point, Workload workload, List<Measurement> measurements, List<Omission> omissions) {
    public Heat {
        measurements = List.copyOf(measurements);
        omissions = List.copyOf(omissions);
    }
}
