package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Holds the layer to {@code golden.json}, what PyTorch's layers computed in double; {@code make_golden.py} beside it
 * tells how.
 */
class BatchNormPyTorchTest {
    /** The golden numbers are rounded only where PyTorch's own arithmetic rounds. */
    private static final double DOUBLE_TOLERANCE = 1e-12;

    /** Some tens of float roundings, of numbers up to 10. */
    private static final double FLOAT_TOLERANCE = 2e-5;

    static Stream<Arguments> cases() throws IOException {
        JsonNode all;
        try (InputStream in = BatchNormPyTorchTest.class.getResourceAsStream("pytorch/golden.json")) {
            all = new ObjectMapper().readTree(in);
        }
        return StreamSupport.stream(all.spliterator(), false)
                .flatMap(golden -> Stream.of(DataType.DOUBLE, DataType.FLOAT)
                        .flatMap(type -> Stream.of(false, true)
                                .map(last -> Arguments.of(golden.get("name").asText(), type, last, golden))));
    }

    @ParameterizedTest(name = "{0}, {1}, channels last {2}")
    @MethodSource("cases")
    void equalsPyTorch(String name, DataType type, boolean channelsLast, JsonNode golden) {
        long[] shape = StreamSupport.stream(golden.get("shape").spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
        boolean affine = golden.get("affine").asBoolean();
        boolean cumulative = golden.get("momentum").isNull();
        BatchNorm.Builder configuration = new BatchNorm.Builder()
                .nOut(shape[1])
                .lockGammaBeta(!affine)
                .channelsLast(channelsLast)
                .cumulativeAverage(cumulative)
                .activation(golden.get("relu").asBoolean() ? Activation.RELU : Activation.IDENTITY);
        if (!cumulative) {
            configuration.decay(1 - golden.get("momentum").asDouble());
        }
        LoneLayer layer = new LoneLayer(configuration.build(), type);
        if (affine) {
            layer.param("gamma").assign(numbers(golden.get("weight")));
            layer.param("beta").assign(numbers(golden.get("bias")));
        }
        for (int step = 0; step < golden.get("train").size(); step++) {
            JsonNode expected = golden.get("train").get(step);
            layer.layer().setIterationCount(step);
            assertStep(layer, expected, shape, type, channelsLast, true);
            layer.moveRunningStatistics();
            assertClose("running mean", layer.param("mean"), expected.get("running_mean"), type);
            assertClose("running variance", layer.param("var"), expected.get("running_var"), type);
        }
        assertStep(layer, golden.get("eval"), shape, type, channelsLast, false);
        assertThat(layer.gradient("mean").amaxNumber().doubleValue()).isZero();
        assertThat(layer.gradient("var").amaxNumber().doubleValue()).isZero();
    }

    private static void assertStep(
            LoneLayer layer, JsonNode expected, long[] shape, DataType type, boolean channelsLast, boolean training) {
        INDArray x = array(expected.get("x"), shape, type, channelsLast);
        INDArray dy = array(expected.get("dy"), shape, type, channelsLast);
        INDArray y = training ? layer.forward(x) : layer.infer(x);
        assertClose("y", channelsSecond(y, channelsLast), expected.get("y"), type);
        assertClose("dx", channelsSecond(layer.backward(dy), channelsLast), expected.get("dx"), type);
        if (expected.has("dweight")) {
            assertClose("dweight", layer.gradient("gamma"), expected.get("dweight"), type);
            assertClose("dbias", layer.gradient("beta"), expected.get("dbias"), type);
        }
    }

    private static INDArray array(JsonNode numbers, long[] shape, DataType type, boolean channelsLast) {
        INDArray array = numbers(numbers).castTo(type).reshape('c', shape);
        return channelsLast && shape.length > 2
                ? array.permute(lastAxes(shape.length)).dup('c')
                : array;
    }

    private static INDArray channelsSecond(INDArray array, boolean channelsLast) {
        return channelsLast && array.rank() > 2
                ? array.permute(secondAxes(array.rank())).dup('c')
                : array;
    }

    private static int[] lastAxes(int rank) {
        return List.of(new int[] {0, 2, 1}, new int[] {0, 2, 3, 1}, new int[] {0, 2, 3, 4, 1})
                .get(rank - 3);
    }

    private static int[] secondAxes(int rank) {
        return List.of(new int[] {0, 2, 1}, new int[] {0, 3, 1, 2}, new int[] {0, 4, 1, 2, 3})
                .get(rank - 3);
    }

    private static INDArray numbers(JsonNode array) {
        return Nd4j.createFromArray(StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray());
    }

    private static void assertClose(String what, INDArray actual, JsonNode expected, DataType type) {
        double tolerance = type == DataType.DOUBLE ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE;
        double[] values = actual.dup('c').data().asDouble();
        assertThat(values.length).as(what).isEqualTo(expected.size());
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i])
                    .as(what + "[" + i + "]")
                    .isCloseTo(expected.get(i).asDouble(), Offset.offset(tolerance));
        }
    }
}
