package org.bncnn.store;

import java.io.IOException;
import java.util.Map;
import org.bncnn.text.Printable;

/**
 * The entry of ours in a model file: what the model is, and what the other entries were when it was saved.
 *
 * @param sha256 of each other entry's content in hexadecimal, by its name
 */
record Manifest(ModelDescription model, Map<String, String> sha256) {
    /** @throws IOException if the entries are not those that were saved */
    void check(Map<String, String> found) throws IOException {
        for (String name : sha256.keySet()) {
            if (!found.containsKey(name)) {
                throw new IOException("its entry " + Printable.excerpt(name) + " is missing");
            }
        }
        for (String name : found.keySet()) {
            if (!found.get(name).equals(sha256.get(name))) {
                throw new IOException("its entry " + name + " is not the one that was saved: SHA-256 differs");
            }
        }
    }
}
