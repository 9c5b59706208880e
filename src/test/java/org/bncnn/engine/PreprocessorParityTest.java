package org.bncnn.engine;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** From vectors to images and back. */
class PreprocessorParityTest {
    @Test
    void flatImages() {
        Parity.of(
                        Networks.classifier(InputType.convolutionalFlat(5, 4, 3), convolution()),
                        Networks.batch(4, 5 * 4 * 3))
                .hold("convolution", "inner_product");
    }

    /** DL4J's preprocessor lets images through that are images already. */
    @Test
    void flatImagesThatAreNotFlat() {
        Parity.of(Networks.classifier(InputType.convolutionalFlat(5, 4, 3), convolution()), Networks.batch(4, 3, 5, 4))
                .hold("convolution", "inner_product");
    }

    @Test
    void vectorsToImages() {
        Parity.of(
                        Networks.global()
                                .list()
                                .layer(new DenseLayer.Builder().nIn(3).nOut(24).build())
                                .layer(new ConvolutionLayer.Builder(2, 2)
                                        .nIn(2)
                                        .nOut(5)
                                        .build())
                                .layer(Networks.softmax())
                                .inputPreProcessor(1, new FeedForwardToCnnPreProcessor(4, 3, 2))
                                .inputPreProcessor(2, new CnnToFeedForwardPreProcessor(3, 2, 5))
                                .setInputType(InputType.feedForward(3))
                                .build(),
                        Networks.batch(4, 3))
                .hold("inner_product", "convolution", "inner_product");
    }

    @Test
    void imagesToVectorsThatAreNormalised() {
        Parity.of(
                        Networks.global()
                                .list()
                                .layer(new ConvolutionLayer.Builder(2, 2)
                                        .nIn(3)
                                        .nOut(3)
                                        .build())
                                .layer(new BatchNormalization.Builder()
                                        .nIn(36)
                                        .nOut(36)
                                        .build())
                                .layer(new DenseLayer.Builder()
                                        .nIn(36)
                                        .nOut(Networks.CLASSES)
                                        .build())
                                .layer(new LossLayer.Builder(LossFunction.MCXENT)
                                        .activation(Activation.SOFTMAX)
                                        .build())
                                .inputPreProcessor(1, new CnnToFeedForwardPreProcessor(4, 3, 3))
                                .build(),
                        Networks.batch(4, 3, 5, 4))
                .hold("convolution", "reshape|batch", "inner_product", "nothing to do");
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(2, 2)
                .nIn(3)
                .nOut(3)
                .activation(Activation.TANH)
                .build();
    }
}
