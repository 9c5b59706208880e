package org.bncnn.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bncnn.backend.Backend;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.data.DatasetLocator;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.train.TrainingObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NormComparisonTest {
    private static final Recipe RECIPE =
            Recipe.REFERENCE.withEpochs(1).withLearningRate(0.01).withSeed(3);

    @TempDir
    private Path folder;

    private final List<String> parts = new ArrayList<>();

    @Test
    void eachNormIsTrainedByItsOwnLayers() throws IOException {
        Comparison comparison = run(EnumSet.of(Norm.NONE, Norm.CUSTOM), () -> false);
        assertThat(parts).containsExactly("Training with norm none", "Training with norm custom");
        assertThat(comparison.parity()).isEmpty();
        assertThat(comparison.speed()).isEmpty();
        assertThat(comparison.training()).extracting(NormTraining::norm).containsExactly("none", "custom");
        assertThat(comparison.training()).allMatch(NormTraining::completed);
        assertThat(comparison.training().get(0).layers()).isEmpty();
        assertThat(comparison.training().get(1).layers())
                .containsExactly(
                        "bn1: org.bncnn.norm.BatchNormLayer",
                        "bn2: org.bncnn.norm.BatchNormLayer",
                        "bn3: org.bncnn.norm.BatchNormLayer");
        assertThat(comparison.provenance().norm()).isEqualTo("none, custom");
        assertThat(folder.resolve("run/none/model.zip")).isNotEmptyFile();
        assertThat(folder.resolve("run/custom/metrics.jsonl")).isNotEmptyFile();
    }

    @Test
    void bothBatchNormalizationsAreCompared() throws IOException {
        assumeTrue(Backend.usesOneDnn());
        Comparison comparison = run(
                EnumSet.of(Norm.BUILTIN, Norm.CUSTOM), () -> parts.stream().anyMatch(part -> part.startsWith("Speed")));
        assertThat(comparison.parity()).hasSize(3);
        assertThat(comparison.speed())
                .extracting(LayerSpeed::implementation)
                .containsExactly(
                        "built-in layer as DL4J ships it", "built-in layer with oneDNN helpers", "custom layer");
        assertThat(comparison.speed()).allMatch(speed -> speed.forwardMicros() > 0 && speed.backwardMicros() > 0);
        // Without helpers DL4J's layer allocates more arrays of the input's size.
        assertThat(comparison.speed().get(0).arrays())
                .isGreaterThan(comparison.speed().get(1).arrays() + 1);
        // Output and input gradient; a workspace rounds each array up a little.
        assertThat(comparison.speed().get(2).arrays()).isBetween(2.0, 2.01);
        assertThat(comparison.training()).isEmpty();
        assertThat(comparison.verdict().get(0)).startsWith("Same arithmetic");
    }

    private Comparison run(EnumSet<Norm> norms, BooleanSupplier stop) throws IOException {
        NormComparison.Observer observer = new NormComparison.Observer() {
            @Override
            public void partStarted(String part) {
                parts.add(part);
            }

            @Override
            public TrainingObserver training() {
                return new TrainingObserver() {};
            }
        };
        return new NormComparison(norms, RECIPE, DatasetLocator.sample(), Engine.ONEDNN)
                .run(Files.createDirectory(folder.resolve("run")), observer, stop);
    }
}
