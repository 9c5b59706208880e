package org.bncnn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.model.Norm;
import org.bncnn.model.ReferenceCnn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;

class BatchFileTest {
    @TempDir
    private Path folder;

    @Test
    void batchesAreThoseOfATrainingAndNormalizedAlike() throws IOException {
        BatchFile batches = write(new Workload(Workload.Task.TRAIN, 64, 1, 28, 10, 1, 1));
        ImageSetIterator expected = ImageSetIterator.shuffled(images(), 64, 1);
        expected.setPreProcessor(ReferenceCnn.normalizer());
        assertThat(batches.count()).isEqualTo(100);
        for (int batch = 0; batch < 3; batch++) {
            DataSet training = expected.next();
            assertThat(batches.images(batch))
                    .usingComparatorWithPrecision(1e-6f)
                    .containsExactly(training.getFeatures().data().asFloat());
            assertThat(batches.labels(batch))
                    .containsExactly(training.getLabels().argMax(1).toIntVector());
        }
        assertThat(batches.labels(99)).hasSize(64);
    }

    @Test
    void imagesAreScaledByTheirNearestPixels() throws IOException {
        float[] image =
                write(new Workload(Workload.Task.TRAIN, 4, 1, 28, 10, 1, 1)).images(0);
        float[] larger =
                write(new Workload(Workload.Task.TRAIN, 4, 1, 56, 10, 1, 1)).images(0);
        for (int y = 0; y < 56; y++) {
            for (int x = 0; x < 56; x++) {
                assertThat(larger[y * 56 + x]).isEqualTo(image[y / 2 * 28 + x / 2]);
            }
        }
    }

    @Test
    void thereAreFewerLargeBatches() throws IOException {
        assertThat(write(new Workload(Workload.Task.TRAIN, 64, 1, 224, 10, 1, 1))
                        .count())
                .isEqualTo(5);
        assertThat(new BatchFile(folder, new Workload(Workload.Task.TRAIN, 4096, 3, 224, 10, 1, 1)).count())
                .isEqualTo(2);
    }

    @Test
    void weightsAreTheSameWhenDrawnAgainAndFitTheImages() {
        Workload workload = new Workload(Workload.Task.TRAIN, 64, 3, 56, 7, 2, 1);
        Map<String, Weight> weights = Weight.draw(Norm.BUILTIN, workload);
        assertThat(weights.keySet())
                .containsExactlyElementsOf(Weight.draw(Norm.CUSTOM, workload).keySet());
        assertThat(weights.get("conv1.weight").shape()).containsExactly(32, 3, 5, 5);
        assertThat(weights.get("conv2.weight").shape()).containsExactly(64, 32, 5, 5);
        assertThat(weights.get("fc1.weight").shape()).containsExactly(128, 64 * 11 * 11);
        assertThat(weights.get("fc2.weight").shape()).containsExactly(7, 128);
        assertThat(weights.get("fc2.weight").values())
                .isEqualTo(Weight.draw(Norm.BUILTIN, workload).get("fc2.weight").values());
        assertThat(Arrays.asList("conv1.bias", "fc1.bias"))
                .noneMatch(weights::containsKey)
                .allMatch(Weight.draw(Norm.NONE, workload)::containsKey);
    }

    private BatchFile write(Workload workload) throws IOException {
        BatchFile batches = new BatchFile(folder.resolve("batches" + workload.side()), workload);
        batches.write(images());
        return batches;
    }

    private static ImageSet images() throws DatasetException {
        return DatasetLocator.sample().train();
    }
}
