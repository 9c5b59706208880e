package org.bncnn.experiment;

/** Is told how an experiment goes. */
public interface ExperimentObserver {
    /** A trial begins, after so many of so many. */
    void trialStarted(String norm, String setting, int done, int all);

    void trialEnded(Trial trial);
}
