package org.bncnn.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The content of a model file, and whether it is safe to load, by this program or by DL4J's own reader.
 *
 * @param file the path of the file
 * @param refusal why it is not safe or not a model; null if it is both. Reading stopped there
 * @param entries of the zip; empty if it is not a whole zip
 * @param layers of the network; empty if the configuration was refused
 * @param needed classes of this program that a reader needs; DL4J loads the file alone if there are none
 * @param inputShape channels, height and width of the images it takes; null if the file does not say
 * @param normalizer of its input; null if there is none
 * @param description what else the file says; null if it says nothing
 */
public record ModelInspection(
        String file,
        String refusal,
        List<Entry> entries,
        List<Layer> layers,
        List<String> needed,
        List<Integer> inputShape,
        String normalizer,
        ModelDescription description) {
    /**
     * An entry of the zip, read in full and its checksum compared.
     *
     * @param name of the entry
     * @param bytes unpacked
     * @param packedBytes bytes in the file
     * @param sha256 of the unpacked content, in hexadecimal
     */
    public record Entry(String name, long bytes, long packedBytes, String sha256) {}

    /**
     * A layer as the configuration has it.
     *
     * @param name of the layer
     * @param type the class that DL4J makes an object of
     * @param parameters the number of its parameters
     * @param updater of its parameters; null if it has none
     */
    public record Layer(String name, String type, long parameters, String updater) {}

    /** Copies the lists. */
    public ModelInspection {
        entries = List.copyOf(entries);
        layers = List.copyOf(layers);
        needed = List.copyOf(needed);
        inputShape = inputShape == null ? null : List.copyOf(inputShape);
    }

    /** {@return whether it is safe to load} */
    public boolean isSafe() {
        return refusal == null;
    }

    /**
     * {@return the content of a file}; nothing in it is run
     *
     * @param file to read
     */
    public static ModelInspection of(Path file) {
        ModelReader reader = new ModelReader(file, Set.of());
        try {
            reader.read();
            return reader.inspection(null);
        } catch (ModelFileException e) {
            return reader.inspection(e.getMessage());
        }
    }
}
