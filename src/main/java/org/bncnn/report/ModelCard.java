package org.bncnn.report;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.model.Recipe;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFileException;
import org.bncnn.store.ModelInspection;
import org.bncnn.text.Printable;
import org.bncnn.train.Provenance;

/**
 * A model card, in Markdown: the model's size and input, its accuracy, how it was made, intended use and limits. It
 * stands beside the model's file.
 */
public final class ModelCard {
    /** What a shell needs no quotes for. */
    private static final Pattern PLAIN = Pattern.compile("[\\w.][\\w./+-]*");

    private ModelCard() {}

    /**
     * {@return the card of a model file that this program trained}
     *
     * @param file the model file
     * @param options those of {@code bncnn export} that made the file, for the command that makes it again
     * @throws ModelFileException if the file does not say how it was trained and how well it does on test images
     * @throws IOException if the file cannot be read
     */
    public static String of(Path file, String options) throws IOException {
        ModelInspection found = ModelInspection.of(file);
        if (!found.isSafe()) {
            throw new ModelFileException(found.refusal(), null);
        }
        ModelDescription model = found.description();
        requireTold(file, model);
        Provenance provenance = JsonFile.value(model.provenance(), Provenance.class, file + ": provenance");
        EvaluationResult measured = JsonFile.value(model.evaluation(), EvaluationResult.class, file + ": evaluation");
        byte[] content = Files.readAllBytes(file);
        long parameters = found.layers().stream()
                .mapToLong(ModelInspection.Layer::parameters)
                .sum();
        String needs = found.needed().isEmpty()
                ? "DL4J alone"
                : "DL4J with the jar of bncnn, for " + String.join(", ", found.needed());
        Map<String, ?> view = Map.ofEntries(
                entry("name", file.getFileName()),
                entry("parameters", parameters),
                entry("inputShape", model.inputShape()),
                entry("needs", needs),
                entry("measured", measured),
                entry("bytes", content.length),
                entry("sha256", DigestUtils.sha256Hex(content)),
                entry("provenance", provenance),
                entry("command", command(provenance, file, options)),
                entry("ofFashionMnist", provenance.dataset().equals("Fashion-MNIST")));
        return HtmlTemplate.renderMarkdown("model-card", view);
    }

    /**
     * Makes sure that a model can have a card.
     *
     * @param file the model file
     * @param model its description; null if it has none
     * @throws ModelFileException if the description lacks how the model was trained or how well it does on test images
     */
    public static void requireTold(Path file, ModelDescription model) throws ModelFileException {
        if (model == null || model.provenance() == null || model.evaluation() == null) {
            String reason = "it does not say how it was trained and how well it does on test images";
            throw new ModelFileException(file + ": cannot have a card: " + reason, null);
        }
    }

    private static String command(Provenance made, Path file, String options) {
        Recipe recipe = made.recipe();
        Recipe base = Recipe.named(recipe.name()).orElse(Recipe.REFERENCE);
        String train = "./bncnn train --norm " + argument(made.norm()) + " --engine " + argument(made.engine())
                + " --recipe " + base.name() + " " + recipe.optionsBeyond(base);
        return train.stripTrailing() + " --out run\n./bncnn export run/model.zip" + options + " --card --out "
                + argument(file.getFileName().toString());
    }

    /** {@return a text as one argument of a shell's command, on one line} */
    private static String argument(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + Printable.line(text).replace("'", "'\\''") + "'";
    }
}
