package org.bncnn.model;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.schedule.CycleSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** How the learning rate changes from epoch to epoch. Each is a schedule of ND4J's, so files need no class of ours. */
public enum Schedule {
    /** The learning rate stays as it is. */
    CONSTANT,
    /**
     * Half a cosine, {@code η/2 · (1 + cos(π·e/E))} in epoch e of E, counted from 0: Loshchilov &amp; Hutter (2017),
     * "SGDR", without restarts. A {@link MapSchedule}, because ND4J has no cosine; and its {@code PolySchedule}, in
     * M2.1, grows where it should fall.
     */
    COSINE,
    /** Up to η, down, then further down: Smith (2018), "Super-convergence"; {@link CycleSchedule} over all epochs. */
    ONE_CYCLE;

    /**
     * {@return the schedule of a training}
     *
     * @param learningRate η, the highest
     * @param epochs E
     */
    ISchedule of(double learningRate, int epochs) {
        return switch (this) {
            case CONSTANT -> new FixedSchedule(learningRate);
            case COSINE -> new MapSchedule(ScheduleType.EPOCH, cosine(learningRate, epochs));
            case ONE_CYCLE -> new CycleSchedule(ScheduleType.EPOCH, learningRate, epochs);
        };
    }

    private static Map<Integer, Double> cosine(double learningRate, int epochs) {
        Map<Integer, Double> values = new TreeMap<>();
        for (int epoch = 0; epoch < epochs; epoch++) {
            values.put(epoch, learningRate / 2 * (1 + Math.cos(Math.PI * epoch / epochs)));
        }
        return values;
    }

    /** {@return the name used on the command line and in files} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
