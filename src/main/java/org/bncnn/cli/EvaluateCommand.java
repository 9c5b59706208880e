package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bncnn evaluate MODEL…}: measures saved models on the test images. */
@Command(
        name = "evaluate",
        description = {
            "Measure a saved model on the test images: accuracy, loss, each class, confusion matrix.",
            "Several models: accuracy and loss of each, mean and standard deviation."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

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
            throw new ParameterException(spec.commandLine(), "--batch-size must be at least 1, not " + batchSize);
        }
        json.check();
        PrintWriter out = spec.commandLine().getOut();
        Backend.start();
        List<ModelFile> models = new ArrayList<>();
        for (Path file : files) {
            models.add(ModelFile.load(file));
        }
        ImageDataset dataset = data.load(spec.commandLine().getErr());
        List<Measured> measured = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            tellOfOtherClasses(files.get(i), models.get(i), dataset);
            ModelFile model = models.get(i);
            Inversion inversion = Classifier.inversion(model, files.get(i)).orElse(Inversion.NEVER);
            ImageSetIterator test = ImageSetIterator.ordered(dataset.testFor(inversion), batchSize);
            NormalizerNotice.print(files.get(i), model, spec.commandLine().getErr());
            test.setPreProcessor(batch -> batch.setFeatures(model.features(batch.getFeatures())));
            measured.add(new Measured(files.get(i).toString(), evaluate(files.get(i), model, test, dataset)));
        }
        if (measured.size() == 1) {
            out.print(EvaluationText.render(measured.get(0).result()) + "\n");
            json.write(measured.get(0).result());
        } else {
            EvaluationSummary summary = EvaluationSummary.of(measured);
            out.print(EvaluationText.render(summary) + "\n");
            json.write(summary);
        }
        return 0;
    }

    /** The same number of classes is all that can be checked, because datasets number or name the same classes differently. */
    private void tellOfOtherClasses(Path file, ModelFile model, ImageDataset dataset) {
        List<String> ofImages = dataset.test().classNames();
        if (model.description() == null || model.description().classNames().size() != ofImages.size()) {
            return;
        }
        List<String> ofModel = model.description().classNames();
        for (int i = 0; i < ofModel.size(); i++) {
            if (!ofModel.get(i).equals(ofImages.get(i))) {
                spec.commandLine()
                        .getErr()
                        .printf(
                                Locale.ROOT,
                                "bncnn: %s: class %d is %s in the model and %s in the dataset; classes are matched by number%n",
                                file,
                                i,
                                ofModel.get(i),
                                ofImages.get(i));
                return;
            }
        }
    }

    private EvaluationResult evaluate(Path file, ModelFile model, ImageSetIterator test, ImageDataset dataset)
            throws DatasetException {
        try {
            return Evaluator.evaluate(engine.engine().apply(model.network()), test);
        } catch (IllegalArgumentException | IllegalStateException | DL4JException e) {
            throw new DatasetException(
                    dataset.location() + ": does not fit the model " + file + " (" + e.getMessage() + ")", e);
        }
    }
}
