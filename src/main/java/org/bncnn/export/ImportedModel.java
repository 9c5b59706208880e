package org.bncnn.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.data.FashionMnist;
import org.bncnn.data.ImagePreparation;
import org.bncnn.data.Inversion;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A model whose weights PyTorch trained, from a file of {@code torch.save} or {@code safetensors.torch.save_file}.
 *
 * <p>Its provenance has the file's name, SHA-256 and metadata. It has no evaluation and no updater state: further
 * training starts slowly.
 *
 * @param model the model
 * @param notes the changes to the file's names and values, a line each
 */
public record ImportedModel(ModelFile model, List<String> notes) {
    /** Copies the lists. */
    public ImportedModel {
        notes = List.copyOf(notes);
    }

    /**
     * {@return the reference CNN for Fashion-MNIST with the weights of a file}
     *
     * @param weights a file that {@link StateDict#read} takes
     * @param norm the batch normalization; null for DL4J's layer if the file has any, and none otherwise
     * @param strict as in {@link StateDict#copyTo(MultiLayerNetwork, boolean)}
     * @throws IOException if the file cannot be read, is refused or does not fit; the message names file and tensor
     */
    public static ImportedModel reference(Path weights, Norm norm, boolean strict) throws IOException {
        StateDict read = StateDict.read(weights);
        boolean normalized = isNormalized(read);
        Norm chosen = norm != null ? norm : normalized ? Norm.BUILTIN : Norm.NONE;
        String what = "the reference CNN with norm " + chosen;
        if (chosen == Norm.NONE && normalized) {
            throw new ModelFileException(weights + ": does not fit " + what + ": it has batch normalization", null);
        }
        InputType input = InputType.convolutional(FashionMnist.SIDE, FashionMnist.SIDE, 1);
        MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                chosen, (InputTypeConvolutional) input, FashionMnist.CLASS_NAMES.size(), Recipe.REFERENCE));
        ModelDescription description = new ModelDescription(
                FashionMnist.CLASS_NAMES,
                List.of(1, FashionMnist.SIDE, FashionMnist.SIDE),
                JsonFile.tree(ImagePreparation.with(Inversion.LIGHT_BORDER)),
                provenance(weights, read, chosen.toString()),
                null,
                null);
        ModelFile model = new ModelFile(network, ReferenceCnn.normalizer(), description);
        // As training leaves them: DL4J loads them alone where it can.
        ModelFile usual = chosen == Norm.CUSTOM ? model : PortableModel.of(model);
        String advice = "; for another network name a model of it with --like";
        return new ImportedModel(usual, copy(read, weights, usual.network(), what, advice, strict));
    }

    /** A scale of each channel is a vector, which no other layer here calls its weight. */
    private static boolean isNormalized(StateDict read) {
        return read.tensors().entrySet().stream()
                .anyMatch(each -> each.getKey().endsWith(StateDictLayout.RUNNING_MEAN)
                        || each.getKey().endsWith(StateDictLayout.WEIGHT)
                                && each.getValue().rank() == 1);
    }

    /**
     * {@return a model with the layers, settings, normalizer and classes of another and the weights of a file}
     *
     * @param model is not changed
     * @param weights a file that {@link StateDict#read} takes
     * @param strict as in {@link StateDict#copyTo(MultiLayerNetwork, boolean)}
     * @throws IOException if the file cannot be read, is refused or does not fit; the message names file and tensor
     */
    public static ImportedModel like(ModelFile model, Path weights, boolean strict) throws IOException {
        StateDict read = StateDict.read(weights);
        MultiLayerNetwork network = new MultiLayerNetwork(
                model.network().getLayerWiseConfigurations().clone());
        network.init();
        network.setIterationCount(0);
        network.setEpochCount(0);
        List<String> notes = copy(read, weights, network, "the model", "", strict);
        ModelDescription known = model.description();
        if (known != null) {
            String norm = known.provenance() == null
                    ? ""
                    : known.provenance().path(StateDict.NORM).asText();
            known = new ModelDescription(
                    known.classNames(),
                    known.inputShape(),
                    known.preparation(),
                    provenance(weights, read, norm),
                    null,
                    null);
        }
        return new ImportedModel(new ModelFile(network, model.normalizer(), known), notes);
    }

    private static List<String> copy(
            StateDict read, Path weights, MultiLayerNetwork network, String what, String advice, boolean strict)
            throws ModelFileException {
        try {
            return read.copyTo(network, strict);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(weights + ": does not fit " + what + ": " + e.getMessage() + advice, e);
        }
    }

    private static JsonNode provenance(Path weights, StateDict read, String norm) throws IOException {
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put(StateDict.SOURCE, weights.getFileName().toString());
        try (InputStream content = Files.newInputStream(weights)) {
            provenance.put(StateDict.SOURCE_SHA256, DigestUtils.sha256Hex(content));
        }
        if (!norm.isEmpty()) {
            provenance.put(StateDict.NORM, norm);
        }
        provenance.put("metadata", read.metadata());
        return JsonFile.tree(provenance);
    }
}
