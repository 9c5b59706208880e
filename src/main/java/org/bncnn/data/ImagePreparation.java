package org.bncnn.data;

/**
 * How images become the input of a network, for its model file: as {@link ImageFile} does it now, which later versions may do otherwise.
 *
 * @param decoder the version of these rules
 * @param background what transparent parts are laid on
 * @param colours the order of the channels, where there are three
 * @param inverted which images are inverted
 */
public record ImagePreparation(int decoder, String background, String colours, Inversion inverted) {
    /** {@return what this version does} */
    public static ImagePreparation with(Inversion inverted) {
        return new ImagePreparation(1, "white", "bgr", inverted);
    }

    /** {@return whether this version does that} */
    public boolean known() {
        return inverted != null && equals(with(inverted));
    }
}
