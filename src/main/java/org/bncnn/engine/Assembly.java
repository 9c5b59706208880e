package org.bncnn.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A plan in the making.
 *
 * @param training whether the plan is to train; else it is for inference
 * @param natives owns what stages make
 * @param islands what the plan's islands share
 * @param bound of the numbers on the way from input to output
 * @param prepare makes parameters ready for use; run when they have changed
 * @param forward from input to output
 * @param backward from the loss's gradient to the gradients of the parameters
 * @param stages one behind the other
 * @param tensors the input, which is bound at each run, and the output of each stage
 * @param executions of the network's layers
 */
record Assembly(
        MultiLayerNetwork network,
        boolean training,
        Natives natives,
        ParameterMemory parameters,
        Islands islands,
        Bound bound,
        Program prepare,
        Program forward,
        Program backward,
        List<Stage> stages,
        List<Tensor> tensors,
        List<LayerExecution> executions) {
    /** @param inputShape {@code [N, …]} */
    Assembly(MultiLayerNetwork network, boolean training, Natives natives, long... inputShape) {
        this(
                network,
                training,
                natives,
                new ParameterMemory(network, training),
                new Islands(network),
                new Bound(),
                new Program(natives),
                new Program(natives),
                new Program(natives),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>());
        tensors.add(natives.unbound(inputShape));
    }

    /** {@return the kind of forward pass}: in training, primitives keep what their backward pass needs. */
    prop_kind forwardKind() {
        return training ? prop_kind.forward_training : prop_kind.forward_inference;
    }

    /** {@return the output of the last stage until now} */
    private Tensor last() {
        return tensors.get(tensors.size() - 1);
    }

    /** {@return the shape of the output of the last stage until now} */
    long[] shape() {
        return last().shape();
    }

    /** Adds a stage that has no layer of its own. */
    void add(Stage stage) throws NotCompilableException {
        Tensor src = last();
        forward.add(() -> bound.follow(stage, src));
        tensors.add(stage.forward(src));
        stages.add(stage);
    }

    /** Adds the stage that executes layers {@code first} to {@code last}, or one more for them. */
    void add(int first, int last, Stage stage) throws NotCompilableException {
        add(stage);
        note(first, last, stage.implementation());
    }

    /** Notes what executes layers {@code first} to {@code last}, or what else does. */
    void note(int first, int last, String by) {
        if (first < executions.size()) {
            LayerExecution before = executions.get(first);
            executions.set(first, new LayerExecution(before.layer(), before.by() + ", " + by));
        }
        for (int layer = executions.size(); layer <= last; layer++) {
            LayerName name = LayerName.of(network.getLayer(layer));
            executions.add(new LayerExecution(name, layer == first ? by : "part of layer " + first));
        }
    }

    /** {@return the output in a plain layout, in memory of the plan} */
    Tensor output() {
        Stage stage = stages.isEmpty() ? null : stages.get(stages.size() - 1);
        boolean ofAnother = stage == null || stage instanceof IslandStage || stage instanceof ReshapeStage;
        Tensor output = ofAnother ? natives.allocate(shape()) : natives.orNew(last(), natives.plain(shape()));
        forward.reorder(last(), output);
        return output;
    }

    /** Adds the backward pass of all stages, the last first, as far as there are gradients to compute. */
    void addBackward(Tensor diffOutput) throws NotCompilableException {
        Tensor diff = diffOutput;
        for (int i = stages.size() - 1; i >= 0 && diff != null; i--) {
            boolean wanted = stages.subList(0, i).stream().anyMatch(Stage::hasParameters);
            diff = stages.get(i).backward(diff, wanted);
        }
    }
}
