package org.bncnn.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.Shards;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.store.JsonFile;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.bncnn.train.TrainingResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkStepsTest {
    @TempDir
    private Path folder;

    @Test
    void trains() throws IOException {
        Path shards = Files.createDirectory(folder.resolve("shards"));
        JsonFile.write(shards.resolve(Shards.LIST), Shards.write(DatasetLocator.sample(), 4, shards));
        ClusterSettings settings = new ClusterSettings("local[2]", 2, 4, 5, false);
        try (SparkCluster cluster = new SparkCluster(settings, shards.toString())) {
            RunFolder run = RunFolder.create(folder.resolve("run"));
            TrainingResult result = new Training(
                            Norm.CUSTOM, new Recipe("test", 3, 8, 0.01, 0.9, 1), cluster, Engine.ONEDNN)
                    .run(run, new TrainingObserver() {}, () -> false);
            assertThat(result.epochs().get(2).testAccuracy()).isGreaterThan(0.7);
            System.err.println(result.epochs());
        }
    }
}
