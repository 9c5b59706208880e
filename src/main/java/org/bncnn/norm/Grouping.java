package org.bncnn.norm;

import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;

/** Which values of a float array lie side by side in memory, so that they can be copied in bulk. */
enum Grouping {
    /** The positions of a channel: NCHW and its kin. Each channel is a group. */
    CHANNELS {
        @Override
        int channelsPerGroup(ChannelView view) {
            return 1;
        }

        @Override
        boolean fits(ChannelView view) {
            return view.positionStride() == 1;
        }

        @Override
        ChannelView regroup(ChannelView view) {
            return view;
        }
    },

    /** The channels of a position: rank 2, NHWC and its kin. All are one group, in which the channels take turns. */
    ROWS {
        @Override
        int channelsPerGroup(ChannelView view) {
            return Math.toIntExact(view.channels());
        }

        @Override
        boolean fits(ChannelView view) {
            return view.channelStride() == 1 && (view.batch() == 1 || view.positionStride() == view.channels());
        }

        @Override
        ChannelView regroup(ChannelView view) {
            boolean adjacent = view.positionStride() == view.channels();
            return new ChannelView(
                    view.buffer(),
                    adjacent ? view.batch() : view.positions(),
                    adjacent ? view.batchStride() : view.positionStride(),
                    1,
                    0,
                    adjacent ? view.positions() * view.channels() : view.channels(),
                    1);
        }
    };

    /**
     * {@return the grouping that all views have; empty if they have none in common, or are not float, or are beyond an
     * NIO buffer}
     */
    static Optional<Grouping> common(ChannelView... views) {
        boolean float32 = Arrays.stream(views)
                .allMatch(view -> view.dataType() == DataType.FLOAT && view.span() <= Integer.MAX_VALUE / Float.BYTES);
        return Arrays.stream(values())
                .filter(grouping -> float32 && Arrays.stream(views).allMatch(grouping::fits))
                .findFirst();
    }

    abstract int channelsPerGroup(ChannelView view);

    abstract boolean fits(ChannelView view);

    /** {@return the view with groups in the place of channels and a group's values in the place of positions} */
    abstract ChannelView regroup(ChannelView view);
}
