package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bncnn.backend.Backend;
import org.bncnn.data.DatasetException;
import org.bncnn.eval.ClassProbability;
import org.bncnn.predict.Classifier;
import org.bncnn.predict.Prediction;
import org.bncnn.store.ModelFile;
import org.bncnn.text.Numbers;
import org.bncnn.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bncnn predict MODEL IMAGE…}: classifies images. */
@Command(
        name = "predict",
        description = "Classify images: PNG, JPEG, GIF or BMP of any size. Exit code 1 if one cannot be read.",
        showDefaultValues = true)
final class PredictCommand extends Subcommand {
    /** The result for an image in {@code --json}: its most probable classes, or the reason why there are none. */
    record Outcome(String image, List<String> changes, List<ClassProbability> classes, String error) {}

    @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, such as model.zip of a run folder.")
    private Path file;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Image files.")
    private List<Path> images;

    @Option(names = "--top", paramLabel = "K", description = "Show the K most likely classes.")
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
        Classifier.Options options =
                valid(() -> new Classifier.Options(inputShape, invert.inversion(), engine.engine()));
        json.check();
        Backend.start();
        ModelFile model = ModelFile.load(file);
        List<Outcome> outcomes = new ArrayList<>();
        try (Classifier classifier = Classifier.of(model, file, options)) {
            noteMissingNormalizer(file, model);
            for (Path image : images) {
                Outcome outcome = predict(classifier, image);
                outcomes.add(outcome);
                if (outcome.error() == null) {
                    out().println(line(outcome));
                } else {
                    err().println("bncnn: " + outcome.error());
                }
            }
        }
        json.write(outcomes);
        return outcomes.stream().allMatch(outcome -> outcome.error() == null) ? 0 : 1;
    }

    private Outcome predict(Classifier classifier, Path image) {
        try {
            Prediction prediction = classifier.classify(image);
            return new Outcome(image.toString(), prediction.changes(), prediction.top(top), null);
        } catch (DatasetException e) {
            return new Outcome(image.toString(), List.of(), List.of(), e.getMessage());
        }
    }

    private static String line(Outcome outcome) {
        String classes = outcome.classes().stream()
                .map(each -> Numbers.format("%s %.1f %%", Printable.excerpt(each.name()), 100 * each.probability()))
                .collect(Collectors.joining(", "));
        String changes = outcome.changes().isEmpty() ? "" : "  (" + String.join(", ", outcome.changes()) + ")";
        return outcome.image() + ": " + classes + changes;
    }
}
