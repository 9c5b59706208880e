package org.bncnn.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Finds one of several choices by its documented name: lower case with hyphens. Upper case and underscores are accepted
 * too.
 *
 * @param all the choices
 * @param name gives the documented name of a choice
 */
record Choice<T>(List<T> all, Function<T, String> name) implements ITypeConverter<T> {
    /** The constants of an enum, whose {@code toString} is the documented name. */
    Choice(Class<T> type) {
        this(List.of(type.getEnumConstants()), Object::toString);
    }

    @Override
    public T convert(String given) {
        String wanted = given.toLowerCase(Locale.ROOT).replace('_', '-');
        List<String> names = all.stream().map(name).toList();
        if (names.contains(wanted)) {
            return all.get(names.indexOf(wanted));
        }
        throw new TypeConversionException("expected one of " + String.join(", ", names) + ", not '" + given + "'"
                + near(wanted, names).orElse(""));
    }

    /** {@return the end of an error line that suggests a name}, if one is near what was given */
    static Optional<String> near(String given, List<String> names) {
        return names.stream().filter(each -> isNear(each, given)).findFirst().map(Choice::meant);
    }

    /** {@return the end of an error line that suggests a name} */
    static String meant(String name) {
        return "; did you mean " + name + "?";
    }

    /** {@return whether two names are the same but for one or two neighbouring characters} */
    private static boolean isNear(String name, String other) {
        int shorter = Math.min(name.length(), other.length());
        int start = 0;
        while (start < shorter && name.charAt(start) == other.charAt(start)) {
            start++;
        }
        int end = 0;
        while (start + end < shorter
                && name.charAt(name.length() - 1 - end) == other.charAt(other.length() - 1 - end)) {
            end++;
        }
        return Math.max(name.length(), other.length()) - start - end <= 2;
    }
}
