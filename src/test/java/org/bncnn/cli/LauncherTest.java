package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code bncnn}, in a checkout that is built already, with a Java that says what it was given. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeCheckout() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("bncnn")));
        Files.copy(Path.of("bncnn"), folder.resolve("bncnn"));
        Files.createDirectories(folder.resolve("src/main"));
        Files.createFile(folder.resolve("pom.xml"));
        Path built = Files.createDirectories(folder.resolve("target")).resolve("classpath");
        Files.setLastModifiedTime(Files.createFile(built), FileTime.fromMillis(System.currentTimeMillis() + 60_000));
        Path bin = Files.createDirectories(folder.resolve("bin"));
        for (String tool : new String[] {"java", "mvn"}) {
            Path script = Files.writeString(bin.resolve(tool), "#!/bin/sh\necho \"LC_ALL=$LC_ALL\"\n");
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        }
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
        File said = folder.resolve("said").toFile();
        ProcessBuilder builder = new ProcessBuilder(
                        "bash", folder.resolve("bncnn").toString(), "data")
                .redirectErrorStream(true)
                .redirectOutput(said);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        environment.putAll(locale);
        environment.remove("JAVA_HOME");
        environment.put("PATH", folder.resolve("bin") + File.pathSeparator + environment.get("PATH"));
        assertThat(builder.start().waitFor()).isZero();
        return Files.readString(said.toPath());
    }
}
