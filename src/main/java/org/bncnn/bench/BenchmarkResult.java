package org.bncnn.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
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
 * What {@code bncnn bench} found.
 *
 * @param setting machine, versions and data
 * @param timing how long was measured
 * @param missing ids of the implementations that are not on the class path
 * @param workloads results in the order of the runs
 * @param completed whether everything in the plan was run
 */
public record BenchmarkResult(
        Setting setting,
        BenchmarkPlan.Timing timing,
        List<String> missing,
        @JsonProperty("heats") List<WorkloadResult> workloads,
        boolean completed) {
    /** Copies the lists. */
    public BenchmarkResult {
        missing = List.copyOf(missing);
        workloads = List.copyOf(workloads);
    }

    /**
     * Runs on the same workload, which took turns.
     *
     * @param axis what grows from workload to workload, {@code null} where nothing does
     * @param point the size on that axis
     * @param workload task and sizes
     * @param measurements results of the runs that came to their end
     * @param omissions the other runs
     */
    public record WorkloadResult(
            String axis, Integer point, Workload workload, List<RunResult> measurements, List<Omission> omissions) {
        /** Copies the lists. */
        public WorkloadResult {
            measurements = List.copyOf(measurements);
            omissions = List.copyOf(omissions);
        }
    }

    /**
     * A run that could not be measured.
     *
     * @param id implementation and norm
     * @param title title of the implementation
     * @param reason reason in words that follow the title
     */
    public record Omission(@JsonProperty("entry") RunResult.Id id, String title, String reason) {}

    /**
     * Where and with what the benchmark was run.
     *
     * @param started start time, in UTC
     * @param command arguments of the program
     * @param version version of this program
     * @param commit commit of this program's source, as {@link BuildInfo} has it
     * @param dataset name of the dataset
     * @param datasetSha256 checksum of each file's content
     * @param java version and vendor of the JDK
     * @param os name, version and architecture of the operating system
     * @param cpu model of the CPU
     * @param cores cores that the Java virtual machine sees
     * @param threads threads that each implementation may use, where its workload says nothing else
     * @param environment environment variables that native threads heed
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
}
