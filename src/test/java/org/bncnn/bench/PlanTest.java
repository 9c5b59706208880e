package org.bncnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bncnn.model.Norm;
import org.junit.jupiter.api.Test;

class PlanTest {
    /** A peer that has a batch normalization of its own and cannot train. */
    private record Peer(String id) implements Contender {
        @Override
        public String title() {
            return id;
        }

        @Override
        public boolean supports(Norm norm, Workload workload) {
            return norm != Norm.CUSTOM && workload.task() != Task.TRAIN;
        }

        @Override
        public Subject prepare(Norm norm, Workload workload, Weights weights, Batches batches) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void networksWithBatchNormalizationAreOneHeatAndThoseWithoutAnother() {
        List<Plan.Entrants> heats = plan(EnumSet.allOf(Norm.class), Set.of(Task.EVALUATE), false);
        assertThat(heats).hasSize(2);
        assertThat(heats.get(0).contenders())
                .extracting(entrant -> entrant.entry() + "")
                .containsExactly(
                        "Entry[contender=dl4j, norm=none]",
                        "Entry[contender=dl4j-helpers, norm=none]",
                        "Entry[contender=peer, norm=none]");
        assertThat(heats.get(1).contenders())
                .extracting(Plan.Entrant::entry)
                .containsExactly(
                        new Entry("dl4j", Norm.BUILTIN),
                        new Entry("dl4j-helpers", Norm.BUILTIN),
                        new Entry("peer", Norm.BUILTIN),
                        new Entry("dl4j", Norm.CUSTOM),
                        new Entry("dl4j-helpers", Norm.CUSTOM));
        assertThat(heats.get(0).workload()).isEqualTo(new Workload(Task.EVALUATE, 1000, 1, 28, 10, 1, 2));
    }

    @Test
    void whatAContenderCannotDoIsNotAskedOfIt() {
        assertThat(plan(EnumSet.of(Norm.NONE), Set.of(Task.TRAIN), false).get(0).contenders())
                .extracting(entrant -> entrant.contender().id())
                .containsExactly("dl4j", "dl4j-helpers");
    }

    @Test
    void growthIsALineAlongEachAxisWithoutTheSlowest() {
        List<Plan.Entrants> heats = plan(EnumSet.of(Norm.NONE, Norm.CUSTOM), Set.of(), true);
        assertThat(heats)
                .filteredOn(heat -> heat.workload().task() == Task.TRAIN)
                .extracting(heat -> heat.axis() + " " + heat.point())
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
        assertThat(heats)
                .allSatisfy(heat -> assertThat(heat.contenders())
                        .extracting(Plan.Entrant::entry)
                        .doesNotContain(new Entry("dl4j", Norm.NONE))
                        .contains(new Entry("dl4j-helpers", Norm.NONE)));
        assertThat(heats.get(10).workload()).isEqualTo(new Workload(Task.TRAIN, 64, 1, 224, 10, 1, 2));
    }

    @Test
    void threadsAreAtLeastOne() {
        assertThatThrownBy(() -> new Plan(List.of(), Set.of(), Set.of(), false, 0, Timing.DEFAULT))
                .hasMessage("threads must be 1 to 1024, not 0");
    }

    private static List<Plan.Entrants> plan(Set<Norm> norms, Set<Task> tasks, boolean growth) {
        List<Contender> contenders =
                List.of(Dl4jContender.all().get(0), Dl4jContender.all().get(1), new Peer("peer"));
        return new Plan(contenders, norms, tasks, growth, 2, Timing.DEFAULT).heats(1, 28, 10);
    }
}
