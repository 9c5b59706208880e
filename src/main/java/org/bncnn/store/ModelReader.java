package org.bncnn.store;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bncnn.store.ModelArchive.Manifest;
import org.bncnn.store.ModelInspection.Entry;
import org.bncnn.store.ModelInspection.Layer;
import org.bncnn.text.Printable;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a model file step by step, each step only if those before it found nothing wrong: the zip, our manifest, the configuration, and
 * only then the network.
 */
final class ModelReader implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(ModelReader.class);

    private final Path file;
    private final Set<String> alsoAllowed;

    private ModelArchive archive;
    private ModelDescription description;
    private MultiLayerConfiguration configuration;
    private DataNormalization normalizer;

    /** @param alsoAllowed names of classes that the configuration may name besides DL4J's and ours */
    ModelReader(Path file, Set<String> alsoAllowed) {
        this.file = file;
        this.alsoAllowed = alsoAllowed;
    }

    /** Reads an entry's content. */
    @FunctionalInterface
    private interface Parser<T> {
        T parse(DataInputStream content, long bytes) throws IOException;
    }

    /** @throws ModelFileException if the file is missing or refused */
    ModelFile read() throws ModelFileException {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException(file + ": is not a file; name a model, such as runs/…/model.zip", null);
        }
        try {
            archive = ModelArchive.open(file);
            description = parse(ModelArchive.MANIFEST, this::manifest).orElse(null);
            configuration = parse(ModelSerializer.CONFIGURATION_JSON, this::configuration)
                    .orElseThrow(() -> new IOException("it has no entry " + ModelSerializer.CONFIGURATION_JSON));
            checkClasses();
            normalizer = parse(ModelSerializer.NORMALIZER_BIN, NormalizerFormat::read)
                    .orElse(null);
            MultiLayerNetwork network = network();
            if (archive.entry(ModelArchive.SERIALIZED_UPDATER).isPresent()) {
                log.info(
                        "{}: the state of its updater, {}, is a serialized Java object and is left out; further training starts"
                                + " with a fresh updater",
                        file,
                        ModelArchive.SERIALIZED_UPDATER);
            }
            return new ModelFile(network, normalizer, description);
        } catch (IOException | RuntimeException e) {
            throw ModelFileException.refused(file, "a model", e);
        }
    }

    private ModelDescription manifest(DataInputStream content, long bytes) throws IOException {
        Manifest manifest = JsonFile.parse(new String(content.readAllBytes(), StandardCharsets.UTF_8), Manifest.class);
        archive.check(manifest);
        return manifest.model();
    }

    private MultiLayerConfiguration configuration(DataInputStream content, long bytes) throws IOException {
        return ConfigurationFormat.read(content.readAllBytes(), alsoAllowed);
    }

    private void checkClasses() throws IOException {
        var last = configuration.getConf(configuration.getConfs().size() - 1).getLayer();
        if (description != null
                && last instanceof FeedForwardLayer layer
                && layer.getNOut() != description.classNames().size()) {
            throw new IOException(ModelArchive.MANIFEST + ": names "
                    + description.classNames().size() + " classes, the network has " + layer.getNOut());
        }
    }

    private MultiLayerNetwork network() throws IOException {
        long expected = parameters();
        Optional<INDArray> parameters = parse(ModelSerializer.COEFFICIENTS_BIN, ArrayFormat::read);
        long found = parameters.map(INDArray::length).orElse(0L);
        if (found != expected) {
            throw new IOException("the configuration has " + expected + " parameters, "
                    + ModelSerializer.COEFFICIENTS_BIN + " holds " + found);
        }
        // As DL4J does: before 1.0.0-beta4 the configuration did not have it.
        parameters.ifPresent(array -> configuration.setDataType(array.dataType()));
        Optional<TrialExample> example =
                TrialExample.of(configuration, description == null ? null : description.inputShape());
        if (example.isPresent()) {
            example.get().checkSizes(configuration);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(parameters.map(array -> array.reshape(1, array.length())).orElse(null), false);
        RunningVariance.check(network);
        if (example.isPresent()) {
            example.get().run(network);
        }
        Optional<INDArray> state = parse(ModelSerializer.UPDATER_BIN, ArrayFormat::read);
        if (state.isPresent()) {
            INDArray view = network.getUpdater().getStateViewArray();
            long length = view == null ? 0 : view.length();
            if (state.get().length() != length) {
                throw new IOException("the network's updater has a state of " + length + " values, "
                        + ModelSerializer.UPDATER_BIN + " holds " + state.get().length());
            }
            network.getUpdater().setStateViewArray(network, state.get().reshape(1, length), false);
        }
        return network;
    }

    /** {@return how many parameters the configuration has}, without allocating them */
    private long parameters() {
        long parameters = 0;
        for (NeuralNetConfiguration layer : configuration.getConfs()) {
            parameters =
                    Math.addExact(parameters, layer.getLayer().initializer().numParams(layer));
        }
        return parameters;
    }

    private <T> Optional<T> parse(String name, Parser<T> parser) throws IOException {
        Optional<Entry> entry = archive.entry(name);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        try (DataInputStream content = archive.open(entry.get())) {
            T parsed = parser.parse(content, entry.get().bytes());
            if (content.read() >= 0) {
                throw new IOException("something follows after its end");
            }
            return Optional.of(parsed);
        } catch (IOException | RuntimeException e) {
            throw new IOException(name + ": " + ModelFileException.reason(e), e);
        }
    }

    /** {@return what was found}, as far as {@link #read} came */
    ModelInspection inspection(String refusal) {
        return new ModelInspection(
                file.toString(),
                refusal,
                archive == null ? List.of() : archive.entries(),
                configuration == null
                        ? List.of()
                        : configuration.getConfs().stream()
                                .map(ModelReader::layer)
                                .toList(),
                configuration == null ? List.of() : ConfigurationFormat.ownClasses(configuration),
                inputShape(),
                normalizer == null ? null : NormalizerFormat.describe(normalizer),
                description);
    }

    private List<Integer> inputShape() {
        if (description != null) {
            return description.inputShape();
        }
        return configuration == null
                ? null
                : ModelFile.imageShape(configuration).orElse(null);
    }

    private static Layer layer(NeuralNetConfiguration conf) {
        var layer = conf.getLayer();
        long parameters = layer.initializer().numParams(conf);
        return new Layer(
                Printable.excerpt(String.valueOf(layer.getLayerName())),
                layer.getClass().getName(),
                parameters,
                parameters == 0 || !(layer instanceof BaseLayer base) ? null : String.valueOf(base.getIUpdater()));
    }

    @Override
    public void close() throws ModelFileException {
        if (archive != null) {
            try {
                archive.close();
            } catch (IOException e) {
                throw new ModelFileException(file + ": cannot be closed (" + e.getMessage() + ")", e);
            }
        }
    }
}
