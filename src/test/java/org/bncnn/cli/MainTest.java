package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.bncnn.model.Recipe;
import org.bncnn.store.ModelFile;
import org.bncnn.train.Provenance;
import org.bncnn.train.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                  | bncnn: name a command (see bncnn --help)",
                "frobnicate                        | bncnn: Unmatched argument at index 0: 'frobnicate'; commands are train, evaluate, compare, report, predict, inspect, export, import, explain, bench, data (see bncnn --help)",
                "trian                             | bncnn: Unmatched argument at index 0: 'trian'; did you mean train? (see bncnn --help)",
                "train --epochs 0                  | bncnn: --epochs must be 1 to 10000, not 0 (see bncnn train --help)",
                "train --epochs two                | bncnn: Invalid value for option '--epochs': 'two' is not an int (see bncnn train --help)",
                "train --batch-size 0              | bncnn: --batch-size must be at least 1, not 0 (see bncnn train --help)",
                "train --learning-rate -0.1        | bncnn: --learning-rate must be above 0 and finite in single precision, not -0.1 (see bncnn train --help)",
                "train --momentum 1                | bncnn: --momentum must be at least 0 and below 1, not 1.0 (see bncnn train --help)",
                "train --lerning-rate 1            | bncnn: Unknown options: '--lerning-rate', '1'; did you mean --learning-rate? (see bncnn train --help)",
                "train --recipe worst              | bncnn: Invalid value for option '--recipe': expected one of reference, best, not 'worst' (see bncnn train --help)",
                "train --schedule steep            | bncnn: Invalid value for option '--schedule': expected one of constant, cosine, one-cycle, not 'steep' (see bncnn train --help)",
                "train --schedule OneCycle         | bncnn: Invalid value for option '--schedule': expected one of constant, cosine, one-cycle, not 'OneCycle'; did you mean one-cycle? (see bncnn train --help)",
                "train --shift -1                  | bncnn: --shift must be at least 0 pixels, not -1 (see bncnn train --help)",
                "train --early-stopping 3          | bncnn: --early-stopping needs --validation: ending by the test images would be training on them (see bncnn train --help)",
                "train --spark --validation 10     | bncnn: --validation cannot be given with --spark: the images are on the cluster (see bncnn train --help)",
                "train --ui=70000                  | bncnn: --ui must be a port, 0 to 65535, not 70000 (see bncnn train --help)",
                "train --spark spark://host:7077   | bncnn: say how many --workers train on spark://host:7077 (see bncnn train --help)",
                "train --spark local[0]            | bncnn: Invalid value for option '--spark': expected local, local[N], local[*], spark://HOST:PORT, yarn or k8s://…, not 'local[0]' (see bncnn train --help)",
                "train --spark --average-every 0   | bncnn: --average-every must be 1 to 1000000, not 0 (see bncnn train --help)",
                "train --workers 2                 | bncnn: Error: Missing required argument(s): --spark (see bncnn train --help)",
                "data --shard 2                    | bncnn: --shard needs --out: the folder to write the shards to (see bncnn data --help)",
                "compare --epochs 0                | bncnn: --epochs must be 1 to 10000, not 0 (see bncnn compare --help)",
                "compare --norms none,batch        | bncnn: Invalid value for option '--norms' (NORM): expected one of none, builtin, custom, not 'batch' (see bncnn compare --help)",
                "compare --experiment deep         | bncnn: Invalid value for option '--experiment': expected one of vanishing, halves, exploding, learning-rate, batch-size, init, not 'deep' (see bncnn compare --help)",
                "compare --experiment init --epochs 2 | bncnn: --epochs has no effect with --experiment, which has its own number of epochs (see bncnn compare --help)",
                "bench --rounds 0                  | bncnn: --rounds must be 1 to 1000, not 0 (see bncnn bench --help)",
                "bench --seconds 0                 | bncnn: --seconds must be above 0 and at most 60, not 0.0 (see bncnn bench --help)",
                "bench --threads 0                 | bncnn: --threads must be 1 to 1024, not 0 (see bncnn bench --help)",
                "bench --contenders caffe          | bncnn: --contenders do not include 'caffe'; there are dl4j, dl4j-helpers, onednn (see bncnn bench --help)",
                "evaluate                          | bncnn: Missing required parameter: 'MODEL' (see bncnn evaluate --help)",
                "train --checkpoint-every -1       | bncnn: --checkpoint-every must be at least 0 batches, not -1 (see bncnn train --help)",
                "train --keep-checkpoints 0        | bncnn: --keep-checkpoints must be at least 1, not 0 (see bncnn train --help)",
                "train --resume r --norm none      | bncnn: --norm cannot be given with --resume: the run keeps what it began with (see bncnn train --help)",
                "predict m.zip                     | bncnn: Missing required parameter: 'IMAGE' (see bncnn predict --help)",
                "predict m.zip i.png --top 0       | bncnn: --top must be at least 1, not 0 (see bncnn predict --help)",
                "export m.zip --portable           | bncnn: Missing required option: '--out=FILE' (see bncnn export --help)",
                "train --epochs 1 --schedule cosine | bncnn: --schedule has no effect in a single epoch: it changes the learning rate between epochs (see bncnn train --help)",
                "train --validation 9 --test-at-end | bncnn: --test-at-end has no effect with --validation: the test images are not looked at (see bncnn train --help)",
                "train --recipe best --validation 9 --no-test-at-end | bncnn: --test-at-end has no effect with --validation: the test images are not looked at (see bncnn train --help)",
                "train --spark --batch-size 64 --worker-batch-size 32 | bncnn: --batch-size has no effect with --worker-batch-size (see bncnn train --help)",
                "train --average-every 3           | bncnn: Error: Missing required argument(s): --spark (see bncnn train --help)",
                "bench --measure growth --norms none,custom | bncnn: --norms has no effect beyond one norm with --measure growth; name one (see bncnn bench --help)",
                "bench --contenders ,              | bncnn: --contenders must name at least one (see bncnn bench --help)",
                "compare --norms ,                 | bncnn: --norms must name at least one (see bncnn compare --help)",
                "export m.zip --out n.zip --fold --no-updater | bncnn: --no-updater has no effect with --fold, which leaves it out (see bncnn export --help)",
                "explain twice                     | bncnn: Unmatched argument at index 1: 'twice' (see bncnn explain --help)",
                "evaluate m.zip --batch-size 0     | bncnn: --batch-size must be at least 1, not 0 (see bncnn evaluate --help)",
            })
    void aWrongCallIsExplainedInOneLine(String arguments, String explanation) {
        Called called = Called.of(arguments == null ? new String[0] : arguments.split(" "));
        assertThat(called.err()).isEqualToNormalizingNewlines(explanation + "\n");
        assertThat(called.out()).isEmpty();
        assertThat(called.exitCode()).isEqualTo(2);
    }

    @Test
    void helpAndVersionGoToStandardOutput() {
        assertThat(Called.of("--help").out()).contains("train", "evaluate", "data");
        assertThat(Called.of("--version").out()).startsWith("bncnn 0").contains("Deeplearning4j 1.0.0-M2.1");
        assertThat(Called.of("train", "--help").out())
                .contains("--learning-rate", "Recipe reference: --epochs 10", "Recipe best: --epochs");
    }

    @Test
    void trainingPrintsWhatTheReferencePrintsAndEvaluationAgreesWithIt() throws IOException {
        Path run = folder.resolve("run");
        Path trained = folder.resolve("trained.json");
        Called training = Called.of(
                "train",
                "--data",
                "sample",
                "--epochs",
                "1",
                "--batch-size",
                "8",
                "--out",
                run + "",
                "--json",
                trained + "");
        assertThat(training.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("epoch\\[1,   200] loss: \\d\\.\\d{3}"),
                        line -> assertThat(line).startsWith("epoch[1 of 1] test accuracy: "),
                        line -> assertThat(line).matches("Accuracy on test set: \\d\\d\\.\\d\\d %"),
                        line -> assertThat(line).isEqualTo("Run folder: " + run));
        assertThat(training.exitCode()).isZero();

        Path evaluated = folder.resolve("evaluated.json");
        Called evaluation =
                Called.of("evaluate", run.resolve("model.zip") + "", "--data", "sample", "--json", evaluated + "");
        assertThat(evaluation.exitCode()).isZero();
        assertThat(evaluation.out())
                .startsWith(training.out().lines().toList().get(2))
                .contains("Ankle boot");
        JsonNode result = new ObjectMapper().readTree(trained.toFile());
        assertThat(result.get("runFolder").asText()).isEqualTo(run.toString());
        assertThat(result.get("result").get("test").get("confusion"))
                .isEqualTo(new ObjectMapper().readTree(evaluated.toFile()).get("confusion"));
    }

    @Test
    void theBestRecipeLooksAtTheTestImagesOnceAtTheEnd() throws IOException {
        Path run = folder.resolve("run");
        Called training = Called.of("train --data sample --recipe best --epochs 2 --out %s"
                .formatted(run)
                .split(" "));
        assertThat(training.exitCode()).isZero();
        assertThat(training.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("epoch[1 of 2] training loss: "),
                        line -> assertThat(line).startsWith("epoch[2 of 2] training loss: "),
                        line -> assertThat(line).matches("Accuracy on test set: \\d\\d\\.\\d\\d %"),
                        line -> assertThat(line).isEqualTo("Run folder: " + run));
        Provenance provenance = new RunFolder(run).provenance().orElseThrow();
        assertThat(provenance.recipe().optionsBeyond(Recipe.BEST)).isEqualTo("--epochs 2");
        assertThat(run.resolve("report.html")).content().doesNotContain("Accuracy on the test images after each epoch");
    }

    @Test
    void choicesAreMadeOnValidationImages() throws IOException {
        Path run = folder.resolve("run");
        Called training = Called.of("train --data sample --epochs 2 --validation 500 --early-stopping 2 --out %s"
                .formatted(run)
                .split(" "));
        assertThat(training.exitCode()).isZero();
        assertThat(training.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("epoch[1 of 2] validation accuracy: "),
                        line -> assertThat(line).startsWith("epoch[2 of 2] validation accuracy: "),
                        line -> assertThat(line).matches("Accuracy on validation set: \\d\\d\\.\\d\\d %"),
                        line -> assertThat(line).isEqualTo("Run folder: " + run));
        assertThat(run.resolve("report.html"))
                .content()
                .contains("Accuracy on the validation images after each epoch", "on 500 validation images");
        // What it says of itself is meant as how it does on test images.
        assertThat(ModelFile.load(run.resolve("model.zip")).description().evaluation())
                .isNull();
        assertThat(Called.of("train --data sample --validation 1999 --out %s"
                                .formatted(folder.resolve("none"))
                                .split(" "))
                        .err())
                .contains("of 2000 training images 1999 cannot be held out for validation");
    }

    @Test
    void severalModelsAreEvaluatedTogether() throws IOException {
        Path json = folder.resolve("summary.json");
        Called one = Called.of("evaluate", "models/reference-none.zip", "--data", "sample");
        Called both =
                Called.of("evaluate models/reference-none.zip models/reference-builtin.zip --data sample --json %s"
                        .formatted(json)
                        .split(" "));
        assertThat(both.exitCode()).isZero();
        List<String> lines = both.out().lines().toList();
        assertThat(lines).hasSize(3);
        String accuracy = one.out().lines().findFirst().orElseThrow().replace("Accuracy on test set: ", "");
        assertThat(lines.get(0)).startsWith("models/reference-none.zip: accuracy " + accuracy);
        assertThat(lines.get(2)).startsWith("Accuracy on test set: mean ").endsWith("(2 models, 1,000 images)");
        assertThat(new ObjectMapper().readTree(json.toFile()).get("models")).hasSize(2);
    }

    @Test
    void aComparisonEndsInAVerdictAndAPage() throws IOException {
        Path run = folder.resolve("run");
        Path json = folder.resolve("comparison.json");
        Called called = Called.of("compare --norms none,custom --epochs 1 --data sample --out %s --json %s"
                .formatted(run, json)
                .split(" "));
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .contains("Training with norm custom …", "bn1: org.bncnn.norm.BatchNormLayer", "What BN buys (custom):")
                .endsWith("Report: %s%n".formatted(run.resolve("comparison.html")));
        assertThat(run.resolve("comparison.html")).isNotEmptyFile();
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertThat(called.out()).contains("- " + result.get("verdict").get(0).asText());
        assertThat(result.get("training")).hasSize(2);
        assertThat(Called.of("evaluate", run.resolve("custom/model.zip") + "", "--data", "sample")
                        .exitCode())
                .isZero();
    }

    @Test
    void anExperimentEndsInATableAndAPage() throws IOException {
        Path run = folder.resolve("run");
        Path json = folder.resolve("experiment.json");
        Called called = Called.of("compare --experiment vanishing --data sample --out %s --json %s"
                .formatted(run, json)
                .split(" "));
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .contains(
                        "16                 custom",
                        "The slopes of 16 sigmoids, each at most 0.25, multiply to at most 2.3e-10.")
                .endsWith("Report: %s%n".formatted(run.resolve("vanishing.html")));
        assertThat(run.resolve("vanishing.html"))
                .content()
                .contains("0.25 per layer", "<h1>Do gradients vanish in deep networks of sigmoids?</h1>")
                .doesNotContain("{{");
        assertThat(new ObjectMapper().readTree(json.toFile()).get("trials")).hasSize(8);
    }

    @Test
    void aBenchmarkTimesEachImplementationInAProcessOfItsOwn() throws IOException {
        Path json = folder.resolve("bench.json");
        Called called = Called.of(
                ("bench --data sample --measure train --norms none,custom --contenders dl4j --rounds 1 --seconds 0.01"
                                + " --threads 1 --json " + json)
                        .split(" "));
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .contains(
                        "Training, batches of 64: images/s",
                        "none           DL4J without helpers",
                        "custom         DL4J without helpers",
                        "Not on the class path: pytorch, onnxruntime.");
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertThat(result.get("setting").get("command").get(0).asText()).isEqualTo("bench");
        assertThat(result.get("heats")).hasSize(2).allSatisfy(heat -> {
            assertThat(heat.get("omissions")).isEmpty();
            assertThat(heat.get("measurements").get(0).get("turns")).hasSize(1);
        });
    }

    @Test
    void aLastBatchOfOneImageIsRefusedBeforeTraining() {
        Called called = Called.of("train --norm custom --batch-size 1999 --data sample --out %s"
                .formatted(folder.resolve("run"))
                .split(" "));
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).contains("cannot train on one image; choose another --batch-size");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void anExperimentWhoseLastBatchWouldBeOneImageIsRefusedBeforeTraining() throws IOException {
        Path images = folder.resolve("images");
        for (String name : new String[] {"train/bag/a", "train/shoe/a", "train/shoe/b", "test/bag/a", "test/shoe/a"}) {
            Path file = images.resolve(name + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
        }
        Called called = Called.of("compare --experiment batch-size --data %s --out %s"
                .formatted(images, folder.resolve("run"))
                .split(" "));
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .endsWith("with batches of 2 the last of 3 training images is a batch of its own, and batch"
                        + " normalization cannot train on one image; take one away" + System.lineSeparator());
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void withoutSparkOnTheClassPathTrainingOnItIsRefusedBeforeAnythingIsMade() {
        Called called = Called.of("train --data sample --spark local[2] --out %s"
                .formatted(folder.resolve("run"))
                .split(" "));
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualTo(
                        "bncnn: Spark is not on the class path; start with the launcher bncnn, or with spark-submit and the"
                                + " jar for Spark" + System.lineSeparator());
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void aRunGoesOnWhereItBegan() throws IOException {
        Path run = folder.resolve("run");
        assertThat(Called.of("train --data sample --epochs 1 --out %s"
                                .formatted(run)
                                .split(" "))
                        .exitCode())
                .isZero();
        Called onCluster = Called.of("train --resume %s --spark".formatted(run).split(" "));
        assertThat(onCluster.exitCode()).isEqualTo(1);
        assertThat(onCluster.err()).contains(run + ": did not begin on a cluster; leave --spark out");
        Path settings = run.resolve("training.json");
        Files.writeString(
                settings,
                Files.readString(settings)
                        .replace(
                                "\"cluster\" : null",
                                "\"cluster\" : {\"master\": \"local[2]\", \"workers\": 2, \"batchSize\": 8, \"averageEvery\": 5,"
                                        + " \"repartition\": false, \"skipCorrupt\": false}"));
        Called alone = Called.of("train --resume %s".formatted(run).split(" "));
        assertThat(alone.exitCode()).isEqualTo(1);
        assertThat(alone.err()).contains(run + ": began on a cluster; name it again with --spark MASTER");
    }

    @Test
    void aDatasetIsCutIntoShards() throws IOException {
        Path shards = folder.resolve("shards");
        Called called = Called.of("data", "--data", "sample", "--shard", "3", "--out", shards.toString());
        assertThat(called.exitCode()).isZero();
        assertThat(called.out()).isEqualTo("3 shards: " + shards + System.lineSeparator());
        assertThat(new ObjectMapper()
                        .readTree(shards.resolve("shards.json").toFile())
                        .get("train"))
                .hasSize(3);
        Called again = Called.of("data", "--data", "sample", "--shard", "3", "--out", shards.toString());
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("is not empty; name a new folder with --out");
    }

    @Test
    void aPortInUseIsSaidBeforeAnythingIsMade() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Called called = Called.of("train --data sample --epochs 1 --ui %d --out %s"
                    .formatted(taken.getLocalPort(), folder.resolve("run"))
                    .split(" "));
            assertThat(called.exitCode()).isEqualTo(1);
            assertThat(called.err())
                    .endsWith("bncnn: port %d is not available (Address already in use); name another with --ui=PORT%n"
                            .formatted(taken.getLocalPort()));
            assertThat(folder.resolve("run")).doesNotExist();
        }
    }

    @Test
    void aTrainingThatIsShownLiveTellsWhere() {
        Called called = Called.of("train --data sample --epochs 1 --ui=0 --out %s"
                .formatted(folder.resolve("run"))
                .split(" "));
        assertThat(called.exitCode()).isZero();
        assertThat(called.out()).containsPattern("Live in a browser: http://127\\.0\\.0\\.1:\\d+/");
    }

    @Test
    void aFolderWithoutADatasetIsNamedInOneLine() {
        Called called = Called.of("train", "--data", folder.toString(), "--out", folder.resolve("run") + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err().lines()).singleElement().asString().contains(folder + ": holds neither");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void aModelThatIsNoneIsNamedInOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("model.zip"), "no zip");
        Called called = Called.of("evaluate", file.toString(), "--data", "sample");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err().lines()).singleElement().asString().contains("model.zip: is refused as a model");
        assertThat(Called.of("evaluate", file.toString(), "--data", "sample", "--debug")
                        .err())
                .contains("\tat ");
    }

    @Test
    void whatCannotBeWrittenIsNamedInOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Called called = Called.of("train", "--data", "sample", "--out", file.resolve("run") + "");
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.err())
                .contains("'--out': " + file + " is not a folder")
                .doesNotContain("internal");
        Called json = Called.of("data", "--data", "sample", "--json", folder.resolve("none/result.json") + "");
        assertThat(json.exitCode()).isEqualTo(2);
        assertThat(json.err()).contains("'--json': there is no folder " + folder.resolve("none"));
    }

    @Test
    void aRunFolderInUseIsLeftAlone() throws IOException {
        Files.writeString(folder.resolve("precious"), "");
        Called called = Called.of("train", "--data", "sample", "--out", folder.toString());
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).contains("is not empty; name a new folder with --out");
        assertThat(folder.toFile().list()).containsExactly("precious");
    }

    @Test
    void imagesThatDoNotFitTheNetworkAreExplainedInOneLine() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        writeIdx(other, 20, 3);
        Path run = folder.resolve("run");
        assertThat(Called.of("train", "--data", other + "", "--epochs", "1", "--out", run + "")
                        .exitCode())
                .isZero();
        for (int[] sideAndClasses : new int[][] {{20, 2}, {28, 3}}) {
            Path folder2 = Files.createDirectory(folder.resolve("data" + sideAndClasses[0]));
            writeIdx(folder2, sideAndClasses[0], sideAndClasses[1]);
            Called called = Called.of("evaluate", run.resolve("model.zip") + "", "--data", folder2 + "");
            assertThat(called.exitCode()).isEqualTo(1);
            assertThat(called.err())
                    .contains(folder2 + ": does not fit the model")
                    .doesNotContain("internal error");
        }
    }

    @Test
    void imagesTooSmallForTheNetworkAreExplainedAndNothingIsLeft() throws IOException {
        writeIdx(folder, 12, 3);
        Called called = Called.of("train", "--data", folder + "", "--out", folder.resolve("run") + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).contains(folder + ": images of 12×12 are too small");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void theDatasetIsShownAndVerified() {
        assertThat(Called.of("data", "--data", "sample").out()).isEqualToNormalizingNewlines("sample (--data)\n");
        assertThat(Called.of("data", "--data", "sample", "--verify").out())
                .contains("2,000 training and 1,000 test images of 28×28, 10 classes", "train-images-idx3-ubyte.gz");
        Called wrong = Called.of("data", "--data", folder.toString(), "--verify");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err()).contains("holds neither");
    }

    /** Writes a dataset of 30 training and as many test images of random pixels. */
    private static void writeIdx(Path folder, int side, int classes) throws IOException {
        Random random = new Random(1);
        byte[] pixels = new byte[30 * side * side];
        random.nextBytes(pixels);
        ByteBuffer images = ByteBuffer.allocate(16 + pixels.length);
        images.putInt(0x803).putInt(30).putInt(side).putInt(side).put(pixels);
        ByteBuffer labels = ByteBuffer.allocate(8 + 30).putInt(0x801).putInt(30);
        for (int i = 0; i < 30; i++) {
            labels.put((byte) (i % classes));
        }
        for (String set : new String[] {"train", "t10k"}) {
            Files.write(folder.resolve(set + "-images-idx3-ubyte"), images.array());
            Files.write(folder.resolve(set + "-labels-idx1-ubyte"), labels.array());
        }
    }
}
