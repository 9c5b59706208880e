import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The launcher without a shell, for Windows ({@code bncnn.cmd}) and wherever there is no bash: {@code java
 * src/launcher/Launch.java train}. It does what the script {@code bncnn} does, which explains each step.
 */
final class Launch {
    private final Path home;
    private final List<String> arguments;
    private final String name;
    private final List<String> profile = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private final List<Path> sources = new ArrayList<>();

    private Launch(Path home, List<String> arguments) {
        this.home = home;
        this.arguments = arguments;
        sources.addAll(List.of(home.resolve("pom.xml"), home.resolve("src/main")));
        options.add("@" + home.resolve("src/launcher/java-options"));
        if (arguments.indexOf("bench") == 0) {
            name = "bench";
        } else if (arguments.indexOf("train") == 0 && arguments.stream().anyMatch(a -> a.matches("--spark(=.*)?"))) {
            name = "spark";
            options.add("@" + home.resolve("src/spark/java-options"));
        } else {
            name = "";
        }
        if (!name.isEmpty()) {
            sources.add(home.resolve("src/" + name));
            profile.add("-P" + name);
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path source = Path.of(System.getProperty("jdk.launcher.sourcefile", "src/launcher/Launch.java"));
        Path home = source.toAbsolutePath().normalize().getParent().getParent().getParent();
        try {
            System.exit(new Launch(home, Arrays.asList(arguments)).run());
        } catch (IllegalStateException e) {
            System.err.println("bncnn: " + e.getMessage());
            System.exit(1);
        }
    }

    private int run() throws IOException, InterruptedException {
        Path target = home.resolve("target");
        Path built = target.resolve(name.isEmpty() ? "classpath" : name + "-classpath");
        if (!Files.exists(built) || isOlder(built)) {
            build(target);
            Files.setLastModifiedTime(built, FileTime.fromMillis(System.currentTimeMillis()));
        }
        String classes = target.resolve("classes").toString();
        String separator = System.getProperty("path.separator");
        if (!name.isEmpty()) {
            classes += separator + target.resolve(name + "-classes");
        }
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(options);
        command.add("-Dbncnn.columns=0");
        String own = System.getenv().getOrDefault("BNCNN_JAVA_OPTS", "").trim();
        command.addAll(own.isEmpty() ? List.of() : List.of(own.split("\\s+")));
        command.addAll(List.of("-cp", classes + separator + Files.readString(built).trim(), "org.bncnn.cli.Main"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        Map<String, String> environment = builder.environment();
        environment.putIfAbsent("GOMP_SPINCOUNT", "1000");
        if (name.equals("spark")) {
            environment.putIfAbsent("OMP_NUM_THREADS", "1");
        } else if (name.equals("bench")) {
            environment.putIfAbsent("DJL_CACHE_DIR", target.resolve("djl").toString());
            environment.put("DJL_OFFLINE", "true");
        }
        return builder.start().waitFor();
    }

    private boolean isOlder(Path built) throws IOException {
        FileTime time = Files.getLastModifiedTime(built);
        for (Path source : sources) {
            try (Stream<Path> files = Files.walk(source)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    if (Files.getLastModifiedTime(file).compareTo(time) > 0) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void build(Path target) throws IOException, InterruptedException {
        Path log = Files.createDirectories(target).resolve("build.log");
        System.err.println("bncnn: building; the first time Maven downloads some 100 MB …");
        String maven = System.getProperty("os.name").startsWith("Windows") ? "mvn.cmd" : "mvn";
        List<String> command = new ArrayList<>(List.of(maven, "--batch-mode"));
        command.addAll(List.of("--file", home.resolve("pom.xml").toString(), "-Dspotless.check.skip"));
        command.addAll(profile);
        command.add(name.isEmpty() ? "process-classes" : "process-test-classes");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        if (builder.start().waitFor() != 0) {
            throw new IllegalStateException("the build failed; the whole log is in " + log);
        }
    }

    private static String java() {
        String javaHome = System.getenv().getOrDefault("JAVA_HOME", System.getProperty("java.home"));
        return Path.of(javaHome, "bin", "java").toString();
    }
}
