package org.bncnn.norm;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A mask of DL4J's: {@code [N]}, {@code [N, 1]}, {@code [N, T]}, or of the input's rank with one channel. It keeps or
 * drops as a whole an axis that it lacks or has with length 1.
 */
final class Mask {
    private Mask() {}

    /**
     * {@return which of a channel's values it keeps, numbered as in {@link ChannelView}}
     *
     * @param shape of the input
     * @param layer as a message names it
     * @throws DL4JInvalidInputException if it does not fit the input
     */
    static boolean[] kept(INDArray mask, long[] shape, int channelAxis, String layer) {
        long[] positions = ArrayUtil.removeIndex(shape, channelAxis);
        long[] axes = mask.shape();
        if (axes.length == shape.length && axes[1] == 1) {
            axes = ArrayUtil.removeIndex(axes, 1);
        }
        long[] spread = Arrays.copyOf(axes, positions.length);
        boolean fits = axes.length <= positions.length && axes[0] == positions[0];
        for (int axis = 1; axis < positions.length; axis++) {
            spread[axis] = axis < axes.length ? axes[axis] : 1;
            fits &= spread[axis] == 1 || spread[axis] == positions[axis];
        }
        if (!fits) {
            throw new DL4JInvalidInputException("A mask of shape " + Arrays.toString(mask.shape())
                    + " does not fit input of shape " + Arrays.toString(shape) + " " + layer);
        }
        INDArray wide =
                mask.castTo(DataType.DOUBLE).dup('c').reshape('c', spread).broadcast(positions);
        double[] values = wide.dup('c').data().asDouble();
        boolean[] kept = new boolean[values.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = values[i] != 0;
        }
        return kept;
    }
}
