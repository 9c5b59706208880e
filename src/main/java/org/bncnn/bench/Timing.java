package org.bncnn.bench;

/**
 * How long is measured.
 *
 * @param rounds in each of which every contender has a turn, at least 1
 * @param seconds of a turn, positive
 */
public record Timing(int rounds, double seconds) {
    /** Rounds before those that count: HotSpot compiles, workspaces and caches find their size. */
    public static final int WARM_UP_ROUNDS = 2;

    /** Five rounds of two seconds. */
    public static final Timing DEFAULT = new Timing(5, 2);

    public Timing {
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds must be at least 1, not " + rounds);
        }
        if (!(seconds > 0) || Double.isInfinite(seconds)) {
            throw new IllegalArgumentException("seconds must be positive and finite, not " + seconds);
        }
    }

    /** {@return how many turns each contender has, those for warming up among them} */
    int turns() {
        return WARM_UP_ROUNDS + rounds;
    }
}
