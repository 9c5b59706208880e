package org.bncnn.train;

import java.io.IOException;
import java.util.List;

/** Several observers as one, told in their order. */
public record TrainingObservers(List<TrainingObserver> observers) implements TrainingObserver {
    @Override
    public void batchTrained(int epoch, int images) throws IOException {
        for (TrainingObserver observer : observers) {
            observer.batchTrained(epoch, images);
        }
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) throws IOException {
        for (TrainingObserver observer : observers) {
            observer.lossReported(epoch, batch, meanLoss);
        }
    }

    @Override
    public void epochEnded(EpochResult result) throws IOException {
        for (TrainingObserver observer : observers) {
            observer.epochEnded(result);
        }
    }

    @Override
    public void layersProbed(LayerMetrics layers) throws IOException {
        for (TrainingObserver observer : observers) {
            observer.layersProbed(layers);
        }
    }

    @Override
    public void stateKept() throws IOException {
        for (TrainingObserver observer : observers) {
            observer.stateKept();
        }
    }
}
