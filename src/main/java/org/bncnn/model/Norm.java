package org.bncnn.model;

import java.util.Locale;

/** Which batch normalization a network has, between each hidden linear map and its activation. */
public enum Norm {
    /** None: the network of the article. */
    NONE,
    /** DL4J's own {@link org.deeplearning4j.nn.conf.layers.BatchNormalization}. */
    BUILTIN,
    /** Our own {@link org.bncnn.norm.BatchNorm}. */
    CUSTOM;

    /** {@return the name used on the command line and in files} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
