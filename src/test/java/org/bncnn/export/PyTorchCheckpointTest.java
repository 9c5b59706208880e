package org.bncnn.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Files of {@code torch.save} as people have them, in networks here: other names, and biases before batch
 * normalization. The files and what PyTorch's network gives are made by {@code make_checkpoint.py}.
 */
class PyTorchCheckpointTest {
    private static final String FOLDED =
            "biases subtracted from the running means of the batch normalization behind them, with equal outputs: "
                    + "conv1.bias, conv2.bias, fc1.bias";
    private static final int CLASSES = 3;

    @ParameterizedTest
    @CsvSource({
        "double.pt, DOUBLE, true, 1e-12",
        "double.pt, DOUBLE, false, 1e-12",
        "float.pt, FLOAT, true, 1e-6",
        "float.pt, FLOAT, false, 1e-6"
    })
    void aBiasBeforeNormalizationChangesNoOutput(String file, DataType type, boolean custom, double tolerance)
            throws Exception {
        MultiLayerNetwork network = network(type, false, custom);
        List<String> notes = StateDict.read(fixture(file)).copyTo(network);
        assertThat(notes).containsExactly(FOLDED);
        assertOutputs(network, golden().get("before"), tolerance);
        assertThat(network.getIterationCount()).isEqualTo(7);
    }

    /** Where there is a place for them they are copied. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNetworkWithTheBiasesTakesThem(boolean custom) throws Exception {
        MultiLayerNetwork network = network(DataType.DOUBLE, true, custom);
        assertThat(StateDict.read(fixture("double.pt")).copyTo(network)).isEmpty();
        assertOutputs(network, golden().get("before"), 1e-12);
        assertThat(StateDict.of(network).tensors())
                .isEqualTo(StateDict.read(fixture("double.pt")).tensors());
    }

    /** The batch's own mean takes a bias out, and the running mean moves by the same steps. */
    @Test
    void trainingIsTheSameWithoutTheBiases() throws Exception {
        MultiLayerNetwork network = network(DataType.DOUBLE, false, true);
        StateDict.read(fixture("double.pt")).copyTo(network);
        JsonNode golden = golden();
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, golden.get("before").size(), CLASSES);
        for (int i = 0; i < labels.rows(); i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        DataSet batch = new DataSet(images(DataType.DOUBLE), labels);
        for (JsonNode loss : golden.get("losses")) {
            network.fit(batch);
            assertThat(network.score()).isCloseTo(loss.asDouble(), within(1e-12));
        }
        assertOutputs(network, golden.get("after"), 1e-12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "checkpoint.pt          | ",
                "data_parallel.pt       | prefix _orig_mod.module. removed from all names",
                "sequential.pt          | layers matched by position: 0 is conv1, 1 is bn1, 4 is conv2, 5 is bn2, 7 is fc1, 8 is bn3, 10 is fc2",
                "sequential.safetensors | layers matched by position: 0 is conv1, 1 is bn1, 4 is conv2, 5 is bn2, 7 is fc1, 8 is bn3, 10 is fc2"
            })
    void otherNamesAreMatched(String file, String note) throws Exception {
        MultiLayerNetwork network = network(DataType.FLOAT, false, true);
        List<String> expected = new ArrayList<>();
        if (note != null) {
            expected.add(note);
        }
        expected.add(FOLDED);
        assertThat(StateDict.read(fixture(file)).copyTo(network)).isEqualTo(expected);
        assertOutputs(network, golden().get("before"), 1e-6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no_stats.pt  | bn1 has no running_mean and running_var: it was saved with track_running_stats=False, and without them the network cannot normalize one image; train it with track_running_stats=True",
                "no_affine.pt | bn1 has no weight and bias: it was saved with affine=False, which is a network whose γ and β are locked"
            })
    void whatNormalizationWasSavedWithoutIsNamed(String file, String message) throws Exception {
        MultiLayerNetwork network = network(DataType.DOUBLE, false, true);
        StateDict read = StateDict.read(fixture(file));
        assertThatThrownBy(() -> read.copyTo(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void assertOutputs(MultiLayerNetwork network, JsonNode expected, double tolerance) throws Exception {
        INDArray found =
                network.output(images(network.getLayerWiseConfigurations().getDataType()));
        for (int image = 0; image < expected.size(); image++) {
            assertThat(found.getRow(image).toDoubleVector())
                    .as("image " + image)
                    .containsExactly(numbers(expected.get(image)), within(tolerance));
        }
    }

    private static INDArray images(DataType type) throws Exception {
        double[] pixels = numbers(golden().get("images"));
        return Nd4j.createFromArray(pixels).reshape(pixels.length / 64, 1, 8, 8).castTo(type);
    }

    private static MultiLayerNetwork network(DataType type, boolean bias, boolean custom) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .dataType(type)
                .updater(new Sgd(0.1))
                .activation(Activation.IDENTITY)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("conv1")
                        .nOut(3)
                        .hasBias(bias)
                        .build())
                .layer(norm("bn1", custom))
                .layer(new ActivationLayer(Activation.RELU))
                .layer(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new ConvolutionLayer.Builder(2, 2)
                        .name("conv2")
                        .nOut(4)
                        .hasBias(bias)
                        .build())
                .layer(norm("bn2", custom))
                .layer(new ActivationLayer(Activation.RELU))
                .layer(new DenseLayer.Builder()
                        .name("fc1")
                        .nOut(5)
                        .hasBias(bias)
                        .build())
                .layer(norm("bn3", custom))
                .layer(new ActivationLayer(Activation.RELU))
                .layer(new OutputLayer.Builder()
                        .name("fc2")
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
        network.init();
        return network;
    }

    private static Layer norm(String name, boolean custom) {
        return custom
                ? new BatchNorm.Builder().name(name).build()
                : new BatchNormalization.Builder()
                        .name(name)
                        .eps(1e-5)
                        .useLogStd(false)
                        .build();
    }

    private static double[] numbers(JsonNode array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }

    private static JsonNode golden() throws Exception {
        return new ObjectMapper().readTree(fixture("golden.json").toFile());
    }

    private static Path fixture(String name) throws URISyntaxException {
        return Path.of(PyTorchCheckpointTest.class
                .getResource("pytorch/checkpoint/" + name)
                .toURI());
    }
}
