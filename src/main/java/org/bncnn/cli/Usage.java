package org.bncnn.cli;

import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options whose values are checked by what is made of them, and options that make no sense together. */
final class Usage {
    private Usage() {}

    /**
     * {@return what is made of a command's options}
     *
     * @throws ParameterException if making it throws {@link IllegalArgumentException}, with its message
     */
    static <T> T valid(CommandSpec command, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /**
     * Refuses options that would be ignored.
     *
     * @param why what the message says of one that was given
     * @throws ParameterException if one of the options was given
     */
    static void refuse(CommandSpec command, String why, String... options) {
        for (String option : options) {
            if (command.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(command.commandLine(), option + " " + why);
            }
        }
    }
}
