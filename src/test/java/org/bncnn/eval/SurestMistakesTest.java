package org.bncnn.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.Evaluator.Mistake;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class SurestMistakesTest {
    @Test
    void theSurestComeFirstAndNameTheImage() throws IOException {
        ImageSet test = DatasetLocator.sample().test();
        MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                Norm.NONE, (InputTypeConvolutional) InputType.convolutional(28, 28, 1), 10, Recipe.REFERENCE));
        ImageSetIterator images = ImageSetIterator.ordered(test, 300);
        images.setPreProcessor(ReferenceCnn.normalizer());
        List<Mistake> mistakes = Evaluator.surestMistakes(network, images, 5);
        assertThat(mistakes).hasSize(5).isSortedAccordingTo((a, b) -> Double.compare(b.probability(), a.probability()));
        INDArray all = network.output(ImageSetIterator.ordered(test, test.size())
                .next()
                .getFeatures()
                .div(127.5)
                .sub(1));
        for (Mistake mistake : mistakes) {
            INDArray probabilities = all.getRow(mistake.image());
            int predicted = probabilities.argMax().getInt(0);
            assertThat(mistake.predicted()).isEqualTo(test.classNames().get(predicted));
            assertThat(mistake.actual())
                    .isEqualTo(test.classNames().get(test.label(mistake.image())))
                    .isNotEqualTo(mistake.predicted());
            assertThat(mistake.probability()).isCloseTo(probabilities.getDouble(predicted), within(1e-5));
            assertThat(mistake.actualProbability())
                    .isCloseTo(probabilities.getDouble(test.label(mistake.image())), within(1e-5));
        }
        assertThat(Evaluator.surestMistakes(network, images, Integer.MAX_VALUE)).hasSizeGreaterThan(800);
    }
}
