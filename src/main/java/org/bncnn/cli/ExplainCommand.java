package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.bncnn.backend.Backend;
import org.bncnn.explain.WorkedExample;
import org.bncnn.explain.WorkedExampleText;
import org.bncnn.report.WorkedExamplePage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bncnn explain}: batch normalization, by an example to follow with a pencil. */
@Command(
        name = "explain",
        description =
                "Show what batch normalization does, by an example to follow with a pencil: forward, backward, the"
                        + " moving averages, inference. The layers themselves compute the numbers.")
final class ExplainCommand extends Subcommand {
    @Option(
            names = "--html",
            paramLabel = "FILE",
            converter = PathName.OfNewFile.class,
            description = "Write the page as HTML too.")
    private Path page;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check(page);
        Backend.start();
        WorkedExample example = WorkedExample.compute();
        out().print(WorkedExampleText.render(example));
        json.write(example);
        if (page != null) {
            WorkedExamplePage.write(page, example);
        }
        return 0;
    }
}
