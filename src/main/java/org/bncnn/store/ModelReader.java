package org.bncnn.store;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bncnn.norm.Normalization;
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
 * Reads a model file step by step, each step only if those before it found nothing wrong: the zip, our manifest, the
 * configuration, the normalizer and the network.
 */
final class ModelReader {
    private static final Logger log = LoggerFactory.getLogger(ModelReader.class);

    private final Path file;
    private final Set<String> alsoAllowed;

    private List<Entry> entries = List.of();
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
        try (ModelArchive archive = ModelArchive.open(file)) {
            entries = archive.entries();
            description = parse(archive, ModelArchive.MANIFEST, (content, bytes) -> manifest(archive, content))
                    .orElse(null);
            configuration = parse(archive, ModelSerializer.CONFIGURATION_JSON, this::configuration)
                    .orElseThrow(() -> new IOException("it has no entry " + ModelSerializer.CONFIGURATION_JSON));
            checkClasses();
            normalizer = parse(archive, ModelSerializer.NORMALIZER_BIN, NormalizerFormat::read)
                    .orElse(null);
            MultiLayerNetwork network = network(archive);
            if (archive.entry(ModelArchive.SERIALIZED_UPDATER).isPresent()) {
                log.info(
                        "{}: the state of its updater, {}, is a serialized Java object and is left out;"
                                + " further training starts with a fresh updater",
                        file,
                        ModelArchive.SERIALIZED_UPDATER);
            }
            return new ModelFile(network, normalizer, description);
        } catch (IOException | RuntimeException e) {
            throw ModelFileException.refused(file, "a model", e);
        }
    }

    private static ModelDescription manifest(ModelArchive archive, InputStream content) throws IOException {
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

    private MultiLayerNetwork network(ModelArchive archive) throws IOException {
        long expected = configuration.getConfs().stream()
                .mapToLong(conf -> conf.getLayer().initializer().numParams(conf))
                .reduce(0, Math::addExact);
        Optional<INDArray> parameters = parse(archive, ModelSerializer.COEFFICIENTS_BIN, ArrayFormat::read);
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
        checkVariances(network);
        if (example.isPresent()) {
            example.get().run(network);
        }
        Optional<INDArray> state = parse(archive, ModelSerializer.UPDATER_BIN, ArrayFormat::read);
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

    /** Only a damaged or forged file has a running variance that is negative. */
    private static void checkVariances(MultiLayerNetwork network) throws IOException {
        for (var layer : network.getLayers()) {
            var conf = layer.conf().getLayer();
            if (Normalization.is(conf)) {
                var values = Normalization.of(conf).values(layer.paramTable(false));
                double least = Arrays.stream(values.variance()).min().orElse(0);
                if (least < 0) {
                    throw new IOException("layer " + layer.getIndex() + " (" + conf.getLayerName() + ", "
                            + conf.getClass().getSimpleName() + "): its running variance is " + (float) least);
                }
            }
        }
    }

    private static <T> Optional<T> parse(ModelArchive archive, String name, Parser<T> parser) throws IOException {
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
        Optional<MultiLayerConfiguration> known = Optional.ofNullable(configuration);
        return new ModelInspection(
                file.toString(),
                refusal,
                entries,
                known.map(MultiLayerConfiguration::getConfs).orElse(List.of()).stream()
                        .map(ModelReader::layer)
                        .toList(),
                known.map(ConfigurationFormat::ownClasses).orElse(List.of()),
                description == null ? known.flatMap(ModelFile::imageShape).orElse(null) : description.inputShape(),
                normalizer == null ? null : NormalizerFormat.describe(normalizer),
                description);
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
}
