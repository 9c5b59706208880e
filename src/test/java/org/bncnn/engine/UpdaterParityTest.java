package org.bncnn.engine;

import java.util.stream.Stream;
import org.bncnn.model.HeavyBall;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * What DL4J does with the gradients that a plan leaves: updaters, schedules, regularization, normalization of
 * gradients.
 */
class UpdaterParityTest {
    private static final int STEPS = 5;

    private static Stream<IUpdater> updaters() {
        return Stream.of(
                new Sgd(0.05),
                new Nesterovs(0.02, 0.9),
                new HeavyBall(0.02, 0.9),
                new Adam(new StepSchedule(ScheduleType.ITERATION, 1e-3, 0.5, 2)),
                new Adam(new ExponentialSchedule(ScheduleType.EPOCH, 1e-3, 0.9)),
                new AMSGrad(1e-3),
                new RmsProp(1e-3));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void updater(IUpdater updater) {
        parity(Networks.global(updater), new Layer[0]).assertSameAfter(STEPS);
    }

    @Test
    void penalties() {
        parity(Networks.global().l1(1e-2).l2(2e-2).l1Bias(3e-2).l2Bias(4e-2), norms())
                .assertSameGradients()
                .assertSameAfter(STEPS);
        parity(Networks.global().weightDecay(1e-2).weightDecayBias(2e-2, false), norms())
                .assertSameGradients()
                .assertSameAfter(STEPS);
    }

    @ParameterizedTest
    @EnumSource(GradientNormalization.class)
    void gradientNormalization(GradientNormalization normalization) {
        parity(Networks.global().gradientNormalization(normalization).gradientNormalizationThreshold(0.05), norms())
                .assertSameAfter(STEPS);
    }

    /** Behind a rank-4 activation, so that the gradients before them are not only noise. */
    private static Layer[] norms() {
        return new Layer[] {
            new BatchNormalization.Builder().build(),
            new ConvolutionLayer.Builder(1, 1)
                    .nOut(3)
                    .activation(Activation.TANH)
                    .hasBias(false)
                    .build(),
            new BatchNorm.Builder().activation(Activation.TANH).build(),
        };
    }

    private static Parity parity(NeuralNetConfiguration.Builder global, Layer... norms) {
        NeuralNetConfiguration.ListBuilder list = global.list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(5)
                        .activation(Activation.TANH)
                        .hasBias(norms.length == 0)
                        .build());
        for (Layer norm : norms) {
            list.layer(norm);
        }
        return Parity.of(
                list.layer(new SubsamplingLayer.Builder().kernelSize(2, 2).build())
                        .layer(new DenseLayer.Builder()
                                .nOut(7)
                                .activation(Activation.SIGMOID)
                                .build())
                        .layer(Networks.softmax())
                        .setInputType(InputType.convolutional(7, 7, 2))
                        .build(),
                Networks.batch(4, 2, 7, 7));
    }
}
