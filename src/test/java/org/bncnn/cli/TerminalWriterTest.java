package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TerminalWriterTest {
    private static final String EVIL = "a\n\u001b[31m\u202eb";

    @Test
    void whatIsPrintedAsALineIsOne() {
        assertThat(written(out -> out.println(EVIL))).isEqualTo("a\\n\\u001b[31m\\u202eb\n");
        assertThat(written(out -> out.println((String) null))).isEqualTo("null\n");
        assertThat(written(out -> out.printf("%s: %,d%n", Path.of("a\nb"), 1234)))
                .isEqualTo("a\\nb: 1,234\n");
    }

    @Test
    void severalLinesKeepNothingButTheirEnds() {
        assertThat(written(out -> out.print(EVIL + "\n"))).isEqualTo("a\n\\u001b[31m\\u202eb\n");
        assertThat(written(out -> out.print('\u001b'))).isEqualTo("\\u001b");
        assertThat(written(out -> out.print(new char[] {'\u009b', 'x'}))).isEqualTo("\\u009bx");
    }

    private static String written(Consumer<TerminalWriter> call) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TerminalWriter writer = new TerminalWriter(bytes);
        call.accept(writer);
        writer.flush();
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
