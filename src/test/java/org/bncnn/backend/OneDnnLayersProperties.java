package org.bncnn.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bncnn.backend.RandomLayer.Kind;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's layers as {@link Backend} lets them run, with their helpers and with ND4J's oneDNN kernels, compute in float
 * what they compute in double, where there is no oneDNN; and that is confirmed by finite differences.
 */
class OneDnnLayersProperties {
    /**
     * Relative L2 distance of float and double; what oneDNN computed wrongly was off by a hundred times as much or
     * more.
     */
    private static final double TOLERANCE = 1e-4;

    /** So small that hardly ever a maximum or a ReLU changes sides on the way. */
    private static final double STEP = 1e-7;

    /** What finite differences tell apart, relative to the sizes of gradient and direction. */
    private static final double DIFFERENCE_TOLERANCE = 1e-6;

    /** DL4J's own gradients are wrong here, with oneDNN or without. */
    private static final Set<Kind> WRONG_IN_DL4J =
            Set.of(Kind.RESPONSE_NORMALIZATION, Kind.SEPARABLE_CONVOLUTION, Kind.DECONVOLUTION);

    @Property(tries = 500, seed = "1")
    void computeWhatTheyComputeWithoutOneDnn(@ForAll Kind kind, @ForAll @IntRange(max = 1 << 20) int seed) {
        RandomLayer drawn = new RandomLayer(kind, seed);
        INDArray x = drawn.input();
        Run exact = Backend.withoutOneDnn(() -> new Run(drawn, DataType.DOUBLE, null));
        Run run = new Run(drawn, DataType.FLOAT, exact.params);
        INDArray y = exact.forward(x, true);
        INDArray epsilon = drawn.gaussian(y.shape());
        INDArray diffSrc = exact.backward(epsilon);

        assertClose(run.forward(drawn.laidOut(x.castTo(DataType.FLOAT)), true), y, "output in training");
        assertClose(run.backward(drawn.laidOut(epsilon.castTo(DataType.FLOAT))), diffSrc, "gradient of the input");
        if (exact.params != null) {
            assertClose(run.gradients, exact.gradients, "gradients of the parameters");
        }
        if (!WRONG_IN_DL4J.contains(kind)) {
            checkByFiniteDifferences(drawn, exact, x, epsilon, diffSrc);
        }
        run.update();
        exact.update();
        assertClose(
                run.forward(drawn.laidOut(x.castTo(DataType.FLOAT)), false),
                exact.forward(x, false),
                "output at inference, after an update");
    }

    /** Moves input and parameters in a random direction, and looks how Σ ε·y changes. */
    private static void checkByFiniteDifferences(
            RandomLayer drawn, Run exact, INDArray x, INDArray epsilon, INDArray diffSrc) {
        INDArray alongX = drawn.gaussian(x.shape());
        double expected = diffSrc.mul(alongX).sumNumber().doubleValue();
        double scale =
                diffSrc.norm2Number().doubleValue() * alongX.norm2Number().doubleValue();
        INDArray alongParams = null;
        if (exact.params != null) {
            alongParams = drawn.gaussian(exact.params.shape());
            exact.clearRunningStatistics(alongParams);
            expected += exact.gradients.mul(alongParams).sumNumber().doubleValue();
            scale += exact.gradients.norm2Number().doubleValue()
                    * alongParams.norm2Number().doubleValue();
        }
        double difference = exact.moved(x, alongX, alongParams, STEP, epsilon)
                - exact.moved(x, alongX, alongParams, -STEP, epsilon);
        assertThat(Math.abs(difference / (2 * STEP) - expected))
                .as("finite difference and gradient of %s", drawn.configuration())
                .isLessThan(DIFFERENCE_TOLERANCE * scale);
    }

    private static void assertClose(INDArray actual, INDArray expected, String what) {
        assertThat(actual.castTo(DataType.DOUBLE).distance2(expected))
                .as("L2 distance of the %s", what)
                .isLessThanOrEqualTo(TOLERANCE * expected.norm2Number().doubleValue());
    }

    /** A layer of one type, with parameters. */
    private static final class Run {
        private final Layer layer;
        private final INDArray params;
        private final INDArray gradients;

        /** @param values of the parameters; null to draw them */
        Run(RandomLayer drawn, DataType type, INDArray values) {
            NeuralNetConfiguration conf = new NeuralNetConfiguration.Builder()
                    .layer(drawn.configuration())
                    .build();
            long count = drawn.configuration().initializer().numParams(conf);
            params = count == 0
                    ? null
                    : values == null ? drawn.gaussian(1, count).muli(0.5) : values.castTo(type);
            gradients = count == 0 ? null : Nd4j.create(type, 1, count);
            layer = drawn.configuration().instantiate(conf, null, 0, params, false, type);
            if (gradients != null) {
                layer.setBackpropGradientsViewArray(gradients);
            }
            if (values == null && layer.paramTable() != null) {
                INDArray variance = layer.paramTable().get(BatchNormalizationParamInitializer.GLOBAL_VAR);
                if (variance != null) {
                    variance.muli(variance).addi(0.5);
                }
            }
        }

        INDArray forward(INDArray x, boolean training) {
            return layer.activate(x, training, LayerWorkspaceMgr.noWorkspaces()).dup('c');
        }

        INDArray backward(INDArray epsilon) {
            return layer.backpropGradient(epsilon, LayerWorkspaceMgr.noWorkspaces())
                    .getSecond()
                    .dup('c');
        }

        /** Σ ε·y with input and parameters moved. */
        double moved(INDArray x, INDArray alongX, INDArray alongParams, double step, INDArray epsilon) {
            if (alongParams != null) {
                params.addi(alongParams.mul(step));
            }
            double sum = forward(x.add(alongX.mul(step)), true)
                    .muli(epsilon)
                    .sumNumber()
                    .doubleValue();
            if (alongParams != null) {
                params.subi(alongParams.mul(step));
            }
            return sum;
        }

        /** What stands where their gradients are moves them, and is no gradient. */
        void clearRunningStatistics(INDArray direction) {
            for (Map.Entry<String, INDArray> view : layer.conf()
                    .getLayer()
                    .initializer()
                    .getGradientsFromFlattened(layer.conf(), direction)
                    .entrySet()) {
                if (!layer.updaterDivideByMinibatch(view.getKey())) {
                    view.getValue().assign(0);
                }
            }
        }

        /** A small step. */
        void update() {
            if (params != null) {
                params.subi(gradients.mul(0.01));
            }
        }
    }
}
