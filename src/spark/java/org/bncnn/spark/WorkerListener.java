package org.bncnn.spark;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of machines that join and leave. */
final class WorkerListener extends SparkListener {
    private static final Logger log = LoggerFactory.getLogger(WorkerListener.class);

    @Override
    public void onExecutorAdded(SparkListenerExecutorAdded added) {
        log.info(
                "executor {} on {}: {} cores",
                added.executorId(),
                added.executorInfo().executorHost(),
                added.executorInfo().totalCores());
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        log.warn(
                "executor {} is gone ({}); what it had not finished is done again elsewhere",
                removed.executorId(),
                removed.reason().lines().findFirst().orElse(""));
    }
}
