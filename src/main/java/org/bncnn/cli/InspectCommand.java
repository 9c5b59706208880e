package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.bncnn.backend.Backend;
import org.bncnn.store.ModelInspection;
import org.bncnn.store.ModelInspectionText;
import org.bncnn.weights.WeightsFormat;
import org.bncnn.weights.WeightsInspection;
import org.bncnn.weights.WeightsInspectionText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bncnn inspect FILE}: what is in a file of a model or of weights, and whether it is safe to load. */
@Command(
        name = "inspect",
        description =
                "Show what is in a model file or a file of PyTorch weights, and whether it is safe to load; nothing in it is run. Exit code 1 if not.",
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            description =
                    "Model file, of this program or of any DL4J application; safetensors; or a file of torch.save.")
    private Path file;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check();
        Backend.start();
        WeightsFormat format = WeightsFormat.of(file);
        if (format != WeightsFormat.NONE) {
            return show(WeightsInspection.of(file, format));
        }
        ModelInspection found = ModelInspection.of(file);
        spec.commandLine().getOut().print(ModelInspectionText.render(found));
        json.write(found);
        return found.isSafe() ? 0 : 1;
    }

    private int show(WeightsInspection found) throws IOException {
        spec.commandLine().getOut().print(WeightsInspectionText.render(found));
        spec.commandLine().getOut().flush();
        json.write(found);
        return found.isSafe() ? 0 : 1;
    }
}
