package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks that are not trained. */
class InferenceOnlyTest {
    @Test
    void noGradientsAreMade() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(Networks.random(Networks.cnn(new Sgd(0.1))));
        plan.explain(false, Networks.cnnBatch(2).getFeatures().shape());
        plan.output(Networks.cnnBatch(2).getFeatures());
        assertThat(plan.getGradientsViewArray()).isNull();
        plan.fit(Networks.cnnBatch(2));
        assertThat(plan.getGradientsViewArray()).isNotNull();
    }

    @Test
    void aNetworkWithoutParameters() {
        MultiLayerNetwork dl4j = Networks.random(Networks.global()
                .list()
                .layer(new ActivationLayer.Builder().activation(Activation.TANH).build())
                .layer(new LossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(5))
                .build());
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        INDArray features = Networks.normal(1, 3, 5);
        assertThat(plan.explain(false, 3, 5)).hasSize(2);
        for (int call = 0; call < 2; call++) {
            Parity.assertClose("output", plan.output(features), dl4j.output(features.dup()), 0);
        }
    }
}
