package org.bncnn.model;

import java.util.Locale;
import java.util.Optional;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;

/** Which batch normalization a network has, between each hidden linear map and its activation. */
public enum Norm {
    /** None: the network of the article. */
    NONE,
    /** DL4J's own {@link BatchNormalization}. */
    BUILTIN,
    /** Our own {@link BatchNorm}. */
    CUSTOM;

    /**
     * {@return the layer, with PyTorch's settings; empty for {@link #NONE}}
     *
     * @param name the layer's name
     */
    public Optional<Layer> layer(String name) {
        return switch (this) {
            case NONE -> Optional.empty();
            case BUILTIN ->
                Optional.of(new BatchNormalization.Builder()
                        .name(name)
                        .decay(ReferenceCnn.BN_DECAY)
                        .eps(ReferenceCnn.BN_EPS)
                        .useLogStd(false)
                        .build());
            case CUSTOM ->
                Optional.of(new BatchNorm.Builder()
                        .name(name)
                        .decay(ReferenceCnn.BN_DECAY)
                        .eps(ReferenceCnn.BN_EPS)
                        .build());
        };
    }

    /** {@return the name used on the command line and in files} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
