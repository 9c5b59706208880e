package org.bncnn.bench;

import java.util.List;

/**
 * How fast a contender was at a workload.
 *
 * @param entry which contender, with which norm
 * @param title of the contender, as tables show it
 * @param version what ran
 * @param workload on what
 * @param imagesPerSecond over its turns
 * @param p50Micros median time of a call, in µs, over its turns
 * @param p99Micros the time, in µs, that 99 of 100 calls stay below, over its turns
 * @param peakBytes most memory its process had resident, the Java virtual machine's included; −1 if the system does not tell
 * @param turns those that count, in order
 */
public record Measurement(
        Entry entry,
        String title,
        String version,
        Workload workload,
        Spread imagesPerSecond,
        Spread p50Micros,
        Spread p99Micros,
        long peakBytes,
        List<Turn> turns) {
    public Measurement {
        turns = List.copyOf(turns);
    }

    static Measurement of(
            Entry entry, String title, String version, Workload workload, List<Turn> turns, long peakBytes) {
        return new Measurement(
                entry,
                title,
                version,
                workload,
                Spread.of(turns, Turn::imagesPerSecond),
                Spread.of(turns, Turn::p50Micros),
                Spread.of(turns, Turn::p99Micros),
                peakBytes,
                turns);
    }
}
