package org.bncnn.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * PyTorch on this machine, running {@code load_state_dict.py}.
 *
 * @param python the program that has it
 */
record PyTorch(Path python) {
    private static final Path SCRIPT = Path.of("src/test/resources/org/bncnn/export/pytorch/load_state_dict.py")
            .toAbsolutePath();

    private static final Optional<PyTorch> FOUND = search();

    /** {@return the first Python on the path that has it}, if there is one */
    static Optional<PyTorch> find() {
        return FOUND;
    }

    private static Optional<PyTorch> search() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "python3"))
                .filter(Files::isExecutable)
                .map(PyTorch::new)
                .filter(PyTorch::isThere)
                .findFirst();
    }

    private boolean isThere() {
        try {
            run(List.of("-c", "import torch"));
            return true;
        } catch (IOException | IllegalStateException without) {
            return false;
        }
    }

    /** {@return what PyTorch's network gives with the weights of a file, loaded strictly} */
    JsonNode load(Path weights) throws IOException {
        return new ObjectMapper().readTree(run(List.of("-B", SCRIPT.toString(), weights.toString())));
    }

    /** {@return what it printed} Complaints are few, so they do not fill their pipe while nobody reads it. */
    private String run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(python.toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).start();
        try (InputStream out = process.getInputStream();
                InputStream err = process.getErrorStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            String complaint = new String(err.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + ": " + complaint);
            }
            return text;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
        }
    }
}
