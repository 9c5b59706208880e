package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path folder;

    @Test
    void replacesAFileByTheWholeNewContent() throws IOException {
        Path target = Files.writeString(folder.resolve("file"), "old");
        AtomicFile.write(target, temporary -> Files.writeString(temporary, "new"));
        assertThat(target).hasContent("new");
        assertThat(folder).isDirectoryContaining("glob:**/file").isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aWriterThatFailsHalfwayLeavesTheOldContentAndNothingElse() throws IOException {
        Path target = Files.writeString(folder.resolve("file"), "old");
        assertThatThrownBy(() -> AtomicFile.write(target, temporary -> {
                    Files.writeString(temporary, "half");
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessage(target + ": cannot be written (No space left on device)");
        assertThat(target).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @Test
    void aBareNameIsWrittenIntoTheWorkingFolder() {
        assertThatThrownBy(() -> AtomicFile.write(Path.of("bare"), temporary -> {
                    assertThat(temporary.toAbsolutePath().getParent())
                            .isEqualTo(Path.of("").toAbsolutePath());
                    throw new IOException("seen");
                }))
                .hasMessageContaining("seen");
    }

    /** Where the temporary file cannot be deleted either. */
    @Test
    void theFileThatCannotBeWrittenIsNamedAndNotTheTemporaryOne() throws IOException {
        Path inAFile = Files.writeString(folder.resolve("file"), "no folder").resolve("target");
        assertThatThrownBy(() -> AtomicFile.write(inAFile, temporary -> Files.writeString(temporary, "new")))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessageStartingWith(inAFile + ": cannot be written (")
                .message()
                .doesNotContain("bncnn-tmp");
    }

    @Test
    void aNameMayBeAsLongAsNamesCanBe() throws IOException {
        Path target = folder.resolve("n".repeat(255));
        AtomicFile.write(target, temporary -> Files.writeString(temporary, "new"));
        assertThat(target).hasContent("new");
    }
}
