package org.bncnn.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bncnn.model.Norm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class SignalProbeTest {
    private final DataSet batch =
            new DataSet(Nd4j.rand(DataType.FLOAT, 6, 5), Nd4j.eye(6).castTo(DataType.FLOAT));

    @Test
    void theGradientIsThatOfTheMeanLoss() {
        MultiLayerNetwork network = network(Norm.NONE, Activation.SIGMOID);
        List<LayerSignal> signals = look(network, Activation.SIGMOID);
        assertThat(signals).extracting(LayerSignal::layer).containsExactly("dense1", "dense2", "output");
        INDArray weights = network.getParam("4_W");
        double squares = 0;
        for (int i = 0; i < weights.rows(); i++) {
            for (int j = 0; j < weights.columns(); j++) {
                double value = weights.getDouble(i, j);
                weights.putScalar(i, j, value + 1e-2);
                double above = network.score(batch);
                weights.putScalar(i, j, value - 1e-2);
                double slope = (above - network.score(batch)) / 2e-2;
                weights.putScalar(i, j, value);
                squares += slope * slope;
            }
        }
        assertThat(signals.get(2).gradientNorm()).isCloseTo(Math.sqrt(squares), within(1e-3));
    }

    @Test
    void nothingIsLearnt() {
        MultiLayerNetwork network = network(Norm.CUSTOM, Activation.SIGMOID);
        INDArray before = network.params().dup();
        look(network, Activation.SIGMOID);
        assertThat(network.params()).isEqualTo(before);
    }

    @Test
    void activationsAreThoseBehindTheNormAndTheActivationFunction() {
        MultiLayerNetwork network = network(Norm.CUSTOM, Activation.SIGMOID);
        LayerSignal first = look(network, Activation.SIGMOID).get(0);
        INDArray output = network.feedForward(batch.getFeatures(), true).get(3);
        assertThat(first.activationMean()).isCloseTo(output.meanNumber().doubleValue(), within(1e-6));
        assertThat(first.activationMean()).isCloseTo(0.5, within(0.05));
    }

    @Test
    void normsTellTheirParametersAndWhatTheyMakeOfTheBatch() {
        for (Norm norm : new Norm[] {Norm.BUILTIN, Norm.CUSTOM}) {
            MultiLayerNetwork network = network(norm, Activation.RELU);
            network.getParam("4_gamma").assign(Nd4j.linspace(0, 15, 16).reshape(1, 16));
            network.getParam("4_mean").assign(7);
            INDArray before = network.params().dup();
            List<NormSignal> signals = new SignalProbe(network, batch).norms();
            assertThat(network.params()).isEqualTo(before);
            assertThat(signals).extracting(NormSignal::layer).containsExactly("bn1", "bn2");
            assertThat(signals.get(0).gamma()).isEqualTo(new Spread(1, 1, 1));
            assertThat(signals.get(1).gamma()).isEqualTo(new Spread(1.5, 7.5, 13.5));
            assertThat(signals.get(1).beta()).isEqualTo(new Spread(0, 0, 0));
            assertThat(signals.get(1).runningMean()).isEqualTo(new Spread(7, 7, 7));
            assertThat(signals.get(1).runningVariance()).isEqualTo(new Spread(1, 1, 1));
            Histogram after = signals.get(0).after();
            assertThat(after.from()).isEqualTo(signals.get(0).before().from()).isLessThan(-1); // not behind the ReLU
            assertThat(after.counts().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(6 * 16);
        }
        assertThat(new SignalProbe(network(Norm.NONE, Activation.RELU), batch).norms())
                .isEmpty();
    }

    @Test
    void saturatedSigmoidsAndIdleRelusAreFlat() {
        for (Activation activation : new Activation[] {Activation.SIGMOID, Activation.RELU}) {
            MultiLayerNetwork network = network(Norm.NONE, activation);
            assertThat(look(network, activation).get(0).flat()).isLessThan(1);
            network.getParam("0_W").assign(0);
            network.getParam("0_b").assign(-100);
            assertThat(look(network, activation).get(0).flat()).isEqualTo(1);
            network.getParam("0_b").assign(100);
            assertThat(look(network, activation).get(0).flat()).isEqualTo(activation == Activation.SIGMOID ? 1 : 0);
        }
    }

    @Test
    void spreadIsBetweenImagesAndNotBetweenUnits() {
        MultiLayerNetwork network = network(Norm.NONE, Activation.SIGMOID);
        List<Double> spreads = new SignalProbe(network, batch).spreadsBetweenImages();
        INDArray first = network.feedForward(batch.getFeatures(), true).get(2);
        double expected = 0;
        for (int unit = 0; unit < 16; unit++) {
            expected += first.getColumn(unit).stdNumber(false).doubleValue() / 16;
        }
        assertThat(spreads).hasSize(3);
        assertThat(spreads.get(0)).isCloseTo(expected, within(1e-6));
        // Units that differ, by their biases, are no help to tell images apart.
        network.getParam("0_W").assign(0);
        network.getParam("0_b").assign(Nd4j.linspace(-1, 1, 16, DataType.FLOAT).reshape(1, 16));
        assertThat(new SignalProbe(network, batch).spreadsBetweenImages()).containsExactly(0.0, 0.0, 0.0);
    }

    private List<LayerSignal> look(MultiLayerNetwork network, Activation activation) {
        return new SignalProbe(network, batch).layers(activation.getActivationFunction());
    }

    private static MultiLayerNetwork network(Norm norm, Activation activation) {
        var layers = new NeuralNetConfiguration.Builder().seed(1).list();
        for (int i = 1; i <= 2; i++) {
            layers.layer(new DenseLayer.Builder()
                    .name("dense" + i)
                    .nOut(16)
                    .activation(Activation.IDENTITY)
                    .build());
            norm.layer("bn" + i).ifPresent(layers::layer);
            layers.layer(new ActivationLayer(activation));
        }
        MultiLayerNetwork network = new MultiLayerNetwork(layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .name("output")
                        .nOut(6)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(5))
                .build());
        network.init();
        return network;
    }
}
