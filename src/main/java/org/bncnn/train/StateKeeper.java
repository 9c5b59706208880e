package org.bncnn.train;

import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Keeps the states of a training, so that it can go on from them. */
interface StateKeeper {
    /** Keeps nothing. */
    StateKeeper NONE = new StateKeeper() {
        @Override
        public boolean isDue(int before, int batches) {
            return false;
        }

        @Override
        public void keep(TrainingState state) {}

        @Override
        public MultiLayerNetwork best() {
            throw new IllegalStateException("nothing was kept");
        }
    };

    /**
     * {@return whether to keep the state after so many batches of an epoch} It is kept at the epoch's end in any case.
     *
     * @param before so many batches were trained before the last step
     */
    boolean isDue(int before, int batches);

    /** Keeps a state and, with it, the network as it is now. */
    void keep(TrainingState state) throws IOException;

    /** {@return the network that did best on the held-out images after one of the epochs} */
    MultiLayerNetwork best() throws IOException;
}
