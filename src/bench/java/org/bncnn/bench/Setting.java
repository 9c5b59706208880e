package org.bncnn.bench;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bncnn.train.BuildInfo;

/** The machine and the versions a run was made with. */
final class Setting {
    private Setting() {}

    static String describe() throws IOException {
        BuildInfo build = BuildInfo.load();
        return String.format(
                """
                CPU      %s, %d cores
                OS       %s %s %s
                JDK      %s (%s)
                threads  %s
                DL4J     %s
                PyTorch  %s, through DJL %s
                commit   %s
                """,
                cpuModel(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch"),
                System.getProperty("java.version"),
                System.getProperty("java.vendor"),
                System.getenv("OMP_NUM_THREADS"),
                build.dl4j(),
                Engine.getInstance().getVersion(),
                Engine.getDjlVersion(),
                build.commit());
    }

    private static String cpuModel() throws IOException {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.exists(cpuinfo)) {
            return "unknown";
        }
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
