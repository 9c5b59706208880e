package org.bncnn.export;

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
 * A model whose weights were trained in PyTorch and written by {@code torch.save} or {@code safetensors.torch.save_file}.
 *
 * <p>Its provenance has the file's name, SHA-256 and metadata. It has not been measured, and has no updater state: training on starts slowly.
 *
 * @param notes what was done to the file's names and values, a line each
 */
public record ImportedModel(ModelFile model, List<String> notes) {
    public ImportedModel {
        notes = List.copyOf(notes);
    }

    /**
     * {@return the reference CNN for Fashion-MNIST}, without batch normalization if the file has none, with DL4J's own layer otherwise
     *
     * @param weights a file that {@link StateDict#read} takes
     * @param strict as in {@link StateDict#copyTo(MultiLayerNetwork, boolean)}
     * @throws IOException if the file cannot be read, is refused or does not fit; the message names the file and the tensor
     */
    public static ImportedModel reference(Path weights, boolean strict) throws IOException {
        StateDict read = StateDict.read(weights);
        return reference(weights, read, isNormalized(read) ? Norm.BUILTIN : Norm.NONE, strict);
    }

    /**
     * {@return the reference CNN for Fashion-MNIST with a batch normalization of one's choice}
     *
     * @see #reference(Path, boolean)
     */
    public static ImportedModel reference(Path weights, Norm norm, boolean strict) throws IOException {
        return reference(weights, StateDict.read(weights), norm, strict);
    }

    /** A scale of each channel is a vector, which no other layer here calls its weight. */
    private static boolean isNormalized(StateDict read) {
        return read.tensors().entrySet().stream()
                .anyMatch(each -> each.getKey().endsWith(StateDictLayout.RUNNING_MEAN)
                        || each.getKey().endsWith(StateDictLayout.WEIGHT)
                                && each.getValue().rank() == 1);
    }

    private static ImportedModel reference(Path weights, StateDict read, Norm norm, boolean strict) throws IOException {
        String what = "the reference CNN with norm " + norm;
        if (norm == Norm.NONE && isNormalized(read)) {
            throw new ModelFileException(weights + ": does not fit " + what + ": it has batch normalization", null);
        }
        InputType input = InputType.convolutional(FashionMnist.SIDE, FashionMnist.SIDE, 1);
        MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) input, FashionMnist.CLASS_NAMES.size(), Recipe.REFERENCE));
        ModelDescription description = new ModelDescription(
                FashionMnist.CLASS_NAMES,
                List.of(1, FashionMnist.SIDE, FashionMnist.SIDE),
                JsonFile.tree(ImagePreparation.with(Inversion.LIGHT_BORDER)),
                JsonFile.tree(provenance(weights, read, norm.toString())),
                null,
                null);
        ModelFile model = new ModelFile(network, ReferenceCnn.normalizer(), description);
        // Like those that train leaves: DL4J loads them alone where it can.
        ModelFile usual = norm == Norm.CUSTOM ? model : PortableModel.of(model);
        List<String> notes = copy(
                read, weights, usual.network(), what, "; for another network name a model of it with --like", strict);
        return new ImportedModel(usual, notes);
    }

    /**
     * {@return a model with the layers, settings, normalizer and classes of another and the weights of a file}
     *
     * @param model is not changed
     * @param weights a file that {@link StateDict#read} takes
     * @param strict as in {@link StateDict#copyTo(MultiLayerNetwork, boolean)}
     * @throws IOException if the file cannot be read, is refused or does not fit; the message names the file and the tensor
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
        return new ImportedModel(
                new ModelFile(network, model.normalizer(), known == null ? null : described(known, weights, read)),
                notes);
    }

    private static ModelDescription described(ModelDescription known, Path weights, StateDict read) throws IOException {
        String norm = known.provenance() == null
                ? ""
                : known.provenance().path(StateDict.NORM).asText();
        return new ModelDescription(
                known.classNames(),
                known.inputShape(),
                known.preparation(),
                JsonFile.tree(provenance(weights, read, norm)),
                null,
                null);
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

    private static Map<String, Object> provenance(Path weights, StateDict read, String norm) throws IOException {
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put(StateDict.SOURCE, weights.getFileName().toString());
        try (InputStream content = Files.newInputStream(weights)) {
            provenance.put(StateDict.SOURCE_SHA256, DigestUtils.sha256Hex(content));
        }
        if (!norm.isEmpty()) {
            provenance.put(StateDict.NORM, norm);
        }
        provenance.put("metadata", read.metadata());
        return provenance;
    }
}
