package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bncnn.model.Recipe;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every option of every command gets values that it should refuse, with one line that names it, before any work. */
class HostileOptionsTest {
    private static final Set<Class<?>> INTEGERS = Set.of(int.class, Integer.class, long.class, Long.class);
    private static final Set<Class<?>> NUMBERS = Set.of(double.class, Double.class);

    private static final List<String> HOSTILE_INTEGERS =
            List.of("-2147483648", "-1", "0", "2147483647", "99999999999999999999", "1e308", "1.5", "NaN", "one", "");
    private static final List<String> HOSTILE_NUMBERS =
            List.of("-Infinity", "-1", "-0.0", "0", "1", "2147483647", "1e308", "1e-320", "Infinity", "NaN", "one", "");

    /** In range after all, or so far as can be told without the data. */
    private static final Map<String, Set<String>> IN_RANGE = Map.ofEntries(
            Map.entry("--seed", Set.of("-2147483648", "-1", "0", "2147483647")),
            Map.entry("--batch-size", Set.of("2147483647")),
            Map.entry("--learning-rate", Set.of("1", "2147483647")),
            Map.entry("--momentum", Set.of("-0.0", "0", "1e-320")),
            Map.entry("--weight-decay", Set.of("-0.0", "0", "1", "1e-320", "2147483647")),
            Map.entry("--label-smoothing", Set.of("-0.0", "0", "1e-320")),
            Map.entry("--average-weights", Set.of("-0.0", "0", "1e-320")),
            Map.entry("--erase", Set.of("-0.0", "0", "1", "1e-320")),
            Map.entry("--shift", Set.of("0", "2147483647")),
            Map.entry("--validation", Set.of("0", "2147483647")),
            Map.entry("--early-stopping", Set.of("0", "2147483647")),
            Map.entry("--checkpoint-every", Set.of("0", "2147483647")),
            Map.entry("--keep-checkpoints", Set.of("2147483647")),
            Map.entry("--ui", Set.of("0")),
            Map.entry("--seconds", Set.of("1", "1e-320")),
            Map.entry("--top", Set.of("2147483647")),
            Map.entry("--shard", Set.of("2147483647")));

    /** What an option takes to be read at all. */
    private static final Map<String, List<String>> COMPANIONS = Map.ofEntries(
            Map.entry("--early-stopping", List.of("--validation", "10")),
            Map.entry("--workers", List.of("--spark", "local")),
            Map.entry("--worker-batch-size", List.of("--spark", "local")),
            Map.entry("--average-every", List.of("--spark", "local")));

    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeAFile() throws IOException {
        Files.writeString(folder.resolve("file"), "");
    }

    /** An option with a value. */
    record Given(String command, OptionSpec option, String value) {
        @Override
        public String toString() {
            return command + " " + option.longestName() + " '" + value + "'";
        }

        Called call() {
            return Called.of(arguments().toArray(String[]::new));
        }

        private List<String> arguments() {
            String name = option.longestName();
            List<String> call = new ArrayList<>(List.of(command));
            switch (command) {
                case "evaluate", "inspect", "report", "export", "import" -> call.add(none());
                case "predict" -> call.addAll(List.of(none(), none()));
                default -> {}
            }
            if (takes("--data") && !name.equals("--data") && !name.equals("--resume")) {
                call.addAll(List.of("--data", none()));
            }
            if (!name.equals("--out") && (Set.of("import", "export").contains(command) || name.equals("--shard"))) {
                call.addAll(List.of("--out", folder.resolve("new") + ""));
            }
            if (command.equals("export") && name.equals("--input-shape")) {
                call.add("--onnx");
            }
            call.addAll(COMPANIONS.getOrDefault(name, List.of()));
            call.addAll(List.of(name, value));
            return call;
        }

        private boolean takes(String name) {
            return option.command().findOption(name) != null;
        }
    }

    private static String none() {
        return folder.resolve("none").toString();
    }

    private static Stream<Given> options() {
        return Main.commandLine(new Main()).getSubcommands().entrySet().stream()
                .flatMap(command -> command.getValue().getCommandSpec().options().stream()
                        .filter(option -> option.arity().max() > 0)
                        .map(option -> new Given(command.getKey(), option, null)));
    }

    private static Stream<Given> with(Given given, List<String> values) {
        return values.stream().map(value -> new Given(given.command, given.option, value));
    }

    private static Class<?> type(OptionSpec option) {
        return option.auxiliaryTypes()[0];
    }

    @Test
    void everyOptionIsOfAKindThatIsTested() {
        assertThat(options().filter(given -> given.option.command().name().equals("train")))
                .hasSizeGreaterThan(20);
        assertThat(options())
                .allSatisfy(given -> assertThat(INTEGERS.contains(type(given.option))
                                || NUMBERS.contains(type(given.option))
                                || type(given.option).isEnum()
                                || type(given.option) == Path.class
                                || NAMES.contains(given.option.longestName())
                                || given.option.longestName().equals("--data"))
                        .as(given.toString())
                        .isTrue());
    }

    private static Stream<Given> numbers() {
        return Stream.concat(
                options()
                        .filter(given -> INTEGERS.contains(type(given.option)))
                        .flatMap(given -> with(given, HOSTILE_INTEGERS)),
                options()
                        .filter(given -> NUMBERS.contains(type(given.option)))
                        .flatMap(given -> with(given, HOSTILE_NUMBERS)));
    }

