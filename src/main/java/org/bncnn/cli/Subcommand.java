package org.bncnn.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.bncnn.store.ModelFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands have: where they write, and how they refuse options that are checked together. */
@Command(mixinStandardHelpOptions = true)
abstract class Subcommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Says that a model has no normalizer. If its application applies one, as usual in DL4J, results are worthless. */
    final void noteMissingNormalizer(Path file, ModelFile model) {
        if (model.normalizer() == null) {
            err().println("bncnn: " + file + ": has no normalizer; pixels go in as they are, 0 to 255");
        }
    }

    /** {@return what ends a command that was called wrongly} */
    final ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /**
     * {@return an object made from the options}
     *
     * @throws ParameterException if making it throws {@link IllegalArgumentException}, with its message; where that
     *     begins with an option's words, such as "batch size", the option is named instead
     */
    final <T> T valid(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), naming(e.getMessage()), e);
        }
    }

    private String naming(String message) {
        return spec.options().stream()
                .map(OptionSpec::longestName)
                .filter(option -> message.startsWith(words(option) + " "))
                .max(Comparator.comparing(String::length))
                .map(option -> option + message.substring(words(option).length()))
                .orElse(message);
    }

    private static String words(String option) {
        return option.replaceFirst("^--", "").replace('-', ' ');
    }

    /** @throws ParameterException if the option is given, but its list is empty, such as that of {@code --norms ,} */
    final void requireSome(String option, Collection<?> values) {
        if (values.isEmpty() && isGiven(option)) {
            throw wrong(option + " must name at least one");
        }
    }

    /**
     * Refuses an option that is given where it has no effect, so that nobody believes it had one.
     *
     * @param why follows "has no effect"
     * @throws ParameterException if the option is given and {@code idle}
     */
    final void refuse(String option, boolean idle, String why) {
        if (idle && isGiven(option)) {
            throw wrong(option + " has no effect " + why);
        }
    }
}
