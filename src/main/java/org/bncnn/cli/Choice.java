package org.bncnn.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Finds an enum's constant by its documented name, in lower case with hyphens; its spelling in Java is accepted too.
 *
 * @param type the enum, whose constants' {@code toString} is the documented name
 */
record Choice<E extends Enum<E>>(Class<E> type) implements ITypeConverter<E> {
    @Override
    public E convert(String name) {
        String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
        List<E> all = Arrays.asList(type.getEnumConstants());
        return all.stream()
                .filter(each -> each.toString().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("choose one of "
                        + String.join(", ", all.stream().map(E::toString).toList()) + ", not '" + name + "'"));
    }
}
