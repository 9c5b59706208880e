package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.engine.Engine;
import org.bncnn.eval.Evaluator;
import org.bncnn.eval.LayerSignal;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelInspection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void theRunFolderHoldsModelMetricsProvenanceAndEvaluation() throws IOException {
        ImageDataset data = DatasetLocator.sample();
        Recipe recipe = Recipe.REFERENCE
                .withEpochs(1)
                .withBatchSize(8)
                .withLearningRate(0.01)
                .withSeed(42);
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run")));
        TrainingResult result =
                new Training(Norm.NONE, recipe, data, Engine.ONEDNN).run(run, new TrainingObserver() {}, () -> false);

        List<String> metrics = Files.readAllLines(run.path().resolve("metrics.jsonl"));
        assertThat(metrics).hasSize(4);
        assertThat(JSON.readTree(metrics.get(1)).get("batch").asInt()).isEqualTo(200);
        assertThat(run.metrics().losses()).extracting(LossReport::batch).containsExactly(200);
        assertThat(run.metrics().epochs()).isEqualTo(result.epochs());
        assertThat(run.metrics().layers()).extracting(LayerMetrics::epoch).containsExactly(0, 1);
        assertThat(run.metrics().layers().get(1).layers())
                .extracting(LayerSignal::layer)
                .containsExactly("conv1", "conv2", "fc1", "fc2");

        JsonNode provenance =
                JSON.readTree(run.path().resolve("provenance.json").toFile());
        assertThat(provenance.get("recipe").get("seed").asLong()).isEqualTo(42);
        assertThat(provenance.get("norm").asText()).isEqualTo("none");
        assertThat(provenance.get("dl4j").asText()).isEqualTo("1.0.0-M2.1");
        assertThat(provenance.get("datasetSha256")).hasSize(4);
        assertThat(provenance.get("commit").asText()).matches("unknown|[0-9a-f]{40}(-dirty)?");
        assertThat(provenance).noneMatch(value -> List.of("null", "\"\"", "{}").contains(value.toString()));

        JsonNode evaluation =
                JSON.readTree(run.path().resolve("evaluation.json").toFile());
        assertThat(evaluation.get("accuracy").asDouble())
                .isEqualTo(result.test().accuracy());
        assertThat(evaluation.get("confusion")).hasSize(10);
        assertThat(run.evaluation()).contains(result.test());

        assertThat(ModelInspection.of(run.model()).needed()).isEmpty();
        ModelFile model = ModelFile.load(run.model());
        ImageSetIterator test = ImageSetIterator.ordered(data.test(), 500);
        test.setPreProcessor(model.normalizer());
        assertThat(Evaluator.evaluate(model.network(), test).confusion())
                .isEqualTo(result.test().confusion());
    }

    @Test
    void whatATrainingWasToldIsReadAsItWasWritten() throws IOException {
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run")));
        TrainingSettings alone = TrainingSettings.of(Norm.CUSTOM, Recipe.REFERENCE, Engine.ONEDNN)
                .withData("sample", null)
                .withCheckpointEvery(40)
                .withKeepCheckpoints(2);
        TrainingSettings spread =
                alone.on(ClusterSettings.on("local[2]", 2).withBatchSize(32).withRepartition(true));
        for (TrainingSettings settings : List.of(alone, spread)) {
            run.write(settings);
            assertThat(run.settings()).isEqualTo(settings);
        }
    }

    @Test
    void metricsAreReadUpToTheirLastWholeLine() throws IOException {
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run")));
        String loss = "{\"epoch\":1,\"batch\":200,\"meanLoss\":0.5}\n";
        for (String half : List.of("", "{\"epoch\":1,\"bat", "{\"epoch\":1,\"layers\":[{\"layer\":\"größ", "\n")) {
            byte[] bytes = (loss + half).getBytes(StandardCharsets.UTF_8);
            Files.write(run.metricsFile(), bytes);
            assertThat(run.metrics().losses()).containsExactly(new LossReport(1, 200, 0.5));
            Files.write(run.metricsFile(), Arrays.copyOf(bytes, bytes.length - 1));
            assertThat(run.metrics().epochs()).isEmpty();
        }
    }

    @Test
    void metricsThatAreMissingOrOfSomethingElseAreSaidToBe() throws IOException {
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run")));
        assertThatThrownBy(run::metrics)
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(run.path() + ": holds no metrics.jsonl; name a run folder that bncnn train made");
        Files.writeString(
                run.metricsFile(), "{\"epoch\":1,\"batch\":200,\"meanLoss\":0.5}\n{\"epoch\":1,\"step\":3}\n");
        assertThatThrownBy(run::metrics)
                .isInstanceOf(IOException.class)
                .hasMessage(run.metricsFile() + ": line 2: lacks the field layers");
    }

    @Test
    void aDamagedLineBeforeTheLastOneIsNamed() throws IOException {
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run")));
        String loss = "{\"epoch\":1,\"batch\":200,\"meanLoss\":0.5}\n";
        Files.writeString(run.metricsFile(), loss + "{\"epoch\":1,\"ba\n" + loss);
        assertThatThrownBy(run::metrics)
                .isInstanceOf(IOException.class)
                .hasMessage(run.metricsFile() + ": line 2 is damaged; delete it to continue without it");
    }
}
