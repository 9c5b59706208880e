package org.bncnn.cli;

import java.util.Locale;
import org.bncnn.data.Inversion;

/** Which images {@code --invert} has inverted. */
enum Invert {
    AUTO(null),
    NEVER(Inversion.NEVER),
    ALWAYS(Inversion.ALWAYS);

    private final Inversion inversion;

    Invert(Inversion inversion) {
        this.inversion = inversion;
    }

    /** {@return what was chosen}; null if the dataset or the model says it */
    Inversion inversion() {
        return inversion;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
