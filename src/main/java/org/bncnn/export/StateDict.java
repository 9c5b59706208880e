package org.bncnn.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.store.SafetensorsFile;
import org.bncnn.store.UnwritableFileException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The parameters of a network under PyTorch's names and in its shapes, what {@code nn.Module.state_dict()} gives and
 * {@code load_state_dict(strict=True)} takes.
 *
 * <p>A layer's tensors are called as the layer is in DL4J, which names those without a name {@code layer0}, {@code layer1} and so on:
 *
 * <table>
 *   <caption>Tensors of a layer {@code x}</caption>
 *   <tr><th>layer</th><th>tensors</th></tr>
 *   <tr><td>convolution, NCHW</td><td>{@code x.weight} [out, in, H, W], {@code x.bias} [out] if it has one</td></tr>
 *   <tr><td>dense, output</td><td>{@code x.weight} [out, in] (DL4J has [in, out]), {@code x.bias} [out] if it has one</td></tr>
 *   <tr><td>{@code BatchNormalization}, {@link org.bncnn.norm.BatchNorm}</td>
 *       <td>{@code x.weight} γ [C], {@code x.bias} β [C], both unless they are locked to 1 and 0, which is {@code affine=False};
 *       {@code x.running_mean} [C], {@code x.running_var} [C], {@code x.num_batches_tracked} []</td></tr>
 * </table>
 *
 * <p>Layers without parameters have no tensors; one with parameters of any other kind is refused. Both sides flatten images to channel,
 * row, column, so a dense layer behind a convolution needs nothing special. Values are taken over as they are, bit by bit, but for layers that
 * keep log₁₀ of the standard deviation. That holds for the running variance too: PyTorch and {@code BatchNorm} average the unbiased one,
 * DL4J's {@code BatchNormalization} the biased one. {@code num_batches_tracked} is the network's iteration count.
 *
 * <p>What else makes a network, its layers' order, activations, eps and momentum, is in no state_dict.
 */
public final class StateDict {
    /** In the provenance of a model whose weights were imported: the name of the file they came from. */
    static final String SOURCE = "importedFrom";

    /** That file's checksum. */
    static final String SOURCE_SHA256 = "importedSha256";

    static final String NORM = "norm";

    /** What of a model's provenance goes along as metadata, if the model has it. */
    private static final List<String> PROVENANCE = List.of("commit", "dataset", "recipe", NORM, SOURCE, SOURCE_SHA256);

    private static final int MOST_NAMED = 3;

    private final SafetensorsFile file;

    private StateDict(SafetensorsFile file) {
        this.file = file;
    }

    /**
     * {@return the parameters of a network}, copies; {@code DOUBLE} if the network is, {@code FLOAT} otherwise
     *
     * @throws IllegalArgumentException if a layer with parameters has no counterpart in PyTorch or the name of another, or a value is not
     *     finite or a negative variance
     */
    public static StateDict of(MultiLayerNetwork network) {
        return of(network, Map.of());
    }

    /**
     * {@return the parameters of a model's network}, with metadata that tell where they are from: commit, dataset, recipe, norm, accuracy, as far
     * as the model tells
     *
     * @see #of(MultiLayerNetwork)
     */
    public static StateDict of(ModelFile model) {
        return of(model.network(), model.description() == null ? Map.of() : provenance(model.description()));
    }

    private static StateDict of(MultiLayerNetwork network, Map<String, String> provenance) {
        StateDictLayout layout = StateDictLayout.of(network);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (StateDictEntry entry : layout.entries()) {
            tensors.put(entry.name(), entry.tensor());
        }
        for (String count : layout.counts()) {
            tensors.put(count, Nd4j.scalar((long) network.getIterationCount()));
        }
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
        metadata.putAll(provenance);
        return new StateDict(new SafetensorsFile(tensors, metadata));
    }

    private static Map<String, String> provenance(ModelDescription model) {
        Map<String, String> provenance = new LinkedHashMap<>();
        if (model.provenance() != null) {
            for (String key : PROVENANCE) {
                JsonNode value = model.provenance().path(key);
                if (!value.isMissingNode() && !value.isNull()) {
                    provenance.put(key, value.isTextual() ? value.textValue() : value.toString());
                }
            }
        }
        if (model.evaluation() != null && model.evaluation().path("accuracy").isNumber()) {
            provenance.put("accuracy", model.evaluation().path("accuracy").asText());
        }
        return provenance;
    }

    /**
     * {@return what a safetensors file holds}
     *
     * @throws ModelFileException as {@link SafetensorsFile#read} throws it
     */
    public static StateDict read(Path file) throws ModelFileException {
        return new StateDict(SafetensorsFile.read(file));
    }

    /** {@return the tensors by name} */
    public Map<String, INDArray> tensors() {
        return file.tensors();
    }

    /** {@return the texts that go along with them} */
    public Map<String, String> metadata() {
        return file.metadata();
    }

    /**
     * Writes a safetensors file, whole or not at all.
     *
     * @throws UnwritableFileException if it cannot be written
     */
    public void save(Path target) throws IOException {
        file.save(target);
    }

    /**
     * Gives a network these parameters, in its own type of numbers. Every tensor must have its place in the network, and every parameter its
     * tensor; only {@code num_batches_tracked} may be missing. The largest of these becomes the iteration count. The updater's state stays as
     * it is.
     *
     * @throws IllegalArgumentException if something is missing, left over, or of another shape or type, or if the network has no state_dict;
     *     the message names the first such tensor or layer, and the network is as it was
     */
    public void copyTo(MultiLayerNetwork network) {
        StateDictLayout layout = StateDictLayout.of(network);
        checkNames(layout);
        List<INDArray> parameters = new ArrayList<>();
        for (StateDictEntry entry : layout.entries()) {
            parameters.add(entry.parameter(tensors().get(entry.name())));
        }
        int iterations = iterations(layout, network.getIterationCount());
        for (int i = 0; i < parameters.size(); i++) {
            layout.entries().get(i).parameter().assign(parameters.get(i));
        }
        network.setIterationCount(iterations);
    }

    private void checkNames(StateDictLayout layout) {
        Set<String> left = new LinkedHashSet<>(tensors().keySet());
        left.removeAll(layout.names());
        for (StateDictEntry entry : layout.entries()) {
            if (!tensors().containsKey(entry.name())) {
                throw new IllegalArgumentException(
                        entry.name() + " is missing" + (left.isEmpty() ? "" : "; left over: " + some(left)));
            }
        }
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("the network has no place for " + some(left));
        }
    }

    private static String some(Set<String> names) {
        return names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                + (names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "");
    }

    private int iterations(StateDictLayout layout, int before) {
        long most = -1;
        for (String name : layout.counts()) {
            INDArray count = tensors().get(name);
            if (count == null) {
                continue;
            }
            if (count.dataType() != DataType.INT64
                    || count.length() != 1
                    || count.getLong(0) < 0
                    || count.getLong(0) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(name + " is no number of batches");
            }
            most = Math.max(most, count.getLong(0));
        }
        return most < 0 ? before : (int) most;
    }
}
