package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.engine.Engine;
import org.bncnn.model.Augmentation;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.Schedule;
import org.bncnn.store.ModelFile;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.bncnn.train.TrainingSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run folder in whose files one field is changed by hand, each in turn and in each of several ways: it is refused in
 * one line, and left as it is, or gives what it would have given.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MutatedRunTest {
    private static final int IMAGES = 40;
    private static final int SIDE = 16;
    private static final String CHECKPOINT = "checkpoints/epoch-0002-batch-000002.zip";
    private static final String AVERAGE = "checkpoints/average-epoch-0002-batch-000002.zip";

    private static final Recipe RECIPE = Recipe.REFERENCE
            .withEpochs(3)
            .withBatchSize(8)
            .withLearningRate(0.01)
            .withSchedule(Schedule.COSINE)
            .withWeightDecay(0.01)
            .withLabelSmoothing(0.1)
            .withAugmentation(new Augmentation(true, 1, 0.5))
            .withAveraging(0.9)
            .withValidation(8)
            .withPatience(3);

    private static final String MANIFEST = "bncnn.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path data;
    private static float[] expected;

    private final List<String> faults = new ArrayList<>();

    /** {@code null} for a field that is taken away. */
    private static final Map<String, JsonNode> VALUES = new LinkedHashMap<>();

    static {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        VALUES.put("removed", null);
        VALUES.put("null", nodes.nullNode());
        VALUES.put("text", nodes.textNode("text"));
        VALUES.put("negative", nodes.numberNode(-1));
        VALUES.put("huge", nodes.numberNode(1_000_000_000_000_000_000L));
    }

    @BeforeAll
    static void trainForAnEpochAndAHalf() throws IOException {
        data = Files.createDirectory(folder.resolve("data"));
        writeIdx(data);
        ImageDataset images = new DatasetLocator().load(data.toString());
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run")));
        run.write(TrainingSettings.of(Norm.BUILTIN, RECIPE, Engine.ONEDNN)
                .withData(data.toString(), null)
                .withCheckpointEvery(2));
        int[] batches = new int[1];
        TrainingObserver counter = new TrainingObserver() {
            @Override
            public void batchTrained(int epoch, int trained) {
                batches[0]++;
            }
        };
        new Training(Norm.BUILTIN, RECIPE, images, Engine.ONEDNN)
                .runWithCheckpoints(run, 2, 3, counter, () -> batches[0] == 6);
        assertThat(run.path().resolve(CHECKPOINT)).exists();
        Path whole = copy("whole");
        assertThat(resume(whole).exitCode()).isZero();
        expected = parameters(whole);
    }

    @ParameterizedTest
    @ValueSource(strings = {"training.json", "provenance.json", "metrics.jsonl"})
    void goingOn(String name) throws IOException {
        for (Mutation mutation : mutationsOfFile(name)) {
            Path run = copy("mutated");
            Files.writeString(run.resolve(name), mutation.json());
            goOn(run, mutation, name);
        }
        assertThat(faults).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {CHECKPOINT, AVERAGE})
    void goingOnFromACheckpoint(String name) throws IOException {
        for (Mutation mutation : mutations(manifest(folder.resolve("run").resolve(name)))) {
            Path run = copy("mutated");
            for (String other : new String[] {"epoch-0001.zip", "epoch-0001-batch-000002.zip"}) {
                Files.delete(run.resolve("checkpoints").resolve(other)); // it would go on from there
            }
            writeManifest(run.resolve(name), mutation.json());
            goOn(run, mutation, name);
        }
        assertThat(faults).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"provenance.json", "metrics.jsonl", "evaluation.json"})
    void reporting(String name) throws IOException {
        Path run = copy("mutated");
        for (Mutation mutation : mutationsOfFile(name)) {
            Files.writeString(run.resolve(name), mutation.json());
            Called called = Called.of("report", run.toString(), "--data", data.toString());
            if (called.exitCode() != 0) {
                checkRefusal(called, mutation, name);
            }
        }
        assertThat(faults).isEmpty();
    }

    private static Called resume(Path run) {
        return Called.of("train", "--resume", run.toString(), "--data", data.toString());
    }

    private void goOn(Path run, Mutation mutation, String name) throws IOException {
        Map<String, String> before = contents(run);
        Called called = resume(run);
        if (called.exitCode() != 0) {
            checkRefusal(called, mutation, name);
            if (!contents(run).equals(before)) {
                faults.add(mutation.what() + ": the folder was changed");
            }
        } else if (!Arrays.equals(parameters(run), expected)) {
            faults.add(mutation.what() + ": another result");
        }
    }

    /** One line, after the one that says what is trained on. */
    private void checkRefusal(Called called, Mutation mutation, String name) {
        List<String> errors = called.err()
                .lines()
                .filter(line -> !line.contains(" training and "))
                .toList();
        if (called.exitCode() != 1
                || errors.size() != 1
                || !errors.get(0).contains(name) && !errors.get(0).contains(": was trained on other images")
                || errors.get(0).contains("internal error")) {
            faults.add(mutation.what() + ": " + called.err());
        }
    }

    /**
     * JSON in which a value was changed.
     *
     * @param what was changed, in words
     */
    private record Mutation(String what, String json) {}

    /**
     * {@return the mutations of all values}, but of lists only the first element's, and one field of each name in the
     * same kind of object
     */
    private static List<Mutation> mutations(String json) throws IOException {
        List<Mutation> mutations = new ArrayList<>();
        Set<List<Object>> seen = new HashSet<>();
        for (String pointer : pointers(JSON.readTree(json), "").toList()) {
            JsonNode object = JSON.readTree(json).at(pointer.substring(0, pointer.lastIndexOf('/')));
            List<Object> kind = new ArrayList<>();
            object.fieldNames().forEachRemaining(kind::add);
            kind.add(pointer.substring(pointer.lastIndexOf('/')));
            if (!seen.add(kind)) {
                continue;
            }
            for (Map.Entry<String, JsonNode> value : VALUES.entrySet()) {
                JsonNode root = JSON.readTree(json);
                int end = pointer.lastIndexOf('/');
                String field = pointer.substring(end + 1).replace("~1", "/").replace("~0", "~");
                ContainerNode<?> parent = (ContainerNode<?>) root.at(pointer.substring(0, end));
                if (parent instanceof ArrayNode array) {
                    array.remove(0);
                    if (value.getValue() != null) {
                        array.insert(0, value.getValue());
                    }
                } else if (value.getValue() == null) {
                    ((ObjectNode) parent).remove(field);
                } else {
                    ((ObjectNode) parent).set(field, value.getValue());
                }
                mutations.add(new Mutation(pointer + " " + value.getKey(), root.toString()));
            }
        }
        return mutations;
    }

    private static Stream<String> pointers(JsonNode node, String pointer) {
        Stream<String> children = node.isArray()
                ? Stream.ofNullable(node.get(0)).flatMap(child -> pointers(child, pointer + "/0"))
                : node.properties().stream()
                        .flatMap(child -> pointers(
                                child.getValue(),
                                pointer + "/"
                                        + child.getKey().replace("~", "~0").replace("/", "~1")));
        return pointer.isEmpty() ? children : Stream.concat(Stream.of(pointer), children);
    }

    /** {@return the mutations of a file's first two lines, where each is JSON; else of all of it} */
    private static List<Mutation> mutationsOfFile(String name) throws IOException {
        Path file = folder.resolve("run").resolve(name);
        if (!name.endsWith(".jsonl")) {
            return mutations(Files.readString(file));
        }
        List<Mutation> mutations = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int line = 0; line < 2; line++) {
            for (Mutation mutation : mutations(lines.get(line))) {
                List<String> mutated = new ArrayList<>(lines);
                mutated.set(line, mutation.json());
                mutations.add(new Mutation(mutation.what(), String.join("\n", mutated) + "\n"));
            }
        }
        return mutations;
    }

    private static Path copy(String name) throws IOException {
        Path target = folder.resolve(name);
        delete(target);
        Path source = folder.resolve("run");
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(source.relativize(file)));
            }
        }
        return target;
    }

    private static void delete(Path run) throws IOException {
        if (Files.exists(run)) {
            try (Stream<Path> files = Files.walk(run)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** {@return what the files hold, but the one that only tells who has the folder} */
    private static Map<String, String> contents(Path run) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(
                        run.relativize(file).toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        contents.remove(".lock");
        return contents;
    }

    private static float[] parameters(Path run) throws IOException {
        return ModelFile.load(run.resolve("model.zip")).network().params().toFloatVector();
    }

    private static String manifest(Path checkpoint) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(checkpoint)) {
            return Files.readString(zip.getPath(MANIFEST));
        }
    }

    private static void writeManifest(Path checkpoint, String json) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(checkpoint)) {
            Files.writeString(zip.getPath(MANIFEST), json);
        }
    }

    private static void writeIdx(Path folder) throws IOException {
        Random random = new Random(1);
        byte[] pixels = new byte[IMAGES * SIDE * SIDE];
        random.nextBytes(pixels);
        ByteBuffer images = ByteBuffer.allocate(16 + pixels.length);
        images.putInt(0x803).putInt(IMAGES).putInt(SIDE).putInt(SIDE).put(pixels);
        ByteBuffer labels = ByteBuffer.allocate(8 + IMAGES).putInt(0x801).putInt(IMAGES);
        for (int i = 0; i < IMAGES; i++) {
            labels.put((byte) (i % 3));
        }
        for (String set : new String[] {"train", "t10k"}) {
            Files.write(folder.resolve(set + "-images-idx3-ubyte"), images.array());
            Files.write(folder.resolve(set + "-labels-idx1-ubyte"), labels.array());
        }
    }
}
