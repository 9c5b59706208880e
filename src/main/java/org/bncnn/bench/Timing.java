package org.bncnn.bench;

/**
 * How long is measured.
 *
 * @param rounds in each of which every contender has a turn, 1 to {@value #MOST_ROUNDS}
 * @param seconds of a turn, above 0 and at most {@value #MOST_SECONDS}
 */
public record Timing(int rounds, double seconds) {
    /** Rounds before those that count: HotSpot compiles, workspaces and caches find their size. */
    public static final int WARM_UP_ROUNDS = 2;

    private static final int MOST_ROUNDS = 1000;

    /** Half of what {@link WorkerProcess} waits for an answer. */
    private static final int MOST_SECONDS = 60;

    /** Five rounds of two seconds. */
    public static final Timing DEFAULT = new Timing(5, 2);

    public Timing {
        if (rounds < 1 || rounds > MOST_ROUNDS) {
            throw new IllegalArgumentException("rounds must be 1 to " + MOST_ROUNDS + ", not " + rounds);
        }
        if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
            throw new IllegalArgumentException(
                    "seconds must be above 0 and at most " + MOST_SECONDS + ", not " + seconds);
        }
    }

    /** {@return how many turns each contender has, those for warming up among them} */
    int turns() {
        return WARM_UP_ROUNDS + rounds;
    }
}
