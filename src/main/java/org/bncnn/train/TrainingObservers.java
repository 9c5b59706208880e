package org.bncnn.train;

import java.io.IOException;
import java.util.List;

/**
 * Several observers as one.
 *
 * @param observers the observers, in the order in which they are told
 */
public record TrainingObservers(List<TrainingObserver> observers) implements TrainingObserver {
    private interface News {
        void tell(TrainingObserver observer) throws IOException;
    }

    private void tellAll(News news) throws IOException {
        for (TrainingObserver observer : observers) {
            news.tell(observer);
        }
    }

    @Override
    public void batchTrained(int epoch, int images) throws IOException {
        tellAll(observer -> observer.batchTrained(epoch, images));
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) throws IOException {
        tellAll(observer -> observer.lossReported(epoch, batch, meanLoss));
    }

    @Override
    public void epochEnded(EpochResult result) throws IOException {
        tellAll(observer -> observer.epochEnded(result));
    }

    @Override
    public void layersProbed(LayerMetrics layers) throws IOException {
        tellAll(observer -> observer.layersProbed(layers));
    }
}
