package org.bncnn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What each package uses is what the table in ARCHITECTURE.md says: no more, no less, and only further down. */
class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("org.bncnn");

    @Test
    void packagesUseWhatTheTableSays() throws IOException {
        var rows = Files.readAllLines(Path.of("ARCHITECTURE.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.replaceFirst("(\\|[^|]*\\|[^|]*\\|).*", "$1"))
                .toList();
        assertThat(CLASSES.getPackage("org.bncnn").getSubpackagesInTree().stream()
                        .map(ArchitectureTest::row))
                .containsExactlyInAnyOrderElementsOf(rows);
        for (int i = 0; i < rows.size(); i++) {
            String name = rows.get(i).split(" ")[1];
            assertThat(rows.subList(i + 1, rows.size())).noneMatch(row -> row.contains(name));
        }
    }

    private static String row(JavaPackage described) {
        String uses = described.getPackageDependenciesFromThisPackage().stream()
                .map(JavaPackage::getName)
                .filter(name -> name.startsWith("org.bncnn."))
                .sorted()
                .collect(joining("`, `", "`", "`"));
        return ("| `" + described.getName() + "` | " + uses.replace("``", "nothing") + " |").replace("org.bncnn.", "");
    }

    @Test
    void onlyTheCommandLineTalksToTheTerminal() {
        var elsewhere =
                noClasses().that().resideOutsideOfPackage("org.bncnn.cli").should();
        elsewhere
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "org.jline..")
                .check(CLASSES);
        elsewhere.accessField(System.class, "out").check(CLASSES);
        elsewhere.accessField(System.class, "err").check(CLASSES);
        elsewhere.callMethod(System.class, "exit", int.class).check(CLASSES);
    }
}
