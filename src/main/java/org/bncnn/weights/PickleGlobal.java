package org.bncnn.weights;

import java.util.Map;
import java.util.Set;

/**
 * A Python class, function or constant that a pickle names. It stays a name: nothing is loaded and nothing is called.
 *
 * <p>The allowed names are those of {@code torch.load(weights_only=True)} (PyTorch's
 * {@code _weights_only_unpickler.py}) for dense tensors and for plain values beside them in a checkpoint.
 */
record PickleGlobal(String name) {
    static final String ORDERED_DICT = "collections.OrderedDict";
    static final String TENSOR = "torch._utils._rebuild_tensor_v2";
    static final String PARAMETER = "torch._utils._rebuild_parameter";

    /** The type of a storage's values, by the storage's class. */
    private static final Map<String, TensorType> STORAGES = Map.of(
            "torch.DoubleStorage", TensorType.F64,
            "torch.FloatStorage", TensorType.F32,
            "torch.HalfStorage", TensorType.F16,
            "torch.BFloat16Storage", TensorType.BF16,
            "torch.LongStorage", TensorType.I64,
            "torch.IntStorage", TensorType.I32,
            "torch.ShortStorage", TensorType.I16,
            "torch.CharStorage", TensorType.I8,
            "torch.ByteStorage", TensorType.U8,
            "torch.BoolStorage", TensorType.BOOL);

    /** Functions that make other values, such as a scheduler's milestones; only the value's type is kept. */
    private static final Map<String, String> VALUES = Map.of(
            "collections.Counter", "Counter",
            "torch.Size", "torch.Size",
            "torch.device", "torch.device",
            "_codecs.encode", "bytes",
            "__builtin__.set", "set",
            "__builtin__.bytearray", "bytearray",
            "__builtin__.complex", "complex");

    /** Functions that make weights, and types of values. */
    private static final Set<String> OTHERS = Set.of((ORDERED_DICT + " " + TENSOR + " " + PARAMETER
                    + " torch.float16 torch.bfloat16 torch.float32 torch.float64 torch.complex64 torch.complex128"
                    + " torch.uint8 torch.int8 torch.int16 torch.int32 torch.int64 torch.bool torch.strided")
            .split(" "));

    /** {@return whether weights and the values beside them in a checkpoint may name it} */
    boolean isAllowed() {
        return STORAGES.containsKey(name) || VALUES.containsKey(name) || OTHERS.contains(name);
    }

    /** {@return the type of the value that it makes, if that is all that is kept}; null otherwise */
    String valueType() {
        return VALUES.get(name);
    }

    /** {@return the type of this storage class's values}; null if it is not one */
    TensorType storageType() {
        return STORAGES.get(name);
    }
}
