package org.bncnn.train;

import java.util.Locale;
import org.bncnn.model.Recipe;

/** The images that a network is measured on, none of which it is trained on. */
public enum HeldOut {
    /** The dataset's test images. */
    TEST,
    /** The dataset's validation images, or training images that are held out, for making choices. */
    VALIDATION;

    /**
     * {@return the images that a recipe has networks measured on}
     *
     * @param recipe the training choices
     */
    public static HeldOut of(Recipe recipe) {
        return recipe.validation() > 0 ? VALIDATION : TEST;
    }

    /** {@return the name used in output and files} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
