package org.bncnn.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Options that are checked together, or by what is made of them. */
final class Usage {
    private Usage() {}

    /**
     * {@return what is made of a command's options}
     *
     * @throws ParameterException if making it throws {@link IllegalArgumentException}, with its message; where that begins with an option's
     *     words, such as "batch size", the option is named instead
     */
    static <T> T valid(CommandSpec command, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), naming(command, e.getMessage()), e);
        }
    }

    private static String naming(CommandSpec command, String message) {
        return command.options().stream()
                .map(OptionSpec::longestName)
                .filter(option -> message.startsWith(words(option) + " "))
                .max(Comparator.comparing(String::length))
                .map(option -> option + message.substring(words(option).length()))
                .orElse(message);
    }

    private static String words(String option) {
        return option.replaceFirst("^--", "").replace('-', ' ');
    }

    /** @throws ParameterException if the option is given, but its list holds nothing, such as that of {@code --norms ,} */
    static void requireSome(CommandSpec command, String option, Collection<?> values) {
        if (values.isEmpty() && isGiven(command, option)) {
            throw new ParameterException(command.commandLine(), option + " must name at least one");
        }
    }

    private static boolean isGiven(CommandSpec command, String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /**
     * Refuses an option that is given where it has no effect, so that nobody believes it had one.
     *
     * @param why follows "has no effect"
     * @throws ParameterException if it is given and {@code idle}
     */
    static void refuse(CommandSpec command, String option, boolean idle, String why) {
        if (idle && isGiven(command, option)) {
            throw new ParameterException(command.commandLine(), option + " has no effect " + why);
        }
    }
}
