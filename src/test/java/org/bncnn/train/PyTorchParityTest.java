package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Holds our training to PyTorch's: same initial parameters, same 50 batches of real images. The golden files and the
 * script that makes them are in {@code src/test/resources/org/bncnn/train/pytorch}; their arithmetic is double.
 *
 * <p>In double both agree to 5e-9, which is the rounding of the pixels to float. In float, without BN, to 3e-7. In
 * float with BN neither DL4J nor PyTorch follows its own double-precision training closer than 5e-4: images share large
 * areas of one value, which a rounding error can carry over ReLU's kink all at once.
 */
class PyTorchParityTest {
    private static final int STEPS = 50;
    private static final int BATCH = 64;
    private static final int TEST_IMAGES = 10;
    private static final int CLASSES = 10;

    private static final double DOUBLE_TOLERANCE = 1e-9;
    private static final double FLOAT_TOLERANCE = 1e-5;
    private static final double FLOAT_TOLERANCE_WITH_BN = 2e-3;

    private static final ImageDataset DATA = sample();
    private static final Map<String, Trained> TRAININGS = new HashMap<>();

    private record Trained(MultiLayerNetwork network, double[] losses) {}

    @ParameterizedTest
    @EnumSource(Norm.class)
    void lossFollowsPyTorchStepByStep(Norm norm) throws Exception {
        assertLossesFollow(norm, DataType.DOUBLE, DOUBLE_TOLERANCE);
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void lossInFloatFollowsPyTorchAsFarAsFloatAllows(Norm norm) throws Exception {
        assertLossesFollow(norm, DataType.FLOAT, norm == Norm.NONE ? FLOAT_TOLERANCE : FLOAT_TOLERANCE_WITH_BN);
    }

    private static void assertLossesFollow(Norm norm, DataType type, double tolerance) throws Exception {
        double[] expected = numbers(golden(norm).get("losses"));
        double[] losses = train(norm, type).losses();
        for (int step = 0; step < STEPS; step++) {
            assertClose("loss of step " + step, losses[step], expected[step], tolerance * expected[step]);
        }
    }

    /**
     * The built-in layer gets PyTorch's running variance, the unbiased one, instead of its biased one. Ours has it
     * already.
     */
    @ParameterizedTest
    @EnumSource(Norm.class)
    void logitsEndWherePyTorchEnds(Norm norm) throws Exception {
        JsonNode golden = golden(norm);
        MultiLayerNetwork network = train(norm, DataType.DOUBLE).network();
        for (Layer layer : network.getLayers()) {
            INDArray variance = layer.paramTable().get(BatchNormalizationParamInitializer.GLOBAL_VAR);
            if (variance != null && norm == Norm.BUILTIN) {
                String name = layer.conf().getLayer().getLayerName();
                variance.assign(Nd4j.createFromArray(numbers(golden.get(name + ".running_var"))));
            }
        }
        INDArray images = batch(DATA.test(), 0, TEST_IMAGES, DataType.DOUBLE).getFeatures();
        List<INDArray> activations = network.feedForward(images);
        INDArray fc2 = activations
                .get(activations.size() - 2)
                .mmul(network.getLayer("fc2").getParam("W"));
        INDArray logits = fc2.addRowVector(network.getLayer("fc2").getParam("b"));
        for (int image = 0; image < TEST_IMAGES; image++) {
            double[] expected = numbers(golden.get("logits").get(image));
            for (int c = 0; c < CLASSES; c++) {
                assertClose(
                        "logit " + c + " of image " + image, logits.getDouble(image, c), expected[c], DOUBLE_TOLERANCE);
            }
        }
    }

    @Test
    void customRunningStatisticsArePyTorchs() throws Exception {
        JsonNode golden = golden(Norm.CUSTOM);
        MultiLayerNetwork network = train(Norm.CUSTOM, DataType.DOUBLE).network();
        for (String name : List.of("bn1", "bn2", "bn3")) {
            Map<String, INDArray> parameters = network.getLayer(name).paramTable();
            assertAllClose(name + " mean", parameters.get("mean"), golden.get(name + ".running_mean"));
            assertAllClose(name + " variance", parameters.get("var"), golden.get(name + ".running_var"));
        }
    }

    /**
     * The built-in layer averages the biased variance, PyTorch the unbiased one: with m values in a channel and n steps
     * from a running variance of 1, PyTorch's is 0.9ⁿ + (built-in − 0.9ⁿ)·m/(m−1).
     */
    @Test
    void builtinRunningStatisticsDifferFromPyTorchByTheUnbiasedVarianceOnly() throws Exception {
        JsonNode golden = golden(Norm.BUILTIN);
        MultiLayerNetwork network = train(Norm.BUILTIN, DataType.DOUBLE).network();
        Map<String, Integer> valuesPerChannel = Map.of("bn1", BATCH * 24 * 24, "bn2", BATCH * 8 * 8, "bn3", BATCH);
        double initialShare = Math.pow(0.9, STEPS);
        valuesPerChannel.forEach((name, m) -> {
            Map<String, INDArray> parameters = network.getLayer(name).paramTable();
            INDArray mean = parameters.get(BatchNormalizationParamInitializer.GLOBAL_MEAN);
            INDArray variance = parameters.get(BatchNormalizationParamInitializer.GLOBAL_VAR);
            double[] expectedMean = numbers(golden.get(name + ".running_mean"));
            double[] expectedVariance = numbers(golden.get(name + ".running_var"));
            for (int c = 0; c < mean.length(); c++) {
                double unbiased = initialShare + (variance.getDouble(c) - initialShare) * m / (m - 1);
                assertClose(name + " mean " + c, mean.getDouble(c), expectedMean[c], DOUBLE_TOLERANCE);
                assertClose(name + " variance " + c, unbiased, expectedVariance[c], DOUBLE_TOLERANCE);
            }
        });
    }

    /** {@return a network of its own, with what a training that is shared by the tests left in it} */
    private static Trained train(Norm norm, DataType type) throws Exception {
        String key = norm + " " + type;
        if (!TRAININGS.containsKey(key)) {
            MultiLayerNetwork network = pyTorchInitialised(norm).convertDataType(type);
            double[] losses = new double[STEPS];
            for (int step = 0; step < STEPS; step++) {
                network.fit(batch(DATA.train(), step * BATCH, BATCH, type));
                losses[step] = network.score();
            }
            TRAININGS.put(key, new Trained(network, losses));
        }
        Trained shared = TRAININGS.get(key);
        return new Trained(shared.network().clone(), shared.losses());
    }

    /** {@return images in the set's own order, beginning anew after the last, as the network takes them} */
    private static DataSet batch(ImageSet images, int from, int n, DataType type) {
        int start = from % images.size();
        ImageSetIterator iterator = ImageSetIterator.ordered(images, n);
        List<DataSet> runs = new ArrayList<>();
        if (start > 0) {
            iterator.next(start);
        }
        runs.add(iterator.next());
        if (!iterator.hasNext()) {
            iterator.reset();
        }
        int missing = n - runs.get(0).numExamples();
        if (missing > 0) {
            runs.add(iterator.next(missing));
        }
        DataSet merged = DataSet.merge(runs);
        DataSet batch = new DataSet(
                merged.getFeatures().castTo(type), merged.getLabels().castTo(type));
        ReferenceCnn.normalizer().preProcess(batch);
        return batch;
    }

    /**
     * The initial parameters in PyTorch's order; dense weights are {@code [out, in]} there and {@code [in, out]} in
     * DL4J.
     */
    private static MultiLayerNetwork pyTorchInitialised(Norm norm) throws Exception {
        ImageSet images = DATA.train();
        var input = (InputType.InputTypeConvolutional)
                InputType.convolutional(images.height(), images.width(), images.channels());
        MultiLayerNetwork network =
                ReferenceCnn.initialise(ReferenceCnn.configuration(norm, input, CLASSES, Recipe.REFERENCE));
        INDArray flat = Nd4j.createFromNpyFile(resource("initial.npy").toFile());
        long offset = 0;
        for (String name : List.of("conv1", "conv2", "fc1", "fc2")) {
            Map<String, INDArray> parameters = network.getLayer(name).paramTable();
            INDArray weight = parameters.get("W");
            boolean dense = weight.rank() == 2;
            long[] shape = dense ? new long[] {weight.size(1), weight.size(0)} : weight.shape();
            INDArray initial = flat.get(NDArrayIndex.interval(offset, offset + weight.length()))
                    .reshape(shape);
            weight.assign(dense ? initial.transpose() : initial);
            offset += weight.length();
            if (parameters.containsKey("b")) {
                parameters.get("b").assign(flat.get(NDArrayIndex.interval(offset, offset + shape[0])));
            }
            offset += shape[0];
        }
        assertThat(offset).isEqualTo(flat.length());
        return network;
    }

    private static void assertAllClose(String what, INDArray actual, JsonNode golden) {
        double[] expected = numbers(golden);
        assertThat(actual.length()).as(what).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertClose(what + " " + i, actual.getDouble(i), expected[i], DOUBLE_TOLERANCE);
        }
    }

    private static void assertClose(String what, double actual, double expected, double tolerance) {
        assertThat(actual).as(what).isCloseTo(expected, within(tolerance));
    }

    private static double[] numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static JsonNode golden(Norm norm) throws Exception {
        return new ObjectMapper()
                .readTree(
                        resource((norm == Norm.NONE ? "none" : "bn") + ".json").toFile());
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(PyTorchParityTest.class.getResource("pytorch/" + name).toURI());
    }

    private static ImageDataset sample() {
        try {
            return DatasetLocator.sample();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
