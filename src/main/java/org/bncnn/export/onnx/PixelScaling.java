package org.bncnn.export.onnx;

import static org.bncnn.export.onnx.Graph.integer;

import java.util.Arrays;
import java.util.List;
import onnx.Onnx.TensorProto;
import org.bncnn.export.NotExportableException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a normalizer does to pixels: (pixel − offset)·scale.
 *
 * @param offset of each channel, or of each unit of a vector
 * @param scale of each
 */
record PixelScaling(float[] offset, float[] scale) {
    private static final String PREFIX = "normalizer";
    private static final double LARGEST_BYTE = 255;

    /**
     * {@return what a normalizer does}
     *
     * @param input shape of a batch of one
     */
    static PixelScaling of(DataNormalization normalizer, long... input) throws NotExportableException {
        requireKnown(normalizer, input);
        long[] shape = perChannel(input);
        // In double, so that the difference of what becomes of 0 and of 1 is exact enough.
        INDArray zero = Nd4j.zeros(DataType.DOUBLE, shape);
        INDArray one = Nd4j.ones(DataType.DOUBLE, shape);
        normalizer.transform(zero);
        normalizer.transform(one);
        INDArray slope = one.subi(zero);
        float[] scale = slope.reshape(slope.length()).toFloatVector();
        float[] offset = zero.divi(slope.neg()).reshape(zero.length()).toFloatVector();
        for (float each : offset) {
            if (!Float.isFinite(each)) {
                throw new NotExportableException("its normalizer makes all pixels alike");
            }
        }
        return new PixelScaling(offset, scale);
    }

    /** {@return what a normalizer of pixels 0 to 255 does} */
    static PixelScaling ofBytes(DataNormalization normalizer, long... input) throws NotExportableException {
        if (normalizer instanceof ImagePreProcessingScaler scaler && scaler.getMaxPixelVal() != LARGEST_BYTE) {
            throw new NotExportableException(
                    "its normalizer is for values of 0 to " + scaler.getMaxPixelVal() + ", not for bytes");
        }
        return of(normalizer, input);
    }

    private static void requireKnown(DataNormalization normalizer, long... input) throws NotExportableException {
        if (normalizer == null) {
            throw new NotExportableException("it has no normalizer that could go into the graph");
        }
        INDArray statistics = normalizer instanceof NormalizerStandardize standardize
                ? standardize.getMean()
                : normalizer instanceof NormalizerMinMaxScaler minMax ? minMax.getMin() : null;
        if (statistics == null && !(normalizer instanceof ImagePreProcessingScaler)) {
            throw new NotExportableException(
                    "its normalizer " + normalizer.getClass().getSimpleName()
                            + " is not exported; it can be ImagePreProcessingScaler, NormalizerStandardize or"
                            + " NormalizerMinMaxScaler");
        }
        // DL4J would read beyond the end of statistics that are too short.
        if (statistics != null && statistics.length() != input[1]) {
            throw new NotExportableException(
                    "its normalizer knows " + statistics.length() + " channels, its input has " + input[1]);
        }
    }

    /** Adds it to a graph that is given bytes. */
    void addTo(Graph graph, long... input) {
        long[] shape = perChannel(input);
        graph.add(PREFIX + ".cast", "Cast", integer("to", TensorProto.DataType.FLOAT.getNumber()));
        // Differences first: they are exact, or nearly so, and scaling them loses little.
        graph.add(PREFIX + ".sub", "Sub", List.of(graph.floats(PREFIX + ".offset", offset, shape)));
        graph.add(PREFIX + ".mul", "Mul", List.of(graph.floats(PREFIX + ".scale", scale, shape)));
    }

    /** {@return the shape of one value for each channel, which is the same at all positions} */
    private static long[] perChannel(long... input) {
        long[] shape = input.clone();
        Arrays.fill(shape, 2, shape.length, 1);
        return shape;
    }
}
