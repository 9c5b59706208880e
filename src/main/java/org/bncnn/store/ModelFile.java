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
import org.bncnn.store.ModelArchive.Manifest;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * A trained network with the normalizer of its input, in DL4J's own zip format: any DL4J application reads it with
 * {@code MultiLayerNetwork.load} and {@code ModelSerializer.restoreNormalizerFromFile}.
 *
 * @param network with its parameters and, where the file has it, its updater state
 * @param normalizer of its features, pixels 0 to 255; null if there is none
 * @param description what else is known; null if nothing is, as in files of DL4J itself
 */
public record ModelFile(MultiLayerNetwork network, DataNormalization normalizer, ModelDescription description) {
    /** {@return channels, height and width of its images}; empty if neither description nor configuration has them */
    public Optional<List<Integer>> inputShape() {
        return description == null
                ? imageShape(network.getLayerWiseConfigurations())
                : Optional.of(description.inputShape());
    }

    /**
     * {@return channels, height and width of a network's images}, where a preprocessor makes them of vectors before the
     * first layer, as with {@code InputType.convolutionalFlat}; empty otherwise: a convolution takes images of many
     * sizes
     */
    static Optional<List<Integer>> imageShape(MultiLayerConfiguration configuration) {
        return configuration.getInputPreProcess(0) instanceof FeedForwardToCnnPreProcessor toImages
                ? Optional.of(List.of(
                        Math.toIntExact(toImages.getNumChannels()),
                        Math.toIntExact(toImages.getInputHeight()),
                        Math.toIntExact(toImages.getInputWidth())))
                : Optional.empty();
    }

    /**
     * {@return images as the network takes them}: as vectors if it begins with a dense layer, and normalized
     *
     * @param images {@code [N, C, H, W]}, pixels 0 to 255; their values are overwritten if there is a normalizer
     * @throws IllegalArgumentException if the network takes vectors of another length
     */
    public INDArray features(INDArray images) {
        INDArray features = flattened(images);
        if (normalizer != null) {
            normalizer.transform(features);
        }
        return features;
    }

    /** Flattens images where DL4J would put a preprocessor that does so before the first layer, but none is there. */
    private INDArray flattened(INDArray images) {
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        if (configuration.getInputPreProcess(0) != null) {
            return images;
        }
        Layer first = configuration.getConf(0).getLayer();
        InputPreProcessor usual = first.getPreProcessorForInputType(
                InputType.convolutional(images.size(2), images.size(3), images.size(1)));
        if (!(usual instanceof CnnToFeedForwardPreProcessor)) {
            return images;
        }
        long values = images.length() / images.size(0);
        if (first instanceof FeedForwardLayer layer && layer.getNIn() != values) {
            throw new IllegalArgumentException("images of " + images.size(1) + "×" + images.size(2) + "×"
                    + images.size(3) + " have " + values + " values, the network takes " + layer.getNIn());
        }
        return images.reshape(images.size(0), values);
    }

    /**
     * Writes the model, reads the file back, and only then gives it its name, which holds the old content or the new,
     * whatever happens.
     *
     * @param file to write
     * @param updaterState whether the file holds it, to continue training; it is at least as large as the parameters
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

    /** Entry by entry: M2.1's {@code ModelSerializer.writeModel} fails with a normalizer, which closes the stream. */
    private Map<String, String> writeTo(ZipOutputStream zip, boolean updaterState) throws IOException {
        Entries entries = new Entries(zip, new TreeMap<>());
        entries.add(
                ModelSerializer.CONFIGURATION_JSON, ConfigurationFormat.write(network.getLayerWiseConfigurations()));
        if (network.numParams() > 0) {
            entries.add(ModelSerializer.COEFFICIENTS_BIN, network.params());
        } else {
            entries.add(ModelSerializer.NO_PARAMS_MARKER, new byte[0]);
        }
        Updater updater = network.getUpdater(false);
        if (updaterState && updater != null && updater.getStateViewArray() != null) {
            entries.add(ModelSerializer.UPDATER_BIN, updater.getStateViewArray());
        }
        if (normalizer != null) {
            entries.add(ModelSerializer.NORMALIZER_BIN, NormalizerFormat.write(normalizer));
        }
        Map<String, String> written = new TreeMap<>(entries.sha256);
        if (description != null) {
            entries.add(ModelArchive.MANIFEST, JsonFile.bytes(new Manifest(description, written)));
        }
        return written;
    }

    /** Writes an entry's content. */
    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** A zip that is written, and the SHA-256 of each entry's content. */
    private record Entries(ZipOutputStream zip, Map<String, String> sha256) {
        void add(String name, byte[] content) throws IOException {
            add(name, out -> out.write(content));
        }

        void add(String name, INDArray array) throws IOException {
            add(name, out -> ArrayFormat.write(array, new DataOutputStream(out)));
        }

        private void add(String name, Content content) throws IOException {
            MessageDigest digest = DigestUtils.getSha256Digest();
            zip.putNextEntry(new ZipEntry(name));
            content.writeTo(new DigestOutputStream(zip, digest));
            zip.closeEntry();
            sha256.put(name, Hex.encodeHexString(digest.digest()));
        }
    }

    /**
     * {@return the model of a file}, after checking the whole file: nothing in it can run code, exhaust the memory or
     * end the virtual machine.
     *
     * <p>Files of DL4J since 0.5 are read too, with or without updater state and normalizer. Serialized Java objects,
     * which DL4J's own reader would bring to life, classes other than DL4J's and ours, damaged, oversized and
     * inconsistent content, and parameters that are not finite are refused. {@code updater.bin} of DL4J 0.4 is a
     * serialized object too, but DL4J no longer reads it: the network is read without it, and the log says so.
     *
     * @param file to read
     * @param alsoAllowed classes of your own that the configuration may name, such as layers
     * @throws ModelFileException if the file is missing or refused; the message names the entry and the reason
     */
    public static ModelFile load(Path file, Class<?>... alsoAllowed) throws ModelFileException {
        return new ModelReader(
                        file, Arrays.stream(alsoAllowed).map(Class::getName).collect(Collectors.toUnmodifiableSet()))
                .read();
    }
}
