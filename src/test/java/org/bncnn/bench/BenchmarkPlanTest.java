package org.bncnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bncnn.bench.BenchmarkPlan.Timing;
import org.bncnn.bench.BenchmarkPlan.WorkloadRuns;
import org.bncnn.bench.RunResult.Id;
import org.bncnn.bench.Workload.Task;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.model.Norm;
import org.junit.jupiter.api.Test;

class BenchmarkPlanTest {
    /** A peer that has a batch normalization of its own and cannot train. */
    private record Peer(String id) implements Implementation {
        @Override
        public String title() {
            return id;
        }

        @Override
        public boolean supports(Norm norm, Workload workload) {
            return norm != Norm.CUSTOM && workload.task() != Task.TRAIN;
        }

        @Override
        public Network prepare(Norm norm, Map<String, Weight> weights, BatchFile batches) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void networksWithBatchNormalizationShareAWorkloadAndThoseWithoutAnother() throws DatasetException {
        List<WorkloadRuns> workloads = workloads(EnumSet.allOf(Norm.class), Set.of(Task.EVALUATE), false);
        assertThat(workloads).hasSize(2);
        assertThat(workloads.get(0).runs())
                .extracting(run -> run.id() + "")
                .containsExactly(
                        "Id[implementation=dl4j, norm=none]",
                        "Id[implementation=dl4j-helpers, norm=none]",
                        "Id[implementation=peer, norm=none]");
        assertThat(workloads.get(1).runs())
                .extracting(Run::id)
                .containsExactly(
                        new Id("dl4j", Norm.BUILTIN),
                        new Id("dl4j-helpers", Norm.BUILTIN),
                        new Id("peer", Norm.BUILTIN),
                        new Id("dl4j", Norm.CUSTOM),
                        new Id("dl4j-helpers", Norm.CUSTOM));
        assertThat(workloads.get(0).workload()).isEqualTo(new Workload(Task.EVALUATE, 1000, 1, 28, 10, 1, 2));
    }

    @Test
    void anImplementationRunsOnlyWhatItSupports() throws DatasetException {
        assertThat(workloads(EnumSet.of(Norm.NONE), Set.of(Task.TRAIN), false)
                        .get(0)
                        .runs())
                .extracting(run -> run.id().implementation())
                .containsExactly("dl4j", "dl4j-helpers");
    }

    @Test
    void growthIsALineAlongEachAxisWithoutTheSlowest() throws DatasetException {
        List<WorkloadRuns> workloads = workloads(EnumSet.of(Norm.NONE, Norm.CUSTOM), Set.of(), true);
        assertThat(workloads)
                .filteredOn(one -> one.workload().task() == Task.TRAIN)
                .extracting(one -> one.axis() + " " + one.point())
                .containsExactly(
                        "batch size 1",
                        "batch size 4",
                        "batch size 16",
                        "batch size 64",
                        "batch size 256",
                        "batch size 1024",
                        "batch size 4096",
                        "image side 28",
                        "image side 56",
                        "image side 112",
                        "image side 224",
                        "channel factor 1",
                        "channel factor 2",
                        "channel factor 4",
                        "channel factor 8",
                        "threads 1",
                        "threads 2");
        assertThat(workloads)
                .allSatisfy(one -> assertThat(one.runs())
                        .extracting(Run::id)
                        .doesNotContain(new Id("dl4j", Norm.NONE))
                        .contains(new Id("dl4j-helpers", Norm.NONE)));
        assertThat(workloads.get(10).workload()).isEqualTo(new Workload(Task.TRAIN, 64, 1, 224, 10, 1, 2));
    }

    @Test
    void threadsAreAtLeastOne() {
        assertThatThrownBy(() -> new BenchmarkPlan(List.of(), Set.of(), Set.of(), false, 0, Timing.DEFAULT))
                .hasMessage("threads must be 1 to 1024, not 0");
    }

    private static List<WorkloadRuns> workloads(Set<Norm> norms, Set<Task> tasks, boolean growth)
            throws DatasetException {
        List<Implementation> implementations = List.of(Dl4j.ALL.get(0), Dl4j.ALL.get(1), new Peer("peer"));
        return new BenchmarkPlan(implementations, norms, tasks, growth, 2, Timing.DEFAULT)
                .workloads(DatasetLocator.sample().train());
    }
}
