package org.bncnn.store;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializer;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained network with the normalizer of its input, in DL4J's own zip format: any DL4J application reads it with
 * {@code MultiLayerNetwork.load} and {@code ModelSerializer.restoreNormalizerFromFile}.
 *
 * @param network with its parameters and, where the file has it, its updater state
 * @param normalizer to apply to features, pixels 0 to 255, before they go into the network
 */
public record ModelFile(MultiLayerNetwork network, DataNormalization normalizer) {
    /**
     * What DL4J M2.1 writes. Its reader would also run Java deserialization on a {@code preprocessor.bin}, and with it whatever code
     * the file asks for, so a file with any other entry is refused.
     */
    private static final Set<String> ENTRIES = Set.of(
            ModelSerializer.CONFIGURATION_JSON,
            ModelSerializer.COEFFICIENTS_BIN,
            ModelSerializer.NO_PARAMS_MARKER,
            ModelSerializer.UPDATER_BIN,
            ModelSerializer.NORMALIZER_BIN);

    /**
     * Writes the network, its updater state and the normalizer, whole or not at all.
     *
     * <p>Entry by entry, because M2.1's {@code ModelSerializer.writeModel} fails as soon as it is given a normalizer: it flushes a
     * stream that the normalizer's serializer has closed.
     *
     * @throws UnwritableFileException if it cannot be written
     */
    public void save(Path file) throws IOException {
        AtomicFile.write(file, temporary -> {
            try (ZipOutputStream zip =
                    new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)))) {
                writeTo(zip);
            }
        });
    }

    private void writeTo(ZipOutputStream zip) throws IOException {
        zip.putNextEntry(new ZipEntry(ModelSerializer.CONFIGURATION_JSON));
        zip.write(network.getLayerWiseConfigurations().toJson().getBytes(StandardCharsets.UTF_8));
        writeArray(zip, ModelSerializer.COEFFICIENTS_BIN, network.params());
        INDArray updaterState = network.getUpdater().getStateViewArray();
        if (updaterState != null) {
            writeArray(zip, ModelSerializer.UPDATER_BIN, updaterState);
        }
        zip.putNextEntry(new ZipEntry(ModelSerializer.NORMALIZER_BIN));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        NormalizerSerializer.getDefault().write(normalizer, bytes);
        bytes.writeTo(zip);
    }

    private static void writeArray(ZipOutputStream zip, String entry, INDArray array) throws IOException {
        zip.putNextEntry(new ZipEntry(entry));
        DataOutputStream data = new DataOutputStream(zip);
        Nd4j.write(array, data);
        data.flush();
    }

    /**
     * Reads a network and its normalizer.
     *
     * @throws ModelFileException if the file is missing, is not a DL4J model with a normalizer, or holds anything else
     */
    public static ModelFile load(Path file) throws ModelFileException {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException(file + ": is not a file; name a model, such as runs/…/model.zip", null);
        }
        try {
            refuseForeignEntries(file);
            var model = ModelSerializer.restoreMultiLayerNetworkAndNormalizer(file.toFile(), true);
            if (!(model.getSecond() instanceof DataNormalization normalizer)) {
                throw new IOException("it has no normalizer for images");
            }
            return new ModelFile(model.getFirst(), normalizer);
        } catch (IOException | RuntimeException e) {
            throw new ModelFileException(file + ": is not a model this program can load (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Walks the entries one after the other, as DL4J does. The zip's own directory may list others, but stands at the end, so that a
     * file that was cut short has none.
     */
    private static void refuseForeignEntries(Path file) throws IOException {
        try (ZipFile directory = new ZipFile(file.toFile());
                ZipInputStream zip = new ZipInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (directory.size() == 0) {
                throw new IOException("it is empty");
            }
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!ENTRIES.contains(entry.getName())) {
                    throw new IOException("it holds the entry " + entry.getName() + ", which no DL4J model has");
                }
            }
        }
    }
}
