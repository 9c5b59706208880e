package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.bncnn.backend.Backend;
import org.bncnn.bench.Benchmark;
import org.bncnn.bench.BenchmarkPlan;
import org.bncnn.bench.BenchmarkPlan.Timing;
import org.bncnn.bench.BenchmarkResult;
import org.bncnn.bench.BenchmarkText;
import org.bncnn.bench.Implementation;
import org.bncnn.bench.Workload.Task;
import org.bncnn.data.ImageDataset;
import org.bncnn.model.Norm;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bncnn bench}: how fast the reference CNN is, against other programs. */
@Command(
        name = "bench",
        description = {
            "Time the reference CNN against DL4J as it comes, PyTorch and ONNX Runtime, in turns.",
            "Each program runs in a process of its own, from the same weights, on the same batches, which it has in"
                    + " memory before any time is taken; reading images is not timed."
        },
        showDefaultValues = true)
final class BenchCommand extends Subcommand {
    /** What can be measured: the tasks, and growth. */
    enum Part {
        TRAIN,
        EVALUATE,
        LATENCY,
        GROWTH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--measure",
            paramLabel = "PART",
            split = ",",
            description = {
                "Parts, with commas between: ${COMPLETION-CANDIDATES}.",
                "growth: training and evaluation by batch size, image side, channels and threads."
            },
            defaultValue = "train,evaluate,latency")
    private EnumSet<Part> parts;

    @Option(
            names = "--norms",
            paramLabel = "NORM",
            split = ",",
            description = "Norms, with commas between: ${COMPLETION-CANDIDATES}.",
            defaultValue = "none,builtin,custom")
    private EnumSet<Norm> norms;

    @Option(
            names = "--contenders",
            paramLabel = "NAME",
            split = ",",
            description = "What to time, with commas between: dl4j, dl4j-helpers, onednn, pytorch, pytorch-folded,"
                    + " onnxruntime. Default: all there are.")
    private List<String> names = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Rounds that count; in each, every program is timed once.")
    private int rounds = Timing.DEFAULT.rounds();

    @Option(names = "--seconds", paramLabel = "S", description = "Time of each program in a round.")
    private double seconds = Timing.DEFAULT.seconds();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads each program may use. Default: one for each core.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin
    private DataOption data;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check();
        PrintWriter out = out();
        BenchmarkPlan plan = plan();
        ImageDataset dataset = data.loadOrSample();
        Backend.start();
        int iterations = plan.iterations(dataset.train());
        if (iterations == 0) {
            throw wrong("--contenders names none that runs what --measure and --norms ask for");
        }
        try (Interruption interruption = new Interruption()) {
            BenchmarkResult result;
            try (BenchmarkProgress progress = new BenchmarkProgress(out, iterations)) {
                result = new Benchmark(BenchWorkerCommand.MAIN, dataset, plan, progress, interruption::requested)
                        .run(spec.commandLine().getParent().getParseResult().originalArgs());
            }
            out.print("\n" + BenchmarkText.render(result) + "\n");
            json.write(result);
            return interruption.exitCode();
        }
    }

    private BenchmarkPlan plan() {
        requireSome("--measure", parts);
        requireSome("--norms", norms);
        requireSome("--contenders", names);
        refuse(
                "--norms",
                parts.equals(EnumSet.of(Part.GROWTH)) && norms.size() > 1,
                "beyond one norm with --measure growth; name one");
        Set<Task> tasks = parts.stream()
                .filter(part -> part != Part.GROWTH)
                .map(part -> Task.valueOf(part.name()))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Task.class)));
        return valid(() -> new BenchmarkPlan(
                implementations(), norms, tasks, parts.contains(Part.GROWTH), threads, new Timing(rounds, seconds)));
    }

    private List<Implementation> implementations() {
        List<Implementation> all = Implementation.all();
        List<String> ids = all.stream().map(Implementation::id).toList();
        for (String name : names) {
            if (!ids.contains(name)) {
                throw new IllegalArgumentException(
                        "contenders do not include '" + name + "'; there are " + String.join(", ", ids));
            }
        }
        return all.stream()
                .filter(implementation -> names.isEmpty() || names.contains(implementation.id()))
                .toList();
    }
}
