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
    private static final Recipe RECIPE =
            Recipe.REFERENCE.withEpochs(1).withLearningRate(0.1).withMomentum(0);

    /** Each choice differs from the reference's, so that a change that went to another one would show. */
    @Test
    void eachChangeIsOfOneChoice() {
        Augmentation augmentation = new Augmentation(true, 2, 0.5);
        assertThat(Recipe.REFERENCE
                        .withName("other")
                        .withEpochs(2)
                        .withBatchSize(3)
                        .withLearningRate(0.4)
                        .withMomentum(0.5)
                        .withSeed(6)
                        .withSchedule(Schedule.ONE_CYCLE)
                        .withWeightDecay(0.7)
                        .withLabelSmoothing(0.8)
                        .withAugmentation(augmentation)
                        .withAveraging(0.85)
                        .withValidation(11)
                        .withTestAtEnd(true)
                        .withPatience(13))
                .isEqualTo(new Recipe(
                        "other", 2, 3, 0.4, 0.5, 6, Schedule.ONE_CYCLE, 0.7, 0.8, augmentation, 0.85, 11, true, 13));
    }

    @Test
    void optionsBeyondAnotherRecipeAreThoseThatDiffer() {
        assertThat(Recipe.REFERENCE.optionsBeyond(Recipe.REFERENCE)).isEmpty();
        assertThat(Recipe.REFERENCE.withEpochs(3).withSeed(7).optionsBeyond(Recipe.REFERENCE))
                .isEqualTo("--epochs 3 --seed 7");
        assertThat(Recipe.REFERENCE.optionsBeyond(Recipe.BEST)).contains("--no-flip", "--no-test-at-end");
    }

    @Test
    void validationImagesAreMeasuredAfterEachEpochInAnyCase() {
        assertThat(RECIPE.withValidation(10).withTestAtEnd(true).measuresEachEpoch())
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
        assertThatThrownBy(() -> RECIPE.withWeightDecay(-1))
                .hasMessage("weight decay must be at least 0 and finite in single precision, not -1.0");
        assertThatThrownBy(() -> RECIPE.withLabelSmoothing(1))
                .hasMessage("label smoothing must be at least 0 and below 1, not 1.0");
        assertThatThrownBy(() -> RECIPE.withAveraging(Double.NaN))
                .hasMessage("average weights must be at least 0 and below 1, not NaN");
        assertThatThrownBy(() -> RECIPE.withValidation(-1)).hasMessage("validation must be at least 0 images, not -1");
        assertThatThrownBy(() -> RECIPE.withValidation(10).withPatience(-1))
                .hasMessage("early stopping must be at least 0 epochs, not -1");
        assertThatThrownBy(() -> RECIPE.withPatience(3)).hasMessageStartingWith("early stopping needs --validation");
        assertThatThrownBy(() -> new Augmentation(false, -1, 0)).hasMessage("shift must be at least 0 pixels, not -1");
        assertThatThrownBy(() -> new Augmentation(false, 0, 1.5)).hasMessage("erase must be 0 to 1, not 1.5");
    }

    /** A step of learning rate 0.1 with a decay of 0.5 takes 5 % off the weights. */
    @Test
    void weightDecayTakesTheSameShareOffAllWeightsAndSparesTheRest() {
        DataSet batch = new DataSet(Nd4j.rand(8, 1, 28, 28), Nd4j.eye(10).get(NDArrayIndex.interval(0, 8)));
        MultiLayerNetwork plain = network(RECIPE);
        MultiLayerNetwork decaying = network(RECIPE.withWeightDecay(0.5));
        var before = network(RECIPE).paramTable();
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
