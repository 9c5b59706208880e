package org.bncnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class RecipeTest {
    private static Recipe recipe(
            double weightDecay, double labelSmoothing, double averaging, int validation, int patience) {
        return new Recipe(
                "test",
                1,
                64,
                0.1,
                0,
                1,
                Schedule.CONSTANT,
                weightDecay,
                labelSmoothing,
                Augmentation.NONE,
                averaging,
                validation,
                false,
                patience);
    }

    @Test
    void optionsBeyondAnotherRecipeAreThoseThatDiffer() {
        assertThat(Recipe.REFERENCE.optionsBeyond(Recipe.REFERENCE)).isEmpty();
        assertThat(new Recipe("reference", 3, 64, 0.001, 0.9, 7).optionsBeyond(Recipe.REFERENCE))
                .isEqualTo("--epochs 3 --seed 7");
        assertThat(Recipe.REFERENCE.optionsBeyond(Recipe.BEST)).contains("--no-flip", "--no-test-at-end");
    }

    @Test
    void validationImagesAreMeasuredAfterEachEpochInAnyCase() {
        Augmentation none = Augmentation.NONE;
        assertThat(new Recipe("test", 1, 64, 0.1, 0, 1, Schedule.CONSTANT, 0, 0, none, 0, 10, true, 0)
                        .measuresEachEpoch())
                .isTrue();
        assertThat(Recipe.BEST.measuresEachEpoch()).isFalse();
        assertThat(Recipe.REFERENCE.measuresEachEpoch()).isTrue();
    }

    @Test
    void recipesAreFoundByName() {
        assertThat(Recipe.named("best")).contains(Recipe.BEST);
        assertThat(Recipe.named("worst")).isEmpty();
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> recipe(-1, 0, 0, 0, 0))
                .hasMessage("weight decay must be at least 0 and finite in single precision, not -1.0");
        assertThatThrownBy(() -> recipe(0, 1, 0, 0, 0))
                .hasMessage("label smoothing must be at least 0 and below 1, not 1.0");
        assertThatThrownBy(() -> recipe(0, 0, Double.NaN, 0, 0))
                .hasMessage("average weights must be at least 0 and below 1, not NaN");
        assertThatThrownBy(() -> recipe(0, 0, 0, -1, 0)).hasMessage("validation must be at least 0 images, not -1");
        assertThatThrownBy(() -> recipe(0, 0, 0, 10, -1))
                .hasMessage("early stopping must be at least 0 epochs, not -1");
        assertThatThrownBy(() -> recipe(0, 0, 0, 0, 3)).hasMessageStartingWith("early stopping needs --validation");
        assertThatThrownBy(() -> new Augmentation(false, -1, 0)).hasMessage("shift must be at least 0 pixels, not -1");
        assertThatThrownBy(() -> new Augmentation(false, 0, 1.5)).hasMessage("erase must be 0 to 1, not 1.5");
    }

    /** A step of learning rate 0.1 with a decay of 0.5 takes 5 % off the weights. */
    @Test
    void weightDecayTakesTheSameShareOffAllWeightsAndSparesTheRest() {
        DataSet batch = new DataSet(Nd4j.rand(8, 1, 28, 28), Nd4j.eye(10).get(NDArrayIndex.interval(0, 8)));
        MultiLayerNetwork plain = network(recipe(0, 0, 0, 0, 0));
        MultiLayerNetwork decaying = network(recipe(0.5, 0, 0, 0, 0));
        var before = network(recipe(0, 0, 0, 0, 0)).paramTable();
        plain.fit(batch);
        decaying.fit(batch);
        plain.paramTable().forEach((name, without) -> {
            INDArray taken = before.get(name).mul(name.endsWith("_W") ? 0.05 : 0);
            assertThat(decaying.getParam(name).add(taken).equalsWithEps(without, 1e-6))
                    .as(name)
                    .isTrue();
        });
    }

    private static MultiLayerNetwork network(Recipe recipe) {
        return ReferenceCnn.initialise(ReferenceCnn.configuration(
                Norm.BUILTIN, (InputTypeConvolutional) InputType.convolutional(28, 28, 1), 10, recipe));
    }
}
