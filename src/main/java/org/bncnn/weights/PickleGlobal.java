package org.bncnn.weights;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Python class, function or constant that a pickle names. It stays a name: nothing is loaded and nothing is called.
 *
 * <p>The list of those allowed is that of {@code torch.load(weights_only=True)} (PyTorch's {@code _weights_only_unpickler.py}) as far as it
 * is about dense tensors and about plain values beside them in a checkpoint.
 */
record PickleGlobal(String name) {
    static final String ORDERED_DICT = "collections.OrderedDict";
    static final String TENSOR = "torch._utils._rebuild_tensor_v2";
    static final String PARAMETER = "torch._utils._rebuild_parameter";

    /** What the values of a storage are, by the storage's class. */
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

    /** What makes a value that no weights are made of, such as a scheduler's milestones, and that value's type, which is all that is kept. */
    private static final Map<String, String> VALUES = Map.of(
            "collections.Counter", "Counter",
            "torch.Size", "torch.Size",
            "torch.device", "torch.device",
            "_codecs.encode", "bytes",
            "__builtin__.set", "set",
            "__builtin__.bytearray", "bytearray",
            "__builtin__.complex", "complex");

    private static final Set<String> CONSTANTS = Stream.of(
                    "float16 bfloat16 float32 float64 complex64 complex128 uint8 int8 int16 int32 int64 bool strided"
                            .split(" "))
            .map(name -> "torch." + name)
            .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> ALLOWED = allowed();

    private static Set<String> allowed() {
        Set<String> allowed = new HashSet<>(Set.of(ORDERED_DICT, TENSOR, PARAMETER));
        allowed.addAll(STORAGES.keySet());
        allowed.addAll(VALUES.keySet());
        allowed.addAll(CONSTANTS);
        return allowed;
    }

    /** {@return whether weights and what stands beside them in a checkpoint may name it} */
    boolean isAllowed() {
        return ALLOWED.contains(name);
    }

    /** {@return the type of the value that it makes, if the type is all that is kept of it}; null if it makes anything else */
    String valueType() {
        return VALUES.get(name);
    }

    /** {@return what the values of this storage class are}; null if it is not one */
    TensorType storageType() {
        return STORAGES.get(name);
    }
}
