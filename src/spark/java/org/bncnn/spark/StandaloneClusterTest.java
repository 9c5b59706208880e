package org.bncnn.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.Shards;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real cluster: master, workers and their executors are processes of their own. */
class StandaloneClusterTest {
    private static final Recipe RECIPE =
            Recipe.REFERENCE.withEpochs(2).withBatchSize(16).withLearningRate(0.01);

    @TempDir
    private Path folder;

    private Process cluster;
    private String master;
    private Map<String, String> options;

    @BeforeEach
    void start() throws IOException {
        cluster = new ProcessBuilder("src/spark/cluster", "2")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = cluster.inputReader();
        Matcher command =
                Pattern.compile("BNCNN_JAVA_OPTS=@(\\S+) .*--spark (\\S+) .*").matcher(String.valueOf(said.readLine()));
        assertThat(command.matches()).isTrue();
        master = command.group(2);
        options = Files.readAllLines(Path.of(command.group(1))).stream()
                .map(option -> option.substring("-D".length()).split("=", 2))
                .collect(Collectors.toMap(option -> option[0], option -> option[1]));
        options.forEach(System::setProperty);
    }

    @AfterEach
    void stop() {
        options.keySet().forEach(System::clearProperty);
        cluster.destroy();
        cluster.onExit().join();
    }

    @Test
    void aWorkerThatIsKilledIsReplacedAndNothingIsCountedTwice() throws IOException {
        RunFolder expected = train("expected", executors -> false);
        AtomicInteger killed = new AtomicInteger();
        RunFolder actual = train("actual", executors -> {
            executors.get(0).destroyForcibly();
            return killed.incrementAndGet() == 2;
        });
        assertThat(killed).hasValue(2);
        assertThat(ModelFile.load(actual.model()).network().params())
                .isEqualTo(ModelFile.load(expected.model()).network().params());
        assertThat(actual.evaluation()).isEqualTo(expected.evaluation());
        assertThat(actual.metrics().losses()).isEqualTo(expected.metrics().losses());
        assertThat(expected.metrics().losses()).hasSize(2);
    }

    /** @param violence is done to the executors, in both epochs, until it returns true */
    private RunFolder train(String name, Function<List<ProcessHandle>, Boolean> violence) throws IOException {
        Path shards = Files.createDirectories(folder.resolve("shards"));
        JsonFile.write(shards.resolve(Shards.LIST), Shards.write(DatasetLocator.sample(), 4, shards));
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve(name)));
        TrainingObserver observer = new TrainingObserver() {
            private boolean done;

            @Override
            public void batchTrained(int epoch, int images) {
                if (!done && images == 800) {
                    done = violence.apply(executors());
                }
            }
        };
        try (SparkCluster connected =
                new SparkCluster(ClusterSettings.on(master, 2).withBatchSize(8), shards.toString())) {
            new Training(Norm.CUSTOM, RECIPE, connected, Engine.ONEDNN, layer -> false).run(run, observer, () -> false);
        }
        return run;
    }

    private List<ProcessHandle> executors() {
        return cluster.children().flatMap(ProcessHandle::children).toList(); // of the workers
    }
}
