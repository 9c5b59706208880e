package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Copies, files, evaluation, and what goes along with them. */
class LifecycleTest {
    private final MultiLayerNetwork dl4j = Networks.random(Networks.cnn(new Adam(1e-2)));
    private final DataSet batch = Networks.cnnBatch(6);

    @Test
    void trainingGoesOnWhereItWas() {
        dl4j.setListeners(new ScoreIterationListener(100));
        dl4j.fit(iterator(), 2);
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        assertCopy(plan, dl4j);
        assertThat(plan.getListeners()).isEqualTo(dl4j.getListeners());
        dl4j.fit(iterator(), 2);
        plan.fit(iterator(), 2);
        assertThat(plan.getIterationCount()).isEqualTo(8);
        assertThat(plan.getEpochCount()).isEqualTo(4);
        MultiLayerNetwork back = plan.toDl4j();
        assertThat(back.getClass()).isEqualTo(MultiLayerNetwork.class);
        assertCopy(back, plan);
        assertThat(back.getListeners()).isEqualTo(plan.getListeners());
        back.fit(iterator(), 1);
        dl4j.fit(iterator(), 1);
        assertClose(back, dl4j);
    }

    @Test
    void aCloneRunsOnItsOwn() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        plan.fit(batch);
        OneDnnNetwork clone = plan.clone();
        assertThat(clone.explain(true, 6, 1, 6, 6)).isEqualTo(plan.explain(true, 6, 1, 6, 6));
        assertCopy(clone, plan);
        INDArray before = plan.params().dup();
        clone.fit(batch);
        assertThat(plan.params()).isEqualTo(before);
        assertThat(clone.params()).isNotEqualTo(before);
    }

    @Test
    void aCloneHasTheSameIslands() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j, layer -> true);
        assertThat(plan.clone().explain(true, 6, 1, 6, 6)).isEqualTo(plan.explain(true, 6, 1, 6, 6));
    }

    @Test
    void itsFileIsDl4js(@TempDir Path folder) throws Exception {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        plan.fit(iterator(), 2);
        File file = folder.resolve("model.zip").toFile();
        plan.save(file, true);
        MultiLayerNetwork loaded = MultiLayerNetwork.load(file, true);
        assertCopy(loaded, plan);
        loaded.fit(batch);
        plan.fit(batch);
        assertClose(loaded, plan);
    }

    @Test
    void itIsSerializedAsDl4jsNetwork() throws Exception {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        plan.fit(batch);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(plan);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            MultiLayerNetwork read = (MultiLayerNetwork) in.readObject();
            assertThat(read.getClass()).isEqualTo(MultiLayerNetwork.class);
            assertThat(read.output(batch.getFeatures())).isEqualTo(plan.toDl4j().output(batch.getFeatures()));
        }
    }

    @Test
    void evaluation() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        for (int i = 0; i < 20; i++) {
            plan.fit(batch);
        }
        Evaluation expected = plan.toDl4j().evaluate(iterator());
        Evaluation actual = plan.evaluate(iterator());
        assertThat(actual.confusionToString()).isEqualTo(expected.confusionToString());
        assertThat(actual.accuracy()).isGreaterThan(0.6);
    }

    @Test
    void outputsGoWhereTheCallerWantsThem() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        INDArray expected = dl4j.output(batch.getFeatures());
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 20).build();
        try (MemoryWorkspace workspace =
                Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "LifecycleTest")) {
            INDArray output = plan.output(batch.getFeatures(), false, workspace);
            assertThat(output.isAttached()).isTrue();
            assertThat(output.data().getParentWorkspace()).isSameAs(workspace);
            Parity.assertClose("output", output.detach(), expected, 0);
        }
        assertThat(plan.output(batch.getFeatures()).isAttached()).isFalse();
    }

    @Test
    void withoutWorkspaces() {
        dl4j.getLayerWiseConfigurations().setTrainingWorkspaceMode(WorkspaceMode.NONE);
        dl4j.getLayerWiseConfigurations().setInferenceWorkspaceMode(WorkspaceMode.NONE);
        OneDnnNetwork plan =
                OneDnnNetwork.accelerate(dl4j, layer -> layer.getLayerName().equals("layer1"));
        dl4j.fit(batch);
        plan.fit(batch);
        assertClose(plan, dl4j);
        assertThat(plan.explain(true, 6, 1, 6, 6).get(1).by()).startsWith("org.deeplearning4j");
    }

    @Test
    void outputOfTraining() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        Parity.assertClose("output", plan.output(batch.getFeatures(), true), dl4j.output(batch.getFeatures(), true), 0);
        assertThat(plan.feedForward(batch.getFeatures())).hasSize(6);
        assertThat(plan.score(batch)).isEqualTo(dl4j.score(batch));
    }

    /** DL4J slices the gradients anew at every step; with a plan its updater keeps views of them. */
    @Test
    void gradientsThatWereInitialisedAgain() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        OneDnnNetwork again = OneDnnNetwork.accelerate(dl4j);
        plan.fit(batch);
        again.fit(batch);
        again.initGradientsView();
        plan.fit(batch);
        again.fit(batch);
        assertClose(again, plan);
    }

    private static void assertCopy(MultiLayerNetwork actual, MultiLayerNetwork expected) {
        assertThat(actual.params()).isEqualTo(expected.params()).isNotSameAs(expected.params());
        assertThat(actual.getUpdater().getStateViewArray())
                .isEqualTo(expected.getUpdater().getStateViewArray());
        assertThat(actual.getIterationCount()).isEqualTo(expected.getIterationCount());
        assertThat(actual.getEpochCount()).isEqualTo(expected.getEpochCount());
    }

    private static void assertClose(MultiLayerNetwork actual, MultiLayerNetwork expected) {
        Parity.assertClose("parameters", actual.params(), expected.params(), 0);
        Parity.assertClose(
                "updater state",
                actual.getUpdater().getStateViewArray(),
                expected.getUpdater().getStateViewArray(),
                0);
    }

    private DataSetIterator iterator() {
        return new ListDataSetIterator<>(List.of(batch, Networks.cnnBatch(3)), 1);
    }
}
