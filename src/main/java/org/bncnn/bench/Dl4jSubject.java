package org.bncnn.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bncnn.backend.Backend;
import org.bncnn.engine.OneDnnNetwork;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A network of Deeplearning4j, whatever computes it. */
final class Dl4jSubject implements Subject {
    private final String version;
    private final MultiLayerNetwork network;
    private final long[] oneImage;
    private final List<DataSet> batches = new ArrayList<>();

    Dl4jSubject(String version, MultiLayerNetwork network, Workload workload, Batches batches) throws IOException {
        this.version = version;
        this.network = network;
        this.oneImage = new long[] {1, workload.channels(), workload.side(), workload.side()};
        for (int batch = 0; batch < batches.count(); batch++) {
            Tensor images = batches.images(batch);
            this.batches.add(new DataSet(
                    Nd4j.create(images.values(), images.shape(), 'c'),
                    oneHot(batches.labels(batch), workload.classes())));
        }
    }

    private static INDArray oneHot(int[] labels, int classes) {
        INDArray array = Nd4j.zeros(DataType.FLOAT, labels.length, classes);
        for (int i = 0; i < labels.length; i++) {
            array.putScalar(i, labels[i], 1);
        }
        return array;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public int threads() {
        return Backend.threads();
    }

    @Override
    public double train(int batch) {
        network.fit(batches.get(batch));
        return network.score();
    }

    @Override
    public float[] evaluate(int batch) {
        return probabilities(batches.get(batch).getFeatures());
    }

    @Override
    public float[] predict(float[] image) {
        if (network instanceof OneDnnNetwork accelerated) {
            return accelerated.output(image, oneImage);
        }
        return probabilities(Nd4j.create(image, oneImage, 'c'));
    }

    private float[] probabilities(INDArray images) {
        INDArray output = network.output(images);
        return (output.ordering() == 'c' ? output : output.dup('c')).data().asFloat();
    }

    @Override
    public void close() {
        network.close();
    }
}
