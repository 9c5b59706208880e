package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bncnn.backend.Backend;
import org.bncnn.data.DatasetException;
import org.bncnn.eval.ClassProbability;
import org.bncnn.predict.ModelInput;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.text.Printable;
import org.deeplearning4j.exception.DL4JException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bncnn predict MODEL IMAGE…}: what a model takes images for. */
@Command(
        name = "predict",
        description =
                "Tell what a model takes images for: PNG, JPEG, GIF or BMP of any size. Exit code 1 if one cannot be read.",
        showDefaultValues = true)
final class PredictCommand extends Subcommand {
    /** What {@code --json} has of an image: its most probable classes, or why there are none. */
    record Outcome(String image, List<String> changes, List<ClassProbability> classes, String error) {}

    private static final int IMAGE_RANK = 3;

    @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, such as model.zip of a run folder.")
    private Path file;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Image files.")
    private List<Path> images;

    @Option(names = "--top", paramLabel = "K", description = "So many classes of each image.")
    private int top = 3;

    @Option(
            names = "--input-shape",
            split = ",",
            paramLabel = "C,H,W",
            hideParamSyntax = true,
            description =
                    "Channels, height and width of the images that the network takes, where the model does not say.")
    private List<Integer> inputShape;

    @Option(
            names = "--invert",
            paramLabel = "WHICH",
            description = "Invert images, dark to light: ${COMPLETION-CANDIDATES}. auto: as the model was trained.")
    private Invert invert = Invert.AUTO;

    @Mixin
    private EngineOption engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        if (top < 1) {
            throw wrong("--top must be at least 1, not " + top);
        }
        if (inputShape != null
                && (inputShape.size() != IMAGE_RANK
                        || inputShape.stream().anyMatch(size -> size < 1 || size > ModelDescription.LARGEST_SIZE))) {
            throw wrong("--input-shape must be channels, height and width, each 1 to " + ModelDescription.LARGEST_SIZE
                    + ", not " + inputShape);
        }
        json.check();
        Backend.start();
        ModelFile model = ModelFile.load(file);
        List<Integer> shape = Optional.ofNullable(inputShape)
                .or(model::inputShape)
                .orElseThrow(() -> new ModelFileException(
                        file + ": does not say how large its images are; name it (--input-shape), such as 1,28,28 for"
                                + " channels, height and width",
                        null));
        ModelInput input = ModelInput.of(model, file, shape, invert.inversion());
        noteMissingNormalizer(file, model);
        MultiLayerNetwork network = engine.engine().apply(model.network());
        PrintWriter out = out();
        List<Outcome> outcomes = new ArrayList<>();
        for (Path image : images) {
            Outcome outcome = predict(model, input, network, image);
            outcomes.add(outcome);
            if (outcome.error() == null) {
                out.println(line(outcome));
            } else {
                err().println("bncnn: " + outcome.error());
            }
        }
        json.write(outcomes);
        return outcomes.stream().allMatch(outcome -> outcome.error() == null) ? 0 : 1;
    }

    private Outcome predict(ModelFile model, ModelInput input, MultiLayerNetwork network, Path image)
            throws ModelFileException {
        try {
            ModelInput.Features read = input.read(image);
            float[] probabilities = network.output(read.features()).toFloatVector();
            return new Outcome(
                    image.toString(),
                    read.changes(),
                    ClassProbability.top(probabilities, classNames(model, probabilities.length), top),
                    null);
        } catch (DatasetException e) {
            return new Outcome(image.toString(), List.of(), List.of(), e.getMessage());
        } catch (IllegalArgumentException | IllegalStateException | DL4JException e) {
            throw new ModelFileException(
                    file + ": does not take images of " + input.size() + " (" + e.getMessage() + ")", e);
        }
    }

    /** Without a description, numbers are all there is. */
    private static List<String> classNames(ModelFile model, int classes) {
        return model.description() == null
                ? IntStream.range(0, classes).mapToObj(i -> "class " + i).toList()
                : model.description().classNames();
    }

    private static String line(Outcome outcome) {
        String classes = outcome.classes().stream()
                .map(each -> String.format(
                        Locale.ROOT, "%s %.1f %%", Printable.excerpt(each.name()), 100 * each.probability()))
                .collect(Collectors.joining(", "));
        String changes = outcome.changes().isEmpty() ? "" : "  (" + String.join(", ", outcome.changes()) + ")";
        return outcome.image() + ": " + classes + changes;
    }
}
