package org.bncnn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bncnn.backend.Backend;
import org.bncnn.data.ImageDataset;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.store.BuildInfo;

/**
 * What a training was made of, so that it can be judged and repeated.
 *
 * @param started start of the training, in UTC
 * @param version version of this program
 * @param commit commit of this program's source, see {@link BuildInfo}
 * @param dl4j version of DL4J, ND4J and DataVec
 * @param norm batch normalization of the network; several if norms were compared
 * @param engine engine that computed the network
 * @param recipe all training choices, including the seed
 * @param dataset name of the dataset
 * @param datasetSha256 SHA-256 of each file's content
 * @param java version and vendor of the JDK
 * @param os name, version and architecture of the operating system
 * @param cpu model of the CPU
 * @param threads number of threads that the native library may use
 * @param oneDnnHelpers whether DL4J's oneDNN helpers were on
 * @param cluster how the training was spread over a cluster; "none" for this process alone
 */
public record Provenance(
        String started,
        String version,
        String commit,
        String dl4j,
        String norm,
        String engine,
        Recipe recipe,
        String dataset,
        Map<String, String> datasetSha256,
        String java,
        String os,
        String cpu,
        int threads,
        boolean oneDnnHelpers,
        String cluster) {
    /** Checks the components. */
    public Provenance {
        Objects.requireNonNull(started, "started");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(commit, "commit");
        Objects.requireNonNull(dl4j, "dl4j");
        Objects.requireNonNull(norm, "norm");
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(recipe, "recipe");
        Objects.requireNonNull(dataset, "dataset");
        datasetSha256 = Collections.unmodifiableMap(
                new LinkedHashMap<>(Objects.requireNonNull(datasetSha256, "datasetSha256")));
        Objects.requireNonNull(java, "java");
        Objects.requireNonNull(os, "os");
        Objects.requireNonNull(cpu, "cpu");
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        cluster = cluster == null ? ThisProcess.DESCRIPTION : cluster; // written before there were clusters
    }

    /**
     * {@return the provenance of a training in this process that starts now}
     *
     * @param norms the norms of the networks
     * @param engine the engine that computes them
     * @param recipe the training choices
     * @param dataset the images
     * @throws IOException if it is unknown what this program was built from
     */
    public static Provenance now(List<Norm> norms, Engine engine, Recipe recipe, ImageDataset dataset)
            throws IOException {
        return now(norms, engine, recipe, dataset, ThisProcess.DESCRIPTION);
    }

    static Provenance now(List<Norm> norms, Engine engine, Recipe recipe, ImageDataset dataset, String cluster)
            throws IOException {
        BuildInfo build = BuildInfo.load();
        return new Provenance(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                build.version(),
                build.commit(),
                build.dl4j(),
                norms.stream().map(Norm::toString).collect(Collectors.joining(", ")),
                engine.toString(),
                recipe,
                dataset.name(),
                dataset.sha256(),
                jdk(),
                system(),
                cpuModel(),
                Backend.threads(),
                Backend.usesOneDnn(),
                cluster);
    }

    /** {@return version and vendor of the JDK} */
    public static String jdk() {
        return System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
    }

    /** {@return name, version and architecture of the operating system} */
    public static String system() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }

    /** {@return the CPU's model, where a file or a variable of the system says it; elsewhere only the architecture} */
    public static String cpuModel() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException notLinux) {
            return System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", System.getProperty("os.arch"));
        }
    }
}