    @ParameterizedTest
    @MethodSource
    void numbers(Given given) {
        Called called = given.call();
        if (IN_RANGE.getOrDefault(given.option.longestName(), Set.of()).contains(given.value)) {
            assertThat(called.err().lines()).singleElement().asString().contains(none());
            assertThat(called.exitCode()).isEqualTo(1);
        } else {
            assertThatItIsRefused(given, called);
        }
    }

    /** The documented names of an option that is a choice; none for other options. */
    private static List<String> choicesOf(OptionSpec option) {
        return type(option).isEnum() || option.longestName().equals("--recipe")
                ? StreamSupport.stream(option.completionCandidates().spliterator(), false)
                        .toList()
                : List.of();
    }

    private static Stream<Given> eachChoice() {
        return options().flatMap(given -> with(given, choicesOf(given.option)));
    }

    /** In lower case with hyphens, as documented, and in any other case. */
    @ParameterizedTest
    @MethodSource
    void eachChoice(Given given) {
        assertThat(given.value).matches("[a-z0-9]+(-[a-z0-9]+)*");
        String upper = given.value.toUpperCase(Locale.ROOT);
        for (String spelling : List.of(given.value, upper, upper.replace('-', '_'))) {
            CommandLine program = Main.commandLine(new Main());
            program.parseArgs(
                    new Given(given.command, given.option, spelling).arguments().toArray(String[]::new));
            Object chosen = program.getSubcommands()
                    .get(given.command)
                    .getCommandSpec()
                    .findOption(given.option.longestName())
                    .getValue();
            Object one =
                    chosen instanceof Collection<?> several ? several.iterator().next() : chosen;
            assertThat(one instanceof Recipe recipe ? recipe.name() : one.toString())
                    .isEqualTo(given.value);
        }
    }

    @ParameterizedTest
    @MethodSource("eachChoice")
    void aNearMissIsSaidToBeOne(Given given) {
        String near = given.value.substring(0, given.value.length() - 1);
        Called called = new Given(given.command, given.option, near).call();
        assertThatItIsRefused(given, called);
        assertThat(called.err())
                .contains("expected one of " + String.join(", ", choicesOf(given.option)) + ", not '" + near
                        + "'; did you mean " + given.value + "? (see");
    }

    private static Stream<Given> choices() {
        return options()
                .filter(given -> !choicesOf(given.option).isEmpty())
                .flatMap(given -> with(given, List.of("wrong", "", ",", "one_wrong")));
    }

    @ParameterizedTest
    @MethodSource
    void choices(Given given) {
        Called called = given.call();
        assertThatItIsRefused(given, called);
        if (!given.value.equals(",")) {
            assertThat(called.err())
                    .contains("expected one of " + String.join(", ", choicesOf(given.option)) + ", not '" + given.value
                            + "'")
                    .doesNotContain("did you mean");
        }
    }

    private static final Set<String> NAMES = Set.of("--recipe", "--contenders", "--spark");

    private static Stream<Given> names() {
        return options()
                .filter(given -> NAMES.contains(given.option.longestName()))
                .flatMap(given -> with(given, List.of("wrong", ",", "local[0]", "local[99999999999]", "localhost")));
    }

    @ParameterizedTest
    @MethodSource
    void names(Given given) {
        assertThatItIsRefused(given, given.call());
    }

    private static Stream<Given> paths() {
        return options()
                .filter(given -> type(given.option) == Path.class)
                .flatMap(given -> with(given, List.of("file/below", "", "\0")));
    }

    @ParameterizedTest
    @MethodSource
    void paths(Given given) {
        String value =
                given.value.startsWith("file") ? folder.resolve(given.value).toString() : given.value;
        Called called = new Given(given.command, given.option, value).call();
        if (Set.of("--resume", "--like").contains(given.option.longestName()) && value.startsWith("/")) {
            assertThat(called.err().lines()).singleElement().asString().contains(value);
            assertThat(called.exitCode()).isEqualTo(1);
        } else {
            assertThatItIsRefused(given, called);
        }
    }

    private static Stream<Given> newFiles() {
        return options()
                .filter(given -> Set.of("--json", "--html", "--out").contains(given.option.longestName()))
                .filter(given -> given.option.paramLabel().equals("FILE"))
                .flatMap(given -> with(given, List.of("none/below", "")));
    }

    /** In a folder that does not exist; a folder itself. */
    @ParameterizedTest
    @MethodSource
    void newFiles(Given given) {
        assertThatItIsRefused(given, new Given(given.command, given.option, folder.resolve(given.value) + "").call());
    }

    private static void assertThatItIsRefused(Given given, Called called) {
        assertThat(called.err().lines())
                .singleElement()
                .asString()
                .contains(given.option.longestName())
                .doesNotContain("internal error");
        assertThat(called.out()).isEmpty();
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train --shift 28",
                "train --shift 2147483647",
                "train --validation 2000",
                "train --validation 2147483647"
            })
    void whatOnlyTheDataCanTellIsFoundBeforeTraining(String call) {
        String[] words = call.split(" ");
        Called called = Called.of((call + " --data sample --out " + folder.resolve("run")).split(" "));
        assertThat(called.err().lines().filter(line -> !line.startsWith("a sample of Fashion-MNIST")))
                .singleElement()
                .asString()
                .contains(words[words.length - 2], words[words.length - 1])
                .doesNotContain("internal error");
        assertThat(called.out()).isEmpty();
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(folder.toFile().list()).containsExactly("file");
    }
}
