package org.bncnn.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * ONNX's own checker, from Debian's package {@code python3-onnx}; tests that need it are skipped where it is not
 * installed.
 */
final class OnnxChecker {
    private static final List<String> INTERPRETERS = List.of("/usr/bin/python3", "python3");

    private OnnxChecker() {}

    /** Asserts that the checker finds nothing wrong in a file, its shapes included. */
    static void check(Path file) throws IOException, InterruptedException {
        String python = null;
        for (String interpreter : INTERPRETERS) {
            if (python == null && call(interpreter, "import onnx").isEmpty()) {
                python = interpreter;
            }
        }
        assumeTrue(python != null, "no Python here has the module onnx");
        assertThat(call(
                        python,
                        "import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)",
                        file + ""))
                .isEmpty();
    }

    /** {@return what an interpreter says to a program}; nothing if it runs it through */
    private static String call(String interpreter, String... program) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(Stream.concat(Stream.of(interpreter, "-c"), Stream.of(program))
                            .toList())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : "exit code " + process.exitValue() + ": " + said;
        } catch (IOException e) {
            return e.toString();
        }
    }
}
