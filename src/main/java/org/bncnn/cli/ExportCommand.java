package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.bncnn.backend.Backend;
import org.bncnn.export.PortableModel;
import org.bncnn.norm.BatchNormFolding;
import org.bncnn.report.ModelCard;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import picocli.CommandLine.Command;
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

    @Option(
            names = "--portable",
            description =
                    "For DL4J with nothing of this program: the custom batch normalization becomes DL4J's, with equal outputs;"
                            + " heavy-ball momentum becomes Nesterov's.")
    private boolean portable;

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

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The file to write; a new one.")
    private Path target;

    @Override
    public Integer call() throws IOException {
        Backend.start();
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target + ": exists; name a new file with --out");
        }
        ModelFile model = ModelFile.load(file);
        if (portable) {
            model = portable(model);
        }
        if (fold) {
            model = new ModelFile(BatchNormFolding.fold(model.network()), model.normalizer(), model.description());
        }
        model.save(target, !withoutUpdater && !fold);
        if (card) {
            writeCard();
        }
        spec.commandLine().getOut().printf("%s: %,d bytes%n", target, Files.size(target));
        return 0;
    }

    private void writeCard() throws IOException {
        String name = target.getFileName().toString().replaceFirst("\\.zip$", "");
        String options =
                (portable ? " --portable" : "") + (fold ? " --fold" : "") + (withoutUpdater ? " --no-updater" : "");
        String text = ModelCard.of(target, options);
        AtomicFile.write(target.resolveSibling(name + ".md"), temporary -> Files.writeString(temporary, text));
    }

    private ModelFile portable(ModelFile model) throws ModelFileException {
        try {
            return PortableModel.of(model);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(file + ": cannot be made portable: " + e.getMessage(), e);
        }
    }
}
