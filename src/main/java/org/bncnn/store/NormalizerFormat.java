package org.bncnn.store;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import org.bncnn.text.Printable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializer;

/**
 * Normalizers as {@link NormalizerSerializer} writes them, of the types that a network with one input can have.
 *
 * <p>DL4J's reader makes an object of any class that a file of the type {@code CUSTOM} names, and takes a file that it
 * cannot read for a serialized Java object. Here neither happens.
 */
final class NormalizerFormat {
    private static final String HEADER = "NORMALIZER";
    private static final int VERSION = 1;

    private NormalizerFormat() {}

    static byte[] write(DataNormalization normalizer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        NormalizerSerializer.getDefault().write(normalizer, bytes);
        return bytes.toByteArray();
    }

    /** @throws IOException if it is no normalizer, or of a type that is not known */
    static DataNormalization read(DataInputStream in, long bytes) throws IOException {
        if (!HEADER.equals(in.readUTF()) || in.readInt() != VERSION) {
            throw new IOException("it is no normalizer of DL4J");
        }
        String type = in.readUTF();
        return switch (type) {
            case "IMAGE_MIN_MAX" -> imageScaler(in);
            case "STANDARDIZE" -> standardize(in, bytes);
            case "MIN_MAX" -> minMax(in, bytes);
            default ->
                throw new IOException("a normalizer of type " + Printable.excerpt(type)
                        + " is not read; it can be IMAGE_MIN_MAX, STANDARDIZE or MIN_MAX");
        };
    }

    /** {@return what it does, in a few words} */
    static String describe(DataNormalization normalizer) {
        String type = normalizer.getClass().getSimpleName();
        return normalizer instanceof ImagePreProcessingScaler scaler
                ? type + ": 0 to " + scaler.getMaxPixelVal() + " becomes " + scaler.getMinRange() + " to "
                        + scaler.getMaxRange()
                : type;
    }

    private static DataNormalization imageScaler(DataInputStream in) throws IOException {
        ImagePreProcessingScaler scaler = new ImagePreProcessingScaler(finite(in), finite(in));
        scaler.setMaxPixelVal(finite(in));
        if (scaler.getMaxPixelVal() <= 0) {
            throw new IOException("its largest pixel is " + scaler.getMaxPixelVal() + ", not above 0");
        }
        return scaler;
    }

    private static DataNormalization standardize(DataInputStream in, long bytes) throws IOException {
        boolean labels = in.readBoolean();
        NormalizerStandardize normalizer = new NormalizerStandardize(ArrayFormat.read(in, bytes), deviation(in, bytes));
        normalizer.fitLabel(labels);
        if (labels) {
            normalizer.setLabelStats(ArrayFormat.read(in, bytes), deviation(in, bytes));
        }
        return normalizer;
    }

    private static DataNormalization minMax(DataInputStream in, long bytes) throws IOException {
        boolean labels = in.readBoolean();
        NormalizerMinMaxScaler normalizer = new NormalizerMinMaxScaler(finite(in), finite(in));
        normalizer.fitLabel(labels);
        normalizer.setFeatureStats(ArrayFormat.read(in, bytes), ArrayFormat.read(in, bytes));
        if (labels) {
            normalizer.setLabelStats(ArrayFormat.read(in, bytes), ArrayFormat.read(in, bytes));
        }
        return normalizer;
    }

    /** For a standard deviation of 0, DL4J divides by 1. */
    private static INDArray deviation(DataInputStream in, long bytes) throws IOException {
        INDArray deviation = ArrayFormat.read(in, bytes);
        if (deviation.minNumber().doubleValue() < 0) {
            throw new IOException("a standard deviation is " + deviation.minNumber());
        }
        return deviation;
    }

    private static double finite(DataInputStream in) throws IOException {
        double value = in.readDouble();
        if (!(Math.abs(value) <= Float.MAX_VALUE)) {
            throw new IOException("one of its numbers is " + value + ", not a finite float");
        }
        return value;
    }
}
