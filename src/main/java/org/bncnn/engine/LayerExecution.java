package org.bncnn.engine;

import java.util.Locale;

/**
 * What executes a layer.
 *
 * @param layer that is executed
 * @param by the oneDNN primitive and its implementation, DL4J's class if it is an island, or the layer it is part of
 */
public record LayerExecution(LayerName layer, String by) {
    /** {@return a line of a table} */
    @Override
    public String toString() {
        String name = layer.name() == null ? "" : layer.name();
        return String.format(Locale.ROOT, "%2d  %-10s  %-18s  %s", layer.index(), name, layer.type(), by);
    }
}
