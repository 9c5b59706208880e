package org.bncnn.bench;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bncnn.data.ImageDataset;
import org.bncnn.store.BuildInfo;
import org.bncnn.train.Provenance;

/**
 * Where and with what a benchmark was run.
 *
 * @param started when, in UTC
 * @param command arguments of the program
 * @param version of this program
 * @param commit of this program's source, as {@link BuildInfo} has it
 * @param dataset its name
 * @param datasetSha256 of each file's content
 * @param java version and vendor of the JDK
 * @param os name, version and architecture
 * @param cpu its model
 * @param cores of it that the Java virtual machine sees
 * @param threads that each contender may use, where nothing else is said
 * @param environment variables that the native threads look at
 */
public record Setting(
        String started,
        List<String> command,
        String version,
        String commit,
        String dataset,
        Map<String, String> datasetSha256,
        String java,
        String os,
        String cpu,
        int cores,
        int threads,
        Map<String, String> environment) {
    private static final List<String> VARIABLES = List.of("GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "OMP_PROC_BIND");

    static Setting now(List<String> command, ImageDataset data, int threads) throws IOException {
        BuildInfo build = BuildInfo.load();
        Map<String, String> environment = new TreeMap<>(System.getenv());
        environment.keySet().retainAll(VARIABLES);
        return new Setting(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                List.copyOf(command),
                build.version(),
                build.commit(),
                data.name(),
                data.sha256(),
                Provenance.jdk(),
                Provenance.system(),
                Provenance.cpuModel(),
                Runtime.getRuntime().availableProcessors(),
                threads,
                environment);
    }
}
