package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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
import org.deeplearning4j.exception.DL4JException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bncnn export MODEL}: a model in a form that others read. */
@Command(name = "export", description = "Write a model in a form that others read.", mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Model file, such as model.zip of a run folder.")
    private Path file;

    @ArgGroup
    private Format format = new Format();

    /** What the file is to be; without any of these, a model file as {@code train} leaves it. */
    private static final class Format {
        @Option(
                names = "--portable",
                description =
                        "For DL4J with nothing of this program: the custom batch normalization becomes DL4J's, with equal outputs;"
                                + " heavy-ball momentum becomes Nesterov's.")
        private boolean portable;

        @Option(names = "--onnx", description = "For ONNX Runtime and others that read ONNX; to run, not to train on.")
        private boolean onnx;

        @Option(
                names = "--state-dict",
                description =
                        "For PyTorch: the weights alone, as safetensors, under the names and in the shapes of a state_dict.")
        private boolean stateDict;
    }

    @Option(
            names = "--with-normalizer",
            description =
                    "With --onnx: the normalizer becomes part of the model, which then takes pixels, 0 to 255 in uint8.")
    private boolean withNormalizer;

    @Option(
            names = "--input-shape",
            split = ",",
            paramLabel = "C,H,W",
            hideParamSyntax = true,
            description = "With --onnx: channels, height and width of its images, where the model does not tell them.")
    private List<Integer> inputShape;

    @Option(
            names = "--fold",
            description =
                    "Put batch normalization into the layers before it: smaller, faster, equal outputs; not to be trained on.")
    private boolean fold;

    @Option(
            names = "--no-updater",
            description = "Leave the updater's state out: half the size; training on starts slowly.")
    private boolean withoutUpdater;

    @Option(names = "--card", description = "Write a model card beside the file, in Markdown.")
    private boolean card;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            converter = OutputFile.class,
            description = "The file to write.")
    private Path target;

    @Mixin
    private ForceOption force;

    @Override
    public Integer call() throws IOException {
        refuseIdle();
        OnnxOptions onnxOptions = Usage.valid(spec, () -> new OnnxOptions(withNormalizer, inputShape));
        force.check(target, card ? cardFile() : null);
        Backend.start();
        ModelFile model = ModelFile.load(file);
        if (card) {
            ModelCard.requireTold(file, model.description());
        }
        if (format.portable) {
            model = portable(model);
        }
        if (fold) {
            model = folded(model);
        }
        if (format.onnx) {
            onnx(model, onnxOptions).save(target);
        } else if (format.stateDict) {
            stateDict(model).save(target);
        } else {
            model.save(target, !withoutUpdater && !fold);
        }
        if (card) {
            writeCard();
        }
        spec.commandLine().getOut().printf(Locale.ROOT, "%s: %,d bytes%n", target, Files.size(target));
        return 0;
    }

    /** Refuses options of another format than the one that is written. */
    private void refuseIdle() {
        String other = format.onnx ? "--onnx" : "--state-dict";
        Usage.refuse(spec, "--card", format.onnx || format.stateDict, "with " + other);
        Usage.refuse(spec, "--no-updater", format.onnx || format.stateDict, "with " + other + ", which has no updater");
        Usage.refuse(spec, "--no-updater", fold, "with --fold, which leaves it out");
        Usage.refuse(spec, "--with-normalizer", !format.onnx, "without --onnx");
        Usage.refuse(spec, "--input-shape", !format.onnx, "without --onnx");
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

    private ModelFile portable(ModelFile model) throws ModelFileException {
        try {
            return PortableModel.of(model);
        } catch (IllegalArgumentException | DL4JException e) {
            throw new ModelFileException(file + ": cannot be made portable: " + e.getMessage(), e);
        }
    }

    private ModelFile folded(ModelFile model) throws ModelFileException {
        try {
            return new ModelFile(BatchNormFolding.fold(model.network()), model.normalizer(), model.description());
        } catch (DL4JException e) {
            throw new ModelFileException(file + ": cannot be folded: " + e.getMessage(), e);
        }
    }

    private OnnxModel onnx(ModelFile model, OnnxOptions options) throws ModelFileException {
        try {
            return OnnxModel.of(model, options);
        } catch (NotExportableException e) {
            throw new ModelFileException(file + ": cannot be written as ONNX: " + e.getMessage(), e);
        }
    }

    private StateDict stateDict(ModelFile model) throws ModelFileException {
        try {
            return StateDict.of(model);
        } catch (NotExportableException e) {
            throw new ModelFileException(file + ": has no state_dict: " + e.getMessage(), e);
        }
    }
}
