package org.bncnn.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.store.UnwritableFileException;
import org.bncnn.weights.WeightsFile;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The parameters of a network under PyTorch's names and in its shapes, what {@code nn.Module.state_dict()} gives and
 * {@code load_state_dict(strict=True)} takes.
 *
 * <p>A tensor's name begins with its layer's name in DL4J, whose default names are {@code layer0}, {@code layer1} and
 * so on:
 *
 * <table>
 *   <caption>Tensors of a layer {@code x}</caption>
 *   <tr><th>layer</th><th>tensors</th></tr>
 *   <tr><td>convolution, NCHW</td><td>{@code x.weight} [out, in, H, W], {@code x.bias} [out] if it has one</td></tr>
 *   <tr><td>dense, output</td>
 *       <td>{@code x.weight} [out, in] (DL4J has [in, out]), {@code x.bias} [out] if it has one</td></tr>
 *   <tr><td>{@code BatchNormalization}, {@link org.bncnn.norm.BatchNorm}</td>
 *       <td>{@code x.weight} γ [C], {@code x.bias} β [C], both unless they are locked to 1 and 0
 * ({@code affine=False}); {@code x.running_mean} [C], {@code x.running_var} [C], {@code x.num_batches_tracked}
 * []</td></tr>
 * </table>
 *
 * <p>Layers without parameters have no tensors; one with parameters of any other kind is refused. Both sides flatten
 * images to channel, row, column, so a dense layer after a convolution needs nothing special. Values are copied bit by
 * bit, except for layers that keep log₁₀ of the standard deviation; also the running variance, although PyTorch and
 * {@code BatchNorm} average the unbiased one and DL4J's {@code BatchNormalization} the biased one.
 * {@code num_batches_tracked} is the network's iteration count.
 *
 * <p>A state_dict does not hold the rest of a network: its layers' order, activations, eps and momentum.
 */
public final class StateDict {
    /** In the provenance of a model whose weights were imported: the name of the file they came from. */
    static final String SOURCE = "importedFrom";

    /** That file's checksum. */
    static final String SOURCE_SHA256 = "importedSha256";

    static final String NORM = "norm";

    /** The part of a model's provenance that becomes metadata, if the model has it. */
    private static final List<String> PROVENANCE = List.of("commit", "dataset", "recipe", NORM, SOURCE, SOURCE_SHA256);

    private final WeightsFile weights;

    private StateDict(WeightsFile weights) {
        this.weights = weights;
    }

    /**
     * {@return the parameters of a network}, copies; {@code DOUBLE} if the network is, {@code FLOAT} otherwise
     *
     * @param network is not changed
     * @throws NotExportableException if a layer with parameters has no counterpart in PyTorch or the name of another,
     *     or a value is not finite or a negative variance
     */
    public static StateDict of(MultiLayerNetwork network) throws NotExportableException {
        return of(network, Map.of());
    }

    /**
     * {@return the parameters of a model's network}, with the model's commit, dataset, recipe, norm and accuracy as
     * metadata
     *
     * @param model is not changed
     * @throws NotExportableException as {@link #of(MultiLayerNetwork)} throws it
     */
    public static StateDict of(ModelFile model) throws NotExportableException {
        return of(model.network(), model.description() == null ? Map.of() : provenance(model.description()));
    }

    private static StateDict of(MultiLayerNetwork network, Map<String, String> provenance)
            throws NotExportableException {
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
        metadata.putAll(provenance);
        try {
            StateDictLayout layout = StateDictLayout.of(network);
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            layout.entries().forEach(entry -> tensors.put(entry.name(), entry.tensor()));
            layout.counts().forEach(count -> tensors.put(count, Nd4j.scalar((long) network.getIterationCount())));
            return new StateDict(new WeightsFile(tensors, metadata));
        } catch (IllegalArgumentException e) {
            throw new NotExportableException(e.getMessage(), e);
        }
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
     * {@return the state_dict in a file of {@code safetensors.torch.save_file} or {@code torch.save}}
     *
     * @param file to read
     * @throws ModelFileException as {@link WeightsFile#read} throws it
     */
    public static StateDict read(Path file) throws ModelFileException {
        return new StateDict(WeightsFile.read(file));
    }

    /** {@return the tensors by name} */
    public Map<String, INDArray> tensors() {
        return weights.tensors();
    }

    /** {@return the texts beside them} */
    public Map<String, String> metadata() {
        return weights.metadata();
    }

    /**
     * Writes a safetensors file, whole or not at all.
     *
     * @param target the file
     * @throws UnwritableFileException if it cannot be written
     */
    public void save(Path target) throws IOException {
        weights.save(target);
    }

    /**
     * Gives a network these parameters, and refuses tensors that it has no place for.
     *
     * @param network to change
     * @return what was done besides copying, a line each
     * @throws IllegalArgumentException as {@link #copyTo(MultiLayerNetwork, boolean)} throws it
     */
    public List<String> copyTo(MultiLayerNetwork network) {
        return copyTo(network, true);
    }

    /**
     * Gives a network these parameters, in its own type of numbers. Every parameter must have its tensor, except the
     * bias of a convolution, dense or output layer, which becomes 0 ({@code bias=False}). The largest
     * {@code num_batches_tracked}, if there is any, becomes the iteration count. The updater's state does not change.
     *
     * <p>A prefix that all names share, such as {@code module.}, is removed if the network's names do not have it. If
     * no name is one of the network's and all layers are numbers, as in {@code nn.Sequential}, they are matched by
     * position. The bias of a layer directly before batch normalization, where the network has none, is subtracted from
     * the running mean: the outputs are equal, and so is all training, in which the batch's own mean cancels the bias.
     *
     * @param network to change
     * @param strict whether tensors of layers that the network does not have are refused; otherwise they are left out.
     *     Tensors of layers that it has are always refused if there is no place for them
     * @return what was done besides copying, a line each
     * @throws IllegalArgumentException if a tensor is missing, left over, or of another shape or type, or if the
     *     network has no state_dict; the message names the first such tensor or layer, and the network is as it was
     */
    public List<String> copyTo(MultiLayerNetwork network, boolean strict) {
        StateDictLayout layout = StateDictLayout.of(network);
        StateDictMatch match = StateDictMatch.of(layout, tensors());
        try {
            match.requireAll(layout, strict);
            List<INDArray> parameters = layout.entries().stream()
                    .map(entry -> entry.parameter(match.tensors().get(entry.name())))
                    .toList();
            int iterations = iterations(layout, match.tensors(), network.getIterationCount());
            for (int i = 0; i < parameters.size(); i++) {
                layout.entries().get(i).parameter().assign(parameters.get(i));
            }
            network.setIterationCount(iterations);
            return match.notes();
        } catch (IllegalArgumentException e) {
            throw match.byPosition() == null
                    ? e
                    : new IllegalArgumentException(e.getMessage() + "; " + match.byPosition(), e);
        }
    }

    private static int iterations(StateDictLayout layout, Map<String, INDArray> tensors, int before) {
        long most = -1;
        for (String name : layout.counts()) {
            INDArray count = tensors.get(name);
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
