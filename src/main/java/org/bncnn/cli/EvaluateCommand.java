package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bncnn.backend.Backend;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.data.Inversion;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.EvaluationSummary;
import org.bncnn.eval.EvaluationSummary.Measured;
import org.bncnn.eval.EvaluationText;
import org.bncnn.eval.Evaluator;
import org.bncnn.predict.Classifier;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.exception.DL4JException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bncnn evaluate MODEL…}: measures saved models on the test images. */
@Command(
        name = "evaluate",
        description = {
            "Measure a saved model on the test images: accuracy, loss, each class, confusion matrix.",
            "Several models: accuracy and loss of each, mean and standard deviation."
        },
        showDefaultValues = true)
final class EvaluateCommand extends Subcommand {
    @Parameters(paramLabel = "MODEL", arity = "1..*", description = "Model file, such as model.zip of a run folder.")
    private List<Path> files;

    @Option(names = "--batch-size", paramLabel = "N", description = "Images classified at a time.")
    private int batchSize = 1000;

    @Mixin
    private EngineOption engine;

    @Mixin
    private DataOption data;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        if (batchSize < 1) {
            throw wrong("--batch-size must be at least 1, not " + batchSize);
        }
        json.check();
        Backend.start();
        List<ModelFile> models = new ArrayList<>();
        for (Path file : files) {
            models.add(ModelFile.load(file));
        }
        ImageDataset dataset = data.load();
        List<Measured> measured = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            measured.add(new Measured(files.get(i).toString(), evaluate(files.get(i), models.get(i), dataset)));
        }
        if (measured.size() == 1) {
            out().print(EvaluationText.render(measured.get(0).result()) + "\n");
            json.write(measured.get(0).result());
        } else {
            EvaluationSummary summary = EvaluationSummary.of(measured);
            out().print(EvaluationText.render(summary) + "\n");
            json.write(summary);
        }
        return 0;
    }

    private EvaluationResult evaluate(Path file, ModelFile model, ImageDataset dataset) throws IOException {
        noteOtherClasses(file, model, dataset.test().classNames());
        Inversion inversion = Classifier.inversion(model, file).orElse(Inversion.NEVER);
        ImageSetIterator test = ImageSetIterator.ordered(dataset.testFor(inversion), batchSize);
        noteMissingNormalizer(file, model);
        test.setPreProcessor(batch -> batch.setFeatures(model.features(batch.getFeatures())));
        try {
            return Evaluator.evaluate(engine.engine().apply(model.network()), test);
        } catch (IllegalArgumentException | IllegalStateException | DL4JException e) {
            throw new DatasetException(
                    dataset.location() + ": does not fit the model " + file + " (" + e.getMessage() + ")", e);
        }
    }

    /** Only the number of classes can be checked, because datasets number or name the same classes differently. */
    private void noteOtherClasses(Path file, ModelFile model, List<String> ofImages) {
        if (model.description() == null || model.description().classNames().size() != ofImages.size()) {
            return;
        }
        List<String> ofModel = model.description().classNames();
        IntStream.range(0, ofModel.size())
                .filter(i -> !ofModel.get(i).equals(ofImages.get(i)))
                .findFirst()
                .ifPresent(i -> err().println("bncnn: " + file + ": class " + i + " is " + ofModel.get(i)
                        + " in the model and " + ofImages.get(i)
                        + " in the dataset; classes are matched by number"));
    }
}
