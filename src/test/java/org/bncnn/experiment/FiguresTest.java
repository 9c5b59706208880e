package org.bncnn.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The figures of experiments in the documentation are those of the exported notebook, which one command makes. */
class FiguresTest {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z-]+)` \\| ([^|]+) \\| (diverged|[\\d.]+ %) \\| (diverged|[\\d.]+ %) \\|$");

    @Test
    void thePageSaysWhatTheNotebookPrints() throws IOException {
        String notebook = Files.readString(Path.of("notebooks-export/02-why-batch-normalization.md"));
        List<String> experiments = new ArrayList<>();
        for (MatchResult row : ROW.matcher(Files.readString(Path.of("docs/comparison.md")))
                .results()
                .toList()) {
            Experiment experiment = Arrays.stream(Experiment.values())
                    .filter(each -> each.toString().equals(row.group(1)))
                    .findFirst()
                    .orElseThrow();
            assertThat(table(notebook, experiment.axis()))
                    .as("%s, %s", experiment, row.group(2))
                    .contains(row.group(2) + " " + row.group(3) + " " + row.group(4));
            experiments.add(row.group(1));
        }
        assertThat(experiments).contains("vanishing", "halves", "exploding", "learning-rate", "batch-size");
    }

    /** {@return the lines of the table of accuracies with this heading, single spaces between the cells} */
    private static List<String> table(String notebook, String axis) {
        return Pattern.compile("(?m)^" + axis + " +norm none +norm custom\n((?:.*%.*\n)+)")
                .matcher(notebook)
                .results()
                .flatMap(table -> table.group(1).lines())
                .map(line -> line.replaceAll(" +", " "))
                .toList();
    }
}
