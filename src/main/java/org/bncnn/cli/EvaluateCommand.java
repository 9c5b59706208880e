package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.bncnn.backend.Backend;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.EvaluationText;
import org.bncnn.eval.Evaluator;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.exception.DL4JException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bncnn evaluate MODEL}: measures a saved model on the test images. */
@Command(
        name = "evaluate",
        description = "Measure a saved model on the test images: accuracy, loss, each class, confusion matrix.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Model file, such as model.zip of a run folder.")
    private Path file;

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
            throw new ParameterException(spec.commandLine(), "batch size must be at least 1, not " + batchSize);
        }
        PrintWriter out = spec.commandLine().getOut();
        Backend.start();
        ModelFile model = ModelFile.load(file);
        ImageDataset dataset = data.load(spec.commandLine().getErr());
        ImageSetIterator test = ImageSetIterator.ordered(dataset.test(), batchSize);
        test.setPreProcessor(model.normalizer());
        EvaluationResult result = evaluate(model, test, dataset);
        out.println(EvaluationText.render(result));
        json.write(result);
        return 0;
    }

    private EvaluationResult evaluate(ModelFile model, ImageSetIterator test, ImageDataset dataset)
            throws DatasetException {
        try {
            return Evaluator.evaluate(engine.engine().apply(model.network()), test);
        } catch (IllegalArgumentException | IllegalStateException | DL4JException e) {
            throw new DatasetException(
                    dataset.location() + ": does not fit the model " + file + " (" + e.getMessage() + ")", e);
        }
    }
}
