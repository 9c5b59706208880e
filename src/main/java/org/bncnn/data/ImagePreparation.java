package org.bncnn.data;

/**
 * The rules by which images become the input of a network, for its model file: those of {@link PreparedImage}, which
 * may change in later versions.
 *
 * @param decoder version of the rules
 * @param background colour behind transparent parts
 * @param colours order of the channels, where there are three
 * @param inverted which images are inverted
 */
public record ImagePreparation(int decoder, String background, String colours, Inversion inverted) {
    /**
     * {@return the rules of this version}
     *
     * @param inverted which images are inverted
     */
    public static ImagePreparation with(Inversion inverted) {
        return new ImagePreparation(1, "white", "bgr", inverted);
    }

    /** {@return whether this version has these rules} */
    public boolean known() {
        return inverted != null && equals(with(inverted));
    }
}
