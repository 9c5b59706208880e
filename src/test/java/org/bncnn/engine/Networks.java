package org.bncnn.engine;

import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks and random batches for them. */
final class Networks {
    static final int CLASSES = 3;

    private static final int SEED = 7;

    private Networks() {}

    static NeuralNetConfiguration.Builder global() {
        return global(new Nesterovs(0.01, 0.9));
    }

    static NeuralNetConfiguration.Builder global(IUpdater updater) {
        return new NeuralNetConfiguration.Builder().seed(SEED).updater(updater).activation(Activation.IDENTITY);
    }

    /** Layers between images and a softmax over the classes. */
    static MultiLayerConfiguration classifier(InputType input, Layer... layers) {
        return classifier(global(), input, layers);
    }

    static MultiLayerConfiguration classifier(NeuralNetConfiguration.Builder global, InputType input, Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = global.list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        return list.layer(softmax()).setInputType(input).build();
    }

    /** A CNN for images of 1×6×6, all of whose layers oneDNN runs. */
    static MultiLayerConfiguration cnn(IUpdater updater) {
        return classifier(
                global(updater),
                InputType.convolutional(6, 6, 1),
                new ConvolutionLayer.Builder(3, 3).nOut(4).hasBias(false).build(),
                new BatchNormalization(),
                new ActivationLayer(Activation.RELU),
                new SubsamplingLayer.Builder().kernelSize(2, 2).build());
    }

    static DataSet cnnBatch(int examples) {
        return batch(examples, 1, 6, 6);
    }

    static OutputLayer softmax() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    /** An initialised network, none of whose parameters is 0 or 1 any more. */
    static MultiLayerNetwork random(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        if (network.numParams() > 0) {
            network.params().addi(normal(SEED, network.params().shape()).muli(0.1));
        }
        return network;
    }

    static INDArray normal(long seed, long... shape) {
        Random random = new Random(seed);
        INDArray array = Nd4j.create(shape);
        float[] values = new float[(int) array.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Nd4j.createFromArray(values).reshape(shape);
    }

    /** Random features, in classes by turns. */
    static DataSet batch(long... shape) {
        INDArray labels = Nd4j.zeros(shape[0], CLASSES);
        for (int i = 0; i < shape[0]; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return new DataSet(normal(SEED, shape), labels);
    }
}
