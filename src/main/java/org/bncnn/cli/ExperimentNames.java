package org.bncnn.cli;

import java.util.Arrays;
import java.util.Iterator;
import org.bncnn.experiment.Experiment;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The experiments' names as the command line has them, with hyphens. */
final class ExperimentNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(Experiment.values()).map(Experiment::toString).iterator();
    }

    /** Makes an experiment of its name. */
    static final class Converter implements ITypeConverter<Experiment> {
        @Override
        public Experiment convert(String name) {
            return Experiment.named(name)
                    .orElseThrow(() -> new TypeConversionException(
                            "expected one of " + String.join(", ", new ExperimentNames()) + " but was '" + name + "'"));
        }
    }
}
