package org.bncnn.store;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * A trained network with the normalizer of its input, in DL4J's own zip format: any DL4J application reads it with
 * {@code MultiLayerNetwork.load} and {@code ModelSerializer.restoreNormalizerFromFile}.
 *
 * @param network with its parameters and, where the file has it, its updater state
 * @param normalizer to apply to features, pixels 0 to 255, before they go into the network; null if there is none
 * @param description what else is known of it; null if nothing is, as in files that DL4J wrote by itself
 */
public record ModelFile(MultiLayerNetwork network, DataNormalization normalizer, ModelDescription description) {
    /** {@return channels, height and width of the images it takes}, as its description or else its configuration has them; empty if neither does */
    public Optional<List<Integer>> inputShape() {
        return description == null
                ? NetworkInput.imageShape(network.getLayerWiseConfigurations())
                : Optional.of(description.inputShape());
    }

    /**
     * {@return images as the network takes them}: as vectors if it begins with a dense layer, and normalized
     *
     * @param images {@code [N, C, H, W]}, pixels 0 to 255; their values are overwritten if there is a normalizer
     * @throws IllegalArgumentException if the network takes vectors of another length
     */
    public INDArray features(INDArray images) {
        INDArray features = NetworkInput.flattened(network.getLayerWiseConfigurations(), images);
        if (normalizer != null) {
            normalizer.transform(features);
        }
        return features;
    }

    /** Writes content of an entry. */
    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes the model, reads the file back, and only then gives it its name: that holds the old content or the new, whatever happens.
     *
     * @param updaterState whether the file is to hold it, for training on; it is as large as the parameters, or larger
     * @throws UnwritableFileException if it cannot be written
     */
    public void save(Path file, boolean updaterState) throws IOException {
        AtomicFile.write(file, temporary -> {
            Map<String, String> written;
            try (ZipOutputStream zip =
                    new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)))) {
                written = writeTo(zip, updaterState);
            }
            try (ModelArchive archive = ModelArchive.open(temporary)) {
                if (!archive.sha256ByName().equals(written)) {
                    throw new IOException("what was read back is not what was written");
                }
            }
        });
    }

    /** Entry by entry: M2.1's {@code ModelSerializer.writeModel} fails when given a normalizer, whose serializer closes the stream. */
    private Map<String, String> writeTo(ZipOutputStream zip, boolean updaterState) throws IOException {
        Map<String, String> sha256 = new TreeMap<>();
        byte[] configuration = ConfigurationFormat.write(network.getLayerWiseConfigurations());
        sha256.put(
                ModelSerializer.CONFIGURATION_JSON,
                write(zip, ModelSerializer.CONFIGURATION_JSON, out -> out.write(configuration)));
        if (network.numParams() > 0) {
            sha256.put(
                    ModelSerializer.COEFFICIENTS_BIN, write(zip, ModelSerializer.COEFFICIENTS_BIN, network.params()));
        } else {
            sha256.put(ModelSerializer.NO_PARAMS_MARKER, write(zip, ModelSerializer.NO_PARAMS_MARKER, out -> {}));
        }
        Updater updater = network.getUpdater(false);
        if (updaterState && updater != null && updater.getStateViewArray() != null) {
            sha256.put(
                    ModelSerializer.UPDATER_BIN, write(zip, ModelSerializer.UPDATER_BIN, updater.getStateViewArray()));
        }
        if (normalizer != null) {
            byte[] bytes = NormalizerFormat.write(normalizer);
            sha256.put(
                    ModelSerializer.NORMALIZER_BIN,
                    write(zip, ModelSerializer.NORMALIZER_BIN, out -> out.write(bytes)));
        }
        if (description != null) {
            byte[] manifest = JsonFile.bytes(new Manifest(description, sha256));
            write(zip, ModelArchive.MANIFEST, out -> out.write(manifest));
        }
        return sha256;
    }

    private static String write(ZipOutputStream zip, String entry, INDArray array) throws IOException {
        return write(zip, entry, out -> ArrayFormat.write(array, new DataOutputStream(out)));
    }

    /** {@return the content's SHA-256} */
    private static String write(ZipOutputStream zip, String entry, Content content) throws IOException {
        MessageDigest digest = DigestUtils.getSha256Digest();
        zip.putNextEntry(new ZipEntry(entry));
        content.writeTo(new DigestOutputStream(zip, digest));
        zip.closeEntry();
        return Hex.encodeHexString(digest.digest());
    }

    /**
     * Reads a model, after checking all of the file: nothing in it can run code, exhaust the memory or end the virtual machine.
     *
     * <p>Files that DL4J wrote itself are read too, from 0.5 on, with or without updater state and normalizer. Refused are serialized Java
     * objects, which DL4J's own reader would bring to life; other classes than DL4J's and ours; damaged, oversized and inconsistent
     * content; parameters that are not finite. {@code updater.bin} of DL4J 0.4 is a serialized object too, but DL4J does not read it any
     * longer: the network is read without it, and the log says so.
     *
     * @param alsoAllowed classes of your own that the configuration may name, such as layers
     * @throws ModelFileException if the file is missing or refused; the message names the entry and the reason
     */
    public static ModelFile load(Path file, Class<?>... alsoAllowed) throws ModelFileException {
        try (ModelReader reader = new ModelReader(
                file, Arrays.stream(alsoAllowed).map(Class::getName).collect(Collectors.toUnmodifiableSet()))) {
            return reader.read();
        }
    }
}
