package org.bncnn.norm;

import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small CNN around a normalization layer, as a network and as a graph of the same parameters, and random data for it:
 * 3×3 convolution without bias, the normalization, ReLU, softmax.
 */
final class SmallCnn {
    /** Index of the normalization layer. */
    static final int NORMALIZATION = 1;

    static final int CHANNELS = 4;
    static final int SIDE = 5;
    static final int CLASSES = 3;
    private static final int SEED = 7;

    private SmallCnn() {}

    static MultiLayerConfiguration configuration(Layer normalization, IUpdater updater) {
        return global(updater)
                .list()
                .layer(convolution())
                .layer(normalization)
                .layer(new ActivationLayer(Activation.RELU))
                .layer(output())
                .setInputType(InputType.convolutional(SIDE, SIDE, 1))
                .build();
    }

    static ComputationGraphConfiguration graphConfiguration(Layer normalization, IUpdater updater) {
        return global(updater)
                .graphBuilder()
                .addInputs("in")
                .addLayer("convolution", convolution(), "in")
                .addLayer("normalization", normalization, "convolution")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "normalization")
                .addLayer("out", output(), "relu")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(SIDE, SIDE, 1))
                .build();
    }

    static MultiLayerNetwork network(Layer normalization, IUpdater updater) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(normalization, updater));
        network.init();
        return network;
    }

    static ComputationGraph graph(Layer normalization, IUpdater updater) {
        ComputationGraph graph = new ComputationGraph(graphConfiguration(normalization, updater));
        graph.init();
        return graph;
    }

    private static NeuralNetConfiguration.Builder global(IUpdater updater) {
        return new NeuralNetConfiguration.Builder().seed(SEED).updater(updater);
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(CHANNELS)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    static INDArray images(int examples, long seed) {
        Random random = new Random(seed);
        float[] pixels = new float[examples * SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian() + 1;
        }
        return Nd4j.createFromArray(pixels).reshape(examples, 1, SIDE, SIDE);
    }

    /** Random images, in classes by turns. */
    static DataSet data(int examples, long seed) {
        INDArray labels = Nd4j.zeros(examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return new DataSet(images(examples, seed), labels);
    }
}
