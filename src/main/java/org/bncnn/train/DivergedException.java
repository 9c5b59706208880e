package org.bncnn.train;

/** The loss is no longer a finite number, so more training would teach the network nothing. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DivergedException(int epoch, int batch, double loss) {
        super("the loss is " + loss + " in epoch " + epoch + ", batch " + batch + "; try a smaller --learning-rate");
    }
}
