package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.bncnn.backend.Backend;
import org.bncnn.export.ImportedModel;
import org.bncnn.model.Norm;
import org.bncnn.store.ModelFile;
import org.bncnn.text.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bncnn import WEIGHTS}: a model file of weights that PyTorch trained. */
@Command(
        name = "import",
        description = "Make a model file of weights that PyTorch trained: torch.save(net.state_dict(), \"weights.pt\"),"
                + " a checkpoint that has them, or safetensors.torch.save_file. Nothing in the file is run.")
final class ImportCommand extends Subcommand {
    @Parameters(
            paramLabel = "WEIGHTS",
            description =
                    "File of torch.save or safetensors. F64, F16 and BF16 become the model's type, usually float.")
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
            description = "Model file whose layers, normalizer and classes replace the reference CNN's. Layers of an"
                    + " nn.Sequential are matched by position.")
    private Path like;

    @Option(names = "--strict", description = "Refuse a file with tensors that the network has no place for.")
    private boolean strict;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            converter = PathName.OfNewFile.class,
            description = "The model file to write.")
    private Path target;

    @Mixin
    private ForceOption force;

    @Override
    public Integer call() throws IOException {
        refuse("--norm", like != null, "with --like: the layers are those of that model");
        force.check(target);
        Backend.start();
        ImportedModel imported = imported();
        ModelFile model = imported.model();
        model.save(target, false);
        String made = like == null
                ? "reference CNN, norm "
                        + model.description().provenance().path("norm").asText()
                : "network of " + like;
        long values = model.network().numParams();
        out().println(Numbers.format("%s: %s, %,d values from %s", target, made, values, weights));
        imported.notes().forEach(out()::println);
        return 0;
    }

    private ImportedModel imported() throws IOException {
        return like == null
                ? ImportedModel.reference(weights, norm, strict)
                : ImportedModel.like(ModelFile.load(like), weights, strict);
    }
}
