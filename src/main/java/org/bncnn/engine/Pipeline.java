package org.bncnn.engine;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** The stages of a plan in the making, one behind the other, and what each of the network's layers became. */
final class Pipeline {
    private final MultiLayerNetwork network;
    private final Assembly assembly;
    private final Tensor input;
    private final List<Stage> stages = new ArrayList<>();
    private final List<LayerExecution> executions = new ArrayList<>();

    /** What the stages until now give. */
    private Tensor current;

    /** @param inputShape {@code [N, …]} */
    Pipeline(MultiLayerNetwork network, Assembly assembly, long... inputShape) {
        this.network = network;
        this.assembly = assembly;
        input = assembly.natives().unbound(assembly.natives().plain(inputShape), inputShape);
        current = input;
    }

    /** {@return the plan's input}, bound at each run */
    Tensor input() {
        return input;
    }

    /** {@return the shape of what the stages until now give} */
    long[] shape() {
        return current.shape();
    }

    /** {@return what runs each layer} */
    List<LayerExecution> executions() {
        return executions;
    }

    /** Adds a stage that has no layer of its own. */
    void add(Stage stage) throws NotCompilableException {
        Tensor src = current;
        assembly.forward().add(() -> assembly.bound().follow(stage, src));
        current = stage.forward(current);
        stages.add(stage);
    }

    /** Adds the stage that runs layers {@code first} to {@code last}, or one more for them. */
    void add(int first, int last, Stage stage) throws NotCompilableException {
        add(stage);
        tell(first, last, stage.implementation());
    }

    /** Tells what runs layers {@code first} to {@code last}, or what more does. */
    void tell(int first, int last, String by) {
        if (first < executions.size()) {
            executions.set(first, execution(first, executions.get(first).by() + ", " + by));
        } else {
            executions.add(execution(first, by));
        }
        for (int layer = executions.size(); layer <= last; layer++) {
            executions.add(execution(layer, "part of layer " + first));
        }
    }

    private LayerExecution execution(int layer, String by) {
        Layer conf = network.getLayer(layer).conf().getLayer();
        return new LayerExecution(layer, conf.getLayerName(), conf.getClass().getSimpleName(), by);
    }

    /** {@return how many numbers the stages multiply and add up in a forward pass} */
    long multiplyAdds() {
        return stages.stream().mapToLong(Stage::multiplyAdds).sum();
    }

    /** {@return the last array in a plain layout} */
    Tensor output() {
        Natives natives = assembly.natives();
        return natives.inLayout(current, natives.plain(current.shape()), assembly.forward());
    }

    /** {@return the last array in a plain layout, in memory that can be bound to the caller's} */
    Tensor boundOutput() {
        Natives natives = assembly.natives();
        Stage last = stages.get(stages.size() - 1);
        boolean ofAnother = last instanceof IslandStage || last instanceof ReshapeStage;
        if (!ofAnother && current.desc().equals(natives.plain(current.shape()))) {
            return current;
        }
        Tensor output = natives.unbound(natives.plain(current.shape()), current.shape());
        assembly.forward().reorder(current, output);
        return output;
    }

    /** Adds the backward pass of all stages, the last first, as far as there are gradients to compute. */
    void backward(Tensor diffOutput) throws NotCompilableException {
        Tensor diff = diffOutput;
        for (int i = stages.size() - 1; i >= 0 && diff != null; i--) {
            boolean wanted = stages.subList(0, i).stream().anyMatch(Stage::hasParameters);
            diff = stages.get(i).backward(diff, wanted);
        }
    }
}
