package org.bncnn.bench;

import java.util.List;

/**
 * What a worker answers, as one line of JSON. The fields that an answer does not have are null.
 *
 * @param failure why it cannot go on
 * @param version what runs, once it is ready
 * @param probe the first results, once it is ready: losses, or probabilities
 * @param turn how a turn went
 * @param peakBytes most memory it had resident until then; −1 if the system does not tell
 */
record Reply(String failure, String version, List<Double> probe, Turn turn, Long peakBytes) {
    static Reply failed(String reason) {
        return new Reply(reason, null, null, null, null);
    }

    static Reply ready(String version, List<Double> probe) {
        return new Reply(null, version, probe, null, null);
    }

    static Reply turned(Turn turn, long peakBytes) {
        return new Reply(null, null, null, turn, peakBytes);
    }
}
