package org.bncnn.bench;

/**
 * What a worker is told to do, as one line of JSON.
 *
 * @param entry which contender, with which norm
 * @param workload on what
 * @param batches path of the file that {@link Batches} wrote
 */
record Assignment(Entry entry, Workload workload, String batches) {}
