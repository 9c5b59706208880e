package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bncnn.backend.Backend;
import org.bncnn.export.ImportedModel;
import org.bncnn.model.Norm;
import org.bncnn.store.ModelFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bncnn import WEIGHTS}: a model file of weights that PyTorch trained. */
@Command(
        name = "import",
        description = "Make a model file of weights that PyTorch trained:"
                + " safetensors.torch.save_file(net.state_dict(), \"weights.safetensors\").",
        mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "WEIGHTS",
            description = "Safetensors file. F64, F16 and BF16 become the model's type, which is float as a rule.")
    private Path weights;

    @Option(
            names = "--norm",
            paramLabel = "NORM",
            description = "Batch normalization of the reference CNN: builtin, DL4J's; custom, this program's; none."
                    + " Default: builtin, or none if the file has none.")
    private Norm norm;

    @Option(
            names = "--like",
            paramLabel = "MODEL",
            description =
                    "Model file whose layers, normalizer and classes are taken, in the place of the reference CNN's.")
    private Path like;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            converter = OutputFile.class,
            description = "The model file to write.")
    private Path target;

    @Mixin
    private ForceOption force;

    @Override
    public Integer call() throws IOException {
        Usage.refuse(spec, "--norm", like != null, "with --like: the layers are those of that model");
        force.check(target);
        Backend.start();
        ModelFile model = model();
        model.save(target, false);
        String made = like == null
                ? "reference CNN, norm "
                        + model.description().provenance().path("norm").asText()
                : "network of " + like;
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s: %s, %,d values from %s%n",
                        target,
                        made,
                        model.network().numParams(),
                        weights);
        return 0;
    }

    private ModelFile model() throws IOException {
        if (like != null) {
            return ImportedModel.like(ModelFile.load(like), weights);
        }
        return norm == null ? ImportedModel.reference(weights) : ImportedModel.reference(weights, norm);
    }
}
