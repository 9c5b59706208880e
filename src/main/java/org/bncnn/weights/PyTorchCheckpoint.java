package org.bncnn.weights;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.text.Printable;
import org.bncnn.weights.PickleMachine.Dict;
import org.bncnn.weights.PickleMachine.Items;
import org.bncnn.weights.PickleMachine.Tuple;

/**
 * The {@code state_dict} that a PyTorch file's pickle describes, alone or in a checkpoint.
 *
 * @param tensors of the {@code state_dict} by name, in its order
 * @param metadata the values beside them, plain ones as text and others as their Python type
 */
record PyTorchCheckpoint(Map<String, PyTorchTensor> tensors, Map<String, String> metadata) {
    /** Usual names of the {@code state_dict} in a checkpoint, in the order in which they are tried. */
    private static final List<String> NAMES = List.of("model_state_dict", "state_dict", "model");

    private static final int MOST_SHOWN = 5;

    /** @throws IOException if the value holds no {@code state_dict}, or several and none under a usual name */
    static PyTorchCheckpoint of(Object value) throws IOException {
        if (!(value instanceof Dict top)) {
            throw new IOException("it is a pickled " + TensorLimits.shown(text(value)) + ", not a state_dict");
        }
        Object key = key(top);
        Dict stateDict = key == null ? top : (Dict) top.values().get(key);
        PyTorchCheckpoint checkpoint = new PyTorchCheckpoint(new LinkedHashMap<>(), new LinkedHashMap<>());
        if (key != null) {
            top.values().forEach((name, each) -> checkpoint.metadata.put(String.valueOf(name), text(each)));
            checkpoint.metadata.put(String.valueOf(key), "state_dict");
        }
        for (Map.Entry<Object, Object> entry : stateDict.values().entrySet()) {
            String name = String.valueOf(entry.getKey());
            if (entry.getValue() instanceof PyTorchTensor tensor) {
                TensorLimits.checkName(name);
                checkpoint.tensors.put(name, tensor);
            } else {
                checkpoint.metadata.put(name, text(entry.getValue()));
            }
        }
        return checkpoint;
    }

    /** {@return where in a checkpoint the state_dict is}; null if the checkpoint itself is one */
    private static Object key(Dict top) throws IOException {
        for (String name : NAMES) {
            if (hasTensors(top.values().get(name))) {
                return name;
            }
        }
        if (hasTensors(top)) {
            return null;
        }
        List<Object> keys = new ArrayList<>(top.values().keySet());
        keys.removeIf(each -> !hasTensors(top.values().get(each)));
        if (keys.size() == 1) {
            return keys.get(0);
        }
        throw new IOException(
                keys.isEmpty()
                        ? "it holds no state_dict, only " + some(top.values().keySet())
                        : "it holds several state_dicts, " + some(keys) + "; in Python, save one of them alone");
    }

    private static boolean hasTensors(Object value) {
        return value instanceof Dict dict && dict.values().values().stream().anyMatch(PyTorchTensor.class::isInstance);
    }

    private static String some(Collection<Object> keys) {
        return Printable.shortened(keys, MOST_SHOWN, key -> TensorLimits.shown(String.valueOf(key)));
    }

    private static String text(Object value) {
        if (value instanceof Dict) {
            return "dict";
        }
        if (value instanceof Items) {
            return "list";
        }
        if (value instanceof Tuple) {
            return "tuple";
        }
        if (value instanceof PyTorchTensor) {
            return "tensor";
        }
        if (value instanceof PyTorchTensor.Storage) {
            return "storage";
        }
        return value instanceof PickleGlobal global ? global.name() : String.valueOf(value);
    }
}
