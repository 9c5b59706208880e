/**
 * How fast the reference CNN runs in Deeplearning4j and in other programs: training, evaluation, one image, growth.
 *
 * <p>The words are those of JMH and MLPerf. An <i>implementation</i> is a program that can run the network, or one of
 * the ways in which Deeplearning4j can. A <i>workload</i> is a task with its sizes. A <i>run</i> is one implementation
 * with one norm on one workload, in a process of its own, the <i>worker</i>. In each round, every run of a workload has
 * one <i>iteration</i>. A <i>result</i> says how fast a run was. Start reading at {@link org.bncnn.bench.Benchmark}.
 */
package org.bncnn.bench;
