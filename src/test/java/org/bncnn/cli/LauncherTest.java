package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launchers, in a checkout that is built, with a Java that prints what it gets. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeCheckout() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("bncnn")));
        Files.copy(Path.of("bncnn"), folder.resolve("bncnn"));
        for (String source : List.of("main", "bench", "spark", "launcher")) {
            Files.createDirectories(folder.resolve("src").resolve(source));
        }
        Files.copy(Path.of("src/launcher/Launch.java"), folder.resolve("src/launcher/Launch.java"));
        Files.createFile(folder.resolve("pom.xml"));
        Files.createDirectories(folder.resolve("target"));
        FileTime later = FileTime.fromMillis(System.currentTimeMillis() + 60_000);
        for (String built : List.of("classpath", "bench-classpath", "spark-classpath")) {
            Path file = Files.writeString(folder.resolve("target").resolve(built), "a.jar:b.jar\n");
            Files.setLastModifiedTime(file, later);
        }
        Files.createDirectories(folder.resolve("bin"));
        say("echo \"LC_ALL=$LC_ALL\"");
    }

    private void say(String what) throws IOException {
        for (String tool : List.of("java", "mvn")) {
            Path script = Files.writeString(folder.resolve("bin").resolve(tool), "#!/bin/sh\n" + what + "\n");
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"data", "bench --rounds 1", "train --spark local[2]", "train --spark=x", "train a --ui", ""})
    void theLauncherWithoutAShellStartsTheSame(String line) throws Exception {
        say("printf '%s\\n' \"$@\" \"$GOMP_SPINCOUNT\" \"$OMP_NUM_THREADS\" \"$DJL_CACHE_DIR\" \"$DJL_OFFLINE\"");
        Map<String, String> environment = Map.of("JAVA_HOME", folder.toString(), "BNCNN_JAVA_OPTS", "-Xmx1g -ea");
        List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" "));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");

        String script = run(environment, List.of("bash", folder.resolve("bncnn").toString()), arguments);
        String launch = run(
                environment,
                List.of(
                        java.toString(),
                        folder.resolve("src/launcher/Launch.java").toString()),
                arguments);

        assertThat(launch).isEqualTo(script).contains("-Xmx1g\n-ea\n", "a.jar:b.jar", "org.bncnn.cli.Main\n");
    }

    @Test
    void anOlderJavaIsNamed() throws Exception {
        Files.writeString(folder.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"1.8.0_402\"\n");
        assertThat(run(Map.of(), List.of("bash", folder.resolve("bncnn").toString()), List.of()))
                .isEqualTo("bncnn: " + folder.resolve("bin/java")
                        + " is Java 8; install JDK 17 or newer, and let JAVA_HOME point to it\n");
    }

    @Test
    void itIsFoundThroughLinksAndStartedByAnyShell() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("bin/ein Weg"), Path.of("../bncnn"));
        Path next = Files.createSymbolicLink(folder.resolve("weiter"), link);
        assertThat(run(Map.of("LC_ALL", "C.utf8"), List.of("sh", next.toString()), List.of()))
                .isEqualTo("LC_ALL=C.utf8\n");
    }

    /** What bash has since 4.0, and what macOS' own commands do not have. */
    @ParameterizedTest
    @ValueSource(strings = {"bncnn"})
    void itKeepsToWhatMacOsHas(String script) throws IOException {
        assertThat(Files.readString(Path.of(script)).lines().filter(line -> !line.startsWith("#")))
                .noneMatch(Pattern.compile(
                                "declare -[Agn]|local -[An]|mapfile|readarray|\\|&|&>>|coproc|\\[\\[ -v|readlink -f"
                                        + "|\\$\\{\\w+(,,|\\^\\^|@)|\\$\\{\\w+\\[-|find .*-quit|sed -i|date -d|stat -c|%\\(")
                        .asPredicate());
    }

    @Test
    void inAnAsciiLocaleJavaIsGivenOneThatCanWriteAnyFileName() throws Exception {
        assertThat(run(Map.of("LC_ALL", "C"))).isEqualTo("LC_ALL=C.UTF-8\n");
        assertThat(run(Map.of("LANG", "POSIX"))).isEqualTo("LC_ALL=C.UTF-8\n");
        assertThat(run(Map.of())).isEqualTo("LC_ALL=C.UTF-8\n");
    }

    @Test
    void anotherLocaleIsKept() throws Exception {
        assertThat(run(Map.of("LANG", "C.UTF-8"))).isEqualTo("LC_ALL=\n");
        assertThat(run(Map.of("LC_ALL", "C.utf8"))).isEqualTo("LC_ALL=C.utf8\n");
    }

    private String run(Map<String, String> locale) throws Exception {
        return run(locale, List.of("bash", folder.resolve("bncnn").toString()), List.of("data"));
    }

    private String run(Map<String, String> variables, List<String> launcher, List<String> arguments) throws Exception {
        File said = folder.resolve("said").toFile();
        List<String> command = new ArrayList<>(launcher);
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said);
        Map<String, String> environment = builder.environment();
        environment
                .keySet()
                .removeIf(
                        name -> name.matches("LC_.*|LANG|JAVA_HOME|GOMP_.*|OMP_.*|DJL_.*|BNCNN_.*|JDK_.*|JAVA_TOOL.*"));
        environment.putAll(variables);
        environment.put("PATH", folder.resolve("bin") + File.pathSeparator + environment.get("PATH"));
        builder.start().waitFor();
        return Files.readString(said.toPath());
    }
}
