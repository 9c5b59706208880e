package org.bncnn.experiment;

import java.util.function.IntPredicate;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Many dense layers of the same size, each with batch normalization between its linear map and its activation, or without. */
final class DeepNetwork {
    static final int UNITS = 64;

    private DeepNetwork() {}

    /**
     * @param depth the number of hidden layers
     * @param trained hidden layers, counted from 1, that learn
     */
    static MultiLayerConfiguration configuration(
            int depth,
            Activation activation,
            Norm norm,
            IntPredicate trained,
            InputType input,
            int classes,
            Recipe recipe) {
        var layers = new NeuralNetConfiguration.Builder()
                .seed(recipe.seed())
                .updater(recipe.updater())
                .weightInit(WeightInit.UNIFORM)
                .list();
        for (int i = 1; i <= depth; i++) {
            IUpdater updater = trained.test(i) ? recipe.updater() : new Sgd(0);
            layers.layer(new DenseLayer.Builder()
                    .name("dense" + i)
                    .nOut(UNITS)
                    .hasBias(norm == Norm.NONE)
                    .activation(Activation.IDENTITY)
                    .updater(updater)
                    .build());
            norm.layer("bn" + i).ifPresent(layer -> {
                ((BaseLayer) layer).setIUpdater(updater);
                layers.layer(layer);
            });
            layers.layer(new ActivationLayer(activation));
        }
        return layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .name("output")
                        .nOut(classes)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(input)
                .build();
    }
}
