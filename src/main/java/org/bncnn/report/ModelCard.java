package org.bncnn.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

/** What a model is, how it was made, how well it does and what it is for: a page in Markdown for beside the model's file. */
public final class ModelCard {
    /** What a shell takes as it is. */
    private static final Pattern PLAIN = Pattern.compile("[\\w.][\\w./+-]*");

    private ModelCard() {}

    /** What {@code model-card.mustache} shows. */
    record View(
            String name,
            String parameters,
            int channels,
            int height,
            int width,
            String needs,
            String accuracy,
            String loss,
            String images,
            List<Row> classes,
            String bytes,
            String sha256,
            Provenance provenance,
            String command,
            boolean ofFashionMnist) {
        /** A row of the table of classes. */
        record Row(String name, String precision, String recall, String f1, int images) {}
    }

    /**
     * {@return the card of a model file that this program trained}
     *
     * @param options of {@code bncnn export} that made the file, for the command that makes it again
     * @throws ModelFileException if the file does not tell what it was trained of and how well it does
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
        return HtmlTemplate.renderMarkdown(
                "model-card",
                new View(
                        file.getFileName().toString(),
                        number(
                                "%,d",
                                found.layers().stream()
                                        .mapToLong(ModelInspection.Layer::parameters)
                                        .sum()),
                        model.inputShape().get(0),
                        model.inputShape().get(1),
                        model.inputShape().get(2),
                        found.needed().isEmpty()
                                ? "DL4J alone"
                                : "DL4J with the jar of bncnn, for " + String.join(", ", found.needed()),
                        percent(measured.accuracy()),
                        number("%.4f", measured.loss()),
                        number("%,d", measured.images()),
                        measured.classes().stream()
                                .map(each -> new View.Row(
                                        Printable.excerpt(each.name()),
                                        percent(each.precision()),
                                        percent(each.recall()),
                                        percent(each.f1()),
                                        each.images()))
                                .toList(),
                        number("%,d", content.length),
                        DigestUtils.sha256Hex(content),
                        provenance,
                        command(provenance, file, options),
                        provenance.dataset().equals("Fashion-MNIST")));
    }

    /**
     * Makes sure that a model can have a card.
     *
     * @param model null if nothing is known of it
     * @throws ModelFileException if it does not tell what it was trained of and how well it does on test images
     */
    public static void requireTold(Path file, ModelDescription model) throws ModelFileException {
        if (model == null || model.provenance() == null || model.evaluation() == null) {
            throw new ModelFileException(
                    file + ": can have no card: it does not tell how it was trained and how it does on test images",
                    null);
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

    private static String percent(double share) {
        return number("%.2f %%", 100 * share);
    }

    private static String number(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }
}
