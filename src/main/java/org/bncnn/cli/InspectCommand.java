package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.bncnn.backend.Backend;
import org.bncnn.store.ModelInspection;
import org.bncnn.store.ModelInspectionText;
import org.bncnn.weights.WeightsFormat;
import org.bncnn.weights.WeightsInspection;
import org.bncnn.weights.WeightsInspectionText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bncnn inspect FILE}: what is in a file of a model or of weights, and whether it is safe to load. */
@Command(
        name = "inspect",
        description = "Show what is in a model file or a file of PyTorch weights, and whether it is safe to load (exit"
                + " code 1 if not). Nothing in it is run.")
final class InspectCommand extends Subcommand {
    @Parameters(
            paramLabel = "FILE",
            description = "Model file of this program or any DL4J application; safetensors; or a file of torch.save.")
    private Path file;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check();
        Backend.start();
        WeightsFormat format = WeightsFormat.of(file);
        if (format == WeightsFormat.NONE) {
            ModelInspection found = ModelInspection.of(file);
            return show(ModelInspectionText.render(found), found, found.isSafe());
        }
        WeightsInspection found = WeightsInspection.of(file, format);
        return show(WeightsInspectionText.render(found), found, found.isSafe());
    }

    private int show(String text, Object found, boolean safe) throws IOException {
        out().print(text);
        json.write(found);
        return safe ? 0 : 1;
    }
}
