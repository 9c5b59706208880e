package org.bncnn.engine;

import java.util.Locale;

/**
 * What runs a layer.
 *
 * @param index of the layer, from 0
 * @param name of the layer
 * @param layer simple name of its configuration's class
 * @param by the oneDNN primitive and its implementation, the class of DL4J's that runs as an island, or the layer it is a part of
 */
public record LayerExecution(int index, String name, String layer, String by) {
    /** {@return a line of a table} */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%2d  %-10s  %-18s  %s", index, name == null ? "" : name, layer, by);
    }
}
