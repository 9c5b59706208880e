package org.bncnn.export.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.bncnn.export.NotExportableException;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** What an ONNX file says about a model besides its graph. */
final class Metadata {
    private static final JsonNode NOTHING = MissingNode.getInstance();

    private Metadata() {}

    /**
     * The normalizer: {@code (pixel − offset)·scale} for each channel.
     *
     * @param inside whether the graph does it; otherwise whoever runs the graph has to
     * @param offset null if it is none of those whose formula is known
     * @param scale null likewise
     */
    record Normalizer(String type, boolean inside, float[] offset, float[] scale) {
        static Normalizer of(DataNormalization normalizer, boolean inside, long... input) {
            String type = normalizer.getClass().getSimpleName();
            try {
                PixelScaling scaling = PixelScaling.of(normalizer, input);
                return new Normalizer(type, inside, scaling.offset(), scaling.scale());
            } catch (NotExportableException e) {
                return new Normalizer(type, inside, null, null);
            }
        }
    }

    /** {@return what is known, by its name}; values that are no text are JSON */
    static Map<String, String> of(ModelFile model, boolean withNormalizer, long... input) {
        Map<String, String> metadata = new LinkedHashMap<>();
        put(metadata, "input_shape", JsonFile.tree(LongStream.of(input).skip(1).toArray()));
        if (model.normalizer() != null) {
            put(metadata, "normalizer", JsonFile.tree(Normalizer.of(model.normalizer(), withNormalizer, input)));
        }
        ModelDescription description = model.description();
        if (description != null) {
            put(metadata, "image_preparation", orNothing(description.preparation()));
            put(metadata, "class_names", JsonFile.tree(description.classNames()));
            JsonNode provenance = orNothing(description.provenance());
            put(metadata, "commit", provenance.path("commit"));
            put(metadata, "norm", provenance.path("norm"));
            put(metadata, "recipe", provenance.path("recipe"));
            put(metadata, "dataset", provenance.path("dataset"));
            put(metadata, "dataset_sha256", provenance.path("datasetSha256"));
            put(metadata, "accuracy", orNothing(description.evaluation()).path("accuracy"));
        }
        return metadata;
    }

    private static void put(Map<String, String> metadata, String key, JsonNode value) {
        if (!value.isMissingNode() && !value.isNull()) {
            metadata.put(key, value.isTextual() ? value.asText() : value.toString());
        }
    }

    /** {@return a sentence for people}; empty if nothing is known */
    static String docString(ModelDescription description) {
        JsonNode dataset = description == null
                ? NOTHING
                : orNothing(description.provenance()).path("dataset");
        if (!dataset.isTextual()) {
            return "";
        }
        JsonNode accuracy = orNothing(description.evaluation()).path("accuracy");
        String measured = accuracy.isNumber()
                ? String.format(Locale.ROOT, ", %.2f %% accurate on its test images", 100 * accuracy.asDouble())
                : "";
        return "Trained on " + dataset.asText() + measured + ".";
    }

    private static JsonNode orNothing(JsonNode node) {
        return node == null ? NOTHING : node;
    }
}
