package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No command overwrites a file that is there, unless it is told to. */
class ForceOptionTest {
    private static final String MODEL = "models/reference-builtin.zip";
    private static final String WEIGHTS = "src/test/resources/org/bncnn/export/pytorch/bn.safetensors";

    @TempDir
    private Path folder;

    private Path mine;
    private Path made;

    @BeforeEach
    void writeAFile() throws IOException {
        mine = Files.writeString(folder.resolve("mine.md"), "mine");
        made = folder.resolve("made");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train --data sample --out MADE --json MINE",
                "train --resume none --json MINE",
                "evaluate none.zip --json MINE",
                "compare --data sample --out MADE --json MINE",
                "report none --out MINE",
                "predict none.zip none.png --json MINE",
                "inspect none.zip --json MINE",
                "export none.zip --out MINE",
                "export none.zip --onnx --out MINE",
                "export none.zip --state-dict --out MINE",
                "export none.zip --card --out FOLDER/mine.zip",
                "import none.safetensors --out MINE",
                "explain --html MINE",
                "explain --json MINE --html MADE",
                "bench --data sample --json MINE",
                "data --data sample --json MINE",
            })
    void aFileIsKeptAndNothingIsBegun(String command) {
        Called called = call(command);
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.out()).isEmpty();
        assertThat(called.err())
                .isEqualToNormalizingNewlines(
                        "bncnn: " + mine + ": is there already; name another file or add --force\n");
        assertThat(mine).hasContent("mine");
        assertThat(folder).isDirectoryNotContaining(each -> !each.equals(mine));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inspect " + MODEL + " --json MINE --force",
                "export " + MODEL + " --out MINE --force",
                "export " + MODEL + " --card --force --out FOLDER/mine.zip",
                "import " + WEIGHTS + " --out MINE --force",
                "explain --html MINE --force",
                "data --data sample --force --json MINE",
            })
    void itIsOverwrittenWhereThatIsWanted(String command) throws IOException {
        assertThat(call(command).exitCode()).isZero();
        assertThat(Files.readAllBytes(mine)).isNotEqualTo("mine".getBytes()).isNotEmpty();
    }

    @Test
    void twoOutputsDoNotGoToOneFile() {
        Called called = call("explain --force --json MADE --html FOLDER/./made");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualToNormalizingNewlines(
                        "bncnn: " + folder + "/./made: is named for two outputs; name another file for one\n");
        assertThat(made).doesNotExist();
    }

    /** A link that points nowhere is a file of the user's too. */
    @Test
    void aLinkIsKept() throws IOException {
        Files.createSymbolicLink(made, folder.resolve("none"));
        assertThat(call("explain --json MADE").err()).contains("made: is there already");
        assertThat(made).isSymbolicLink();
    }

    /** Neither is the folder of a run: nothing of it would be left. */
    @Test
    void aFolderIsNotOverwrittenInAnyCase() {
        Called called = call("data --data sample --shard 2 --out FOLDER --force");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).endsWith(folder + ": is not empty; name a new folder with --out\n");
        assertThat(mine).hasContent("mine");
    }

    private Called call(String command) {
        return Called.of(Stream.of(command.split(" "))
                .map(each -> each.replace("MINE", mine + "")
                        .replace("MADE", made + "")
                        .replace("FOLDER", folder + ""))
                .toArray(String[]::new));
    }
}
