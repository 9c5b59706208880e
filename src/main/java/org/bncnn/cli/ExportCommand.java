package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bncnn.backend.Backend;
import org.bncnn.export.NotExportableException;
import org.bncnn.export.PortableModel;
import org.bncnn.export.StateDict;
import org.bncnn.export.onnx.OnnxModel;
import org.bncnn.export.onnx.OnnxOptions;
import org.bncnn.norm.BatchNormFolding;
import org.bncnn.report.ModelCard;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.text.Numbers;
import org.deeplearning4j.exception.DL4JException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bncnn export MODEL}: a model in a form that others read. */
@Command(name = "export", description = "Write a model in a form that others read.")
final class ExportCommand extends Subcommand {
    @Parameters(paramLabel = "MODEL", description = "Model file, such as model.zip of a run folder.")
    private Path file;

    @ArgGroup
    private Format format = new Format();

    /** What the file is to be; without any of these, a model file as {@code train} leaves it. */
    private static final class Format {
        @Option(
                names = "--portable",
                description = "For DL4J without this program: custom batch normalization becomes DL4J's, with equal"
                        + " outputs; heavy-ball momentum becomes Nesterov's.")
        private boolean portable;

        @Option(names = "--onnx", description = "For ONNX Runtime and others that read ONNX; to run, not to train on.")
        private boolean onnx;

        @Option(names = "--state-dict", description = "For PyTorch: the weights as a state_dict, in safetensors.")
        private boolean stateDict;
    }

    @Option(names = "--with-normalizer", description = "With --onnx: include the normalizer, which takes uint8 pixels.")
    private boolean withNormalizer;

    @Option(
            names = "--input-shape",
            split = ",",
            paramLabel = "C,H,W",
            hideParamSyntax = true,
            description = "With --onnx: channels, height and width of its images, where the model does not say.")
    private List<Integer> inputShape;

    @Option(
            names = "--fold",
            description =
                    "Put batch normalization into the layers before it: smaller and faster, with equal outputs; not"
                            + " for more training.")
    private boolean fold;

    @Option(names = "--no-updater", description = "Omit the updater's state: half the size, but slow to train on.")
    private boolean withoutUpdater;

    @Option(names = "--card", description = "Write a model card beside the file, in Markdown.")
    private boolean card;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            converter = PathName.OfNewFile.class,
            description = "The file to write.")
    private Path target;

    @Mixin
    private ForceOption force;

    @Override
    public Integer call() throws IOException {
        refuseIdle();
        OnnxOptions onnxOptions = valid(() -> new OnnxOptions(withNormalizer, inputShape));
        force.check(target, card ? cardFile() : null);
        Backend.start();
        ModelFile model = ModelFile.load(file);
        if (card) {
            ModelCard.requireTold(file, model.description());
        }
        if (format.portable) {
            model = made("cannot be made portable", model, PortableModel::of);
        }
        if (fold) {
            model = made(
                    "cannot be folded",
                    model,
                    whole -> new ModelFile(
                            BatchNormFolding.fold(whole.network()), whole.normalizer(), whole.description()));
        }
        if (format.onnx) {
            made("cannot be written as ONNX", model, whole -> OnnxModel.of(whole, onnxOptions))
                    .save(target);
        } else if (format.stateDict) {
            made("has no state_dict", model, StateDict::of).save(target);
        } else {
            model.save(target, !withoutUpdater && !fold);
        }
        if (card) {
            writeCard();
        }
        out().println(Numbers.format("%s: %,d bytes", target, Files.size(target)));
        return 0;
    }

    /** Makes something of a model. */
    private interface Conversion<T> {
        T of(ModelFile model) throws NotExportableException;
    }

    private <T> T made(String failure, ModelFile model, Conversion<T> conversion) throws ModelFileException {
        try {
            return conversion.of(model);
        } catch (NotExportableException | IllegalArgumentException | DL4JException e) {
            throw new ModelFileException(file + ": " + failure + ": " + e.getMessage(), e);
        }
    }

    /** Refuses options of another format than the one that is written. */
    private void refuseIdle() {
        String other = format.onnx ? "--onnx" : "--state-dict";
        refuse("--card", format.onnx || format.stateDict, "with " + other);
        refuse("--no-updater", format.onnx || format.stateDict, "with " + other + ", which has no updater");
        refuse("--no-updater", fold, "with --fold, which leaves it out");
        refuse("--with-normalizer", !format.onnx, "without --onnx");
        refuse("--input-shape", !format.onnx, "without --onnx");
    }

    private Path cardFile() {
        return target.resolveSibling(target.getFileName().toString().replaceFirst("\\.zip$", "") + ".md");
    }

    private void writeCard() throws IOException {
        String options = (format.portable ? " --portable" : "")
                + (fold ? " --fold" : "")
                + (withoutUpdater ? " --no-updater" : "");
        String text = ModelCard.of(target, options);
        AtomicFile.write(cardFile(), temporary -> Files.writeString(temporary, text));
    }
}
