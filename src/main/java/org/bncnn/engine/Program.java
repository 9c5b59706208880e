package org.bncnn.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;

/** Steps that are run in order: primitives, and Java between them. */
final class Program {
    private final Natives natives;
    private final List<Runnable> steps = new ArrayList<>();

    Program(Natives natives) {
        this.natives = natives;
    }

    /** Adds a primitive. */
    void add(primitive_desc_base desc, Argument... arguments) {
        primitive primitive = natives.own(new primitive(desc.get()));
        IntMemoryMap map = natives.own(new IntMemoryMap());
        for (Argument argument : arguments) {
            if (argument.tensor() != null) {
                map.put(argument.index(), argument.tensor().memory());
            }
        }
        steps.add(() -> primitive.execute(natives.stream(), map));
    }

    void add(Runnable step) {
        steps.add(step);
    }

    /** Adds a copy into another layout; nothing if both are the same array. */
    void reorder(Tensor from, Tensor to) {
        if (from != to) {
            add(natives.reorder(from, to), new Argument(dnnl.DNNL_ARG_FROM, from), new Argument(dnnl.DNNL_ARG_TO, to));
        }
    }

    void run() {
        runWhile(() -> true);
    }

    /** Runs the steps for as long as a condition holds. */
    void runWhile(BooleanSupplier condition) {
        for (Runnable step : steps) {
            if (!condition.getAsBoolean()) {
                return;
            }
            step.run();
        }
    }

    /**
     * An argument of a primitive.
     *
     * @param index oneDNN's number for the argument, {@code DNNL_ARG_…}
     * @param tensor null if it is left out
     */
    record Argument(int index, Tensor tensor) {}
}
