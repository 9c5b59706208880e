package org.bncnn.cli;

import java.util.Locale;
import org.bncnn.data.Inversion;

/** Values of {@code --invert}: which images are inverted. */
enum Invert {
    AUTO(null),
    NEVER(Inversion.NEVER),
    ALWAYS(Inversion.ALWAYS);

    private final Inversion inversion;

    Invert(Inversion inversion) {
        this.inversion = inversion;
    }

    /** {@return the choice}; null if the dataset or the model makes it */
    Inversion inversion() {
        return inversion;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
