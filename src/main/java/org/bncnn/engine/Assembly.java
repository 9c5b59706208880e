package org.bncnn.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A plan in the making: its stages, one behind the other, the programs that they add to, and what each of the network's layers became. */
final class Assembly {
    private final MultiLayerNetwork network;
    private final boolean training;
    private final Natives natives;
    private final ParameterMemory parameters;
    private final Islands islands;
    private final Bound bound = new Bound();
    private final Program prepare;
    private final Program forward;
    private final Program backward;
    private final Tensor input;
    private final List<Stage> stages = new ArrayList<>();
    private final List<LayerExecution> executions = new ArrayList<>();

    /** What the stages until now give. */
    private Tensor current;

    /**
     * @param training whether the plan is to train; else it is for inference
     * @param natives owns what the stages make
     * @param inputShape {@code [N, …]}
     */
    Assembly(MultiLayerNetwork network, boolean training, Natives natives, long... inputShape) {
        this.network = network;
        this.training = training;
        this.natives = natives;
        parameters = new ParameterMemory(network, training);
        islands = new Islands(network);
        prepare = new Program(natives);
        forward = new Program(natives);
        backward = new Program(natives);
        input = natives.unbound(natives.plain(inputShape), inputShape);
        current = input;
    }

    boolean training() {
        return training;
    }

    /** {@return the kind of forward pass}: in training, primitives keep what their backward pass needs. */
    prop_kind forwardKind() {
        return training ? prop_kind.forward_training : prop_kind.forward_inference;
    }

    Natives natives() {
        return natives;
    }

    ParameterMemory parameters() {
        return parameters;
    }

    Islands islands() {
        return islands;
    }

    /** {@return the bound of the numbers on the way from input to output} */
    Bound bound() {
        return bound;
    }

    /** {@return what has to be done with parameters before they can be used}; run when they have changed */
    Program prepare() {
        return prepare;
    }

    /** {@return the way from the input to the output} */
    Program forward() {
        return forward;
    }

    /** {@return the way from the loss's gradient to the gradients of the parameters} */
    Program backward() {
        return backward;
    }

    /** {@return the plan's input}, bound at each run */
    Tensor input() {
        return input;
    }

    /** {@return the shape of what the stages until now give} */
    long[] shape() {
        return current.shape();
    }

    /** {@return what executes each layer} */
    List<LayerExecution> executions() {
        return List.copyOf(executions);
    }

    /** Adds a stage that has no layer of its own. */
    void add(Stage stage) throws NotCompilableException {
        Tensor src = current;
        forward.add(() -> bound.follow(stage, src));
        current = stage.forward(current);
        stages.add(stage);
    }

    /** Adds the stage that executes layers {@code first} to {@code last}, or one more for them. */
    void add(int first, int last, Stage stage) throws NotCompilableException {
        add(stage);
        note(first, last, stage.implementation());
    }

    /** Notes what executes layers {@code first} to {@code last}, or what more does. */
    void note(int first, int last, String by) {
        if (first < executions.size()) {
            LayerExecution before = executions.get(first);
            executions.set(first, new LayerExecution(before.layer(), before.by() + ", " + by));
        }
        for (int layer = executions.size(); layer <= last; layer++) {
            executions.add(new LayerExecution(
                    LayerName.of(network.getLayer(layer)), layer == first ? by : "part of layer " + first));
        }
    }

    /** {@return the number of multiply-adds in a forward pass} */
    long multiplyAdds() {
        return stages.stream().mapToLong(Stage::multiplyAdds).sum();
    }

    /** {@return the last array in a plain layout} */
    Tensor output() {
        return natives.inLayout(current, natives.plain(current.shape()), forward);
    }

    /** {@return the last array in a plain layout, in memory that can be bound to the caller's} */
    Tensor boundOutput() {
        Stage last = stages.get(stages.size() - 1);
        boolean ofAnother = last instanceof IslandStage || last instanceof ReshapeStage;
        if (!ofAnother && current.desc().equals(natives.plain(current.shape()))) {
            return current;
        }
        Tensor output = natives.unbound(natives.plain(current.shape()), current.shape());
        forward.reorder(current, output);
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
