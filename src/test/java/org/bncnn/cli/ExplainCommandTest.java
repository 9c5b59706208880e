package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {
    @TempDir
    private Path folder;

    @Test
    void theExampleAsTextJsonAndPage() throws IOException {
        Path json = folder.resolve("example.json");
        Path page = folder.resolve("example.html");
        Called called = Called.of("explain", "--json", json + "", "--html", page + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out()).startsWith("1. What goes in\n");
        assertThat(new ObjectMapper()
                        .readTree(json.toFile())
                        .at("/forward/mean")
                        .asDouble())
                .isEqualTo(2.75);
        assertThat(page)
                .content()
                .contains("<p class=\"formula\">μ = Σ x / m = 2.7500</p>", "<td>−2.051</td>")
                .doesNotContain("{{", "https:");
    }
}
