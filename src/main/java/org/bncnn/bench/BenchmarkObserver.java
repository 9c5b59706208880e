package org.bncnn.bench;

/** Is told how a benchmark goes. */
public interface BenchmarkObserver {
    /** A heat begins. */
    void heatStarted(Plan.Entrants entrants);

    /** Contenders had so many turns, or will not have them. */
    void turnsEnded(int turns);
}
