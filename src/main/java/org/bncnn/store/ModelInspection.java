package org.bncnn.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What is in a model file, and whether it is safe to load, by this program or by DL4J's own reader.
 *
 * @param file that was looked at
 * @param refusal why it is not safe or not a model; null if it is both. What comes after it in the file was not looked at then
 * @param entries of the zip; empty if it is no whole zip
 * @param layers of the network; empty if the configuration was refused
 * @param needed classes of this program that a reader needs; DL4J loads the file alone if there are none
 * @param inputShape channels, height and width of the images it takes; null if the file does not say
 * @param normalizer of its input; null if there is none
 * @param description what else the file tells; null if it tells nothing
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
     * @param bytes unpacked
     * @param packedBytes as it is in the file
     * @param sha256 of the unpacked content, in hexadecimal
     */
    public record Entry(String name, long bytes, long packedBytes, String sha256) {}

    /**
     * A layer as the configuration has it.
     *
     * @param type the class that DL4J makes an object of
     * @param updater of its parameters; null if it has none
     */
    public record Layer(String name, String type, long parameters, String updater) {}

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

    /** {@return what is in a file}; nothing that it asks for is done, whatever it holds */
    public static ModelInspection of(Path file) throws ModelFileException {
        try (ModelReader reader = new ModelReader(file, Set.of())) {
            String refusal = null;
            try {
                reader.read();
            } catch (ModelFileException e) {
                refusal = e.getMessage();
            }
            return reader.inspection(refusal);
        }
    }
}
