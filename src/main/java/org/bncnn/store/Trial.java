package org.bncnn.store;

import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network's first inference, on one example of zeros, which shows whether its layers fit together.
 *
 * <p>It leaves no trace: in a thread of its own it has ND4J's random generator and workspaces for itself.
 */
final class Trial {
    private final MultiLayerNetwork network;
    private final long[] shape;

    private Throwable failure;

    private Trial(MultiLayerNetwork network, long... shape) {
        this.network = network;
        this.shape = shape;
    }

    /**
     * @param shape of a batch
     * @throws IOException if the network fails; the message says why
     */
    static void run(MultiLayerNetwork network, long... shape) throws IOException {
        Trial trial = new Trial(network, shape);
        Thread thread = new Thread(trial::run, "trial of a model");
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // native code cannot be interrupted, and takes milliseconds
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (trial.failure != null) {
            throw new IOException("it fails on an example: " + ModelReader.reason(trial.failure), trial.failure);
        }
    }

    private void run() {
        try {
            INDArray output = network.output(
                    Nd4j.zeros(network.getLayerWiseConfigurations().getDataType(), shape));
            if (output.size(0) != shape[0]) {
                throw new IllegalStateException("it gives " + output.size(0) + " results for " + shape[0]);
            }
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            failure = e;
        } finally {
            network.clear();
        }
    }
}
