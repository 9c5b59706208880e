package org.bncnn.weights;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.bncnn.weights.PickleMachine.Dict;
import org.bncnn.weights.PickleMachine.Tuple;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tensor of a PyTorch file: a view of a storage, which lies wholly within it.
 *
 * @param offset of its first value in the storage
 * @param strides how many values of the storage lie between neighbours, for each dimension; 0 repeats one value
 */
record PyTorchTensor(Storage storage, long offset, long[] shape, long[] strides) {
    /**
     * A stretch of values that tensors are views of, as the file's pickle describes it.
     *
     * @param key the name of its entry in the file, a number
     * @param values how many it has
     */
    record Storage(String key, TensorType type, long values) {
        static final String FOLDER = "data/";

        private static final Pattern KEY = Pattern.compile("[0-9]{1,10}");

        /**
         * {@return the storage of a persistent id}: {@code ("storage", class, key, device, number of values)}
         *
         * @throws IOException if it stands for anything else
         */
        static Storage of(Object id) throws IOException {
            if (id instanceof Tuple tuple && tuple.values().size() == 5) {
                List<Object> parts = tuple.values();
                if ("storage".equals(parts.get(0))
                        && parts.get(1) instanceof PickleGlobal global
                        && global.storageType() != null
                        && parts.get(2) instanceof String key
                        && KEY.matcher(key).matches()
                        && parts.get(3) instanceof String
                        && parts.get(4) instanceof Long values
                        && TensorLimits.values(values) >= 0) {
                    return new Storage(key, global.storageType(), values);
                }
            }
            throw new IOException("it refers to something other than a storage of the file");
        }

        /** {@return the name of its entry} */
        String entry() {
            return FOLDER + key;
        }

        /** {@return the number of its bytes in the file} */
        long bytes() {
            return values * type.bytes();
        }

        /** {@return the number of bytes of its values in memory} */
        long arrayBytes() {
            return values * type.arrayBytes();
        }
    }

    /**
     * {@return the tensor that {@code torch._utils._rebuild_tensor_v2} would make}
     *
     * @param arguments storage, offset, shape, strides, whether it has a gradient, hooks, and since PyTorch 2 metadata
     * @throws IOException if the arguments are others, or the tensor is not within the storage
     */
    static PyTorchTensor of(List<Object> arguments) throws IOException {
        if (arguments.size() >= 6
                && arguments.size() <= 7
                && arguments.get(0) instanceof Storage storage
                && arguments.get(1) instanceof Long offset
                && arguments.get(2) instanceof Tuple shape
                && arguments.get(3) instanceof Tuple strides
                && arguments.get(4) instanceof Boolean
                && isEmpty(arguments.get(5))
                && (arguments.size() == 6 || arguments.get(6) == null || isEmpty(arguments.get(6)))) {
            PyTorchTensor tensor = new PyTorchTensor(storage, offset, numbers(shape), numbers(strides));
            tensor.check();
            return tensor;
        }
        throw new IOException("a tensor is described otherwise than PyTorch does");
    }

    private static boolean isEmpty(Object value) {
        return value instanceof Dict dict && dict.values().isEmpty();
    }

    private static long[] numbers(Tuple tuple) throws IOException {
        if (!tuple.values().stream().allMatch(Long.class::isInstance)) {
            throw new IOException("a tensor's shape or strides are not whole numbers");
        }
        return tuple.values().stream().mapToLong(Long.class::cast).toArray();
    }

    private void check() throws IOException {
        long values = TensorLimits.values(shape);
        if (values < 0 || strides.length != shape.length) {
            throw new IOException("a tensor has the shape " + Arrays.toString(shape) + " and the strides "
                    + Arrays.toString(strides) + ", which are not those of an array");
        }
        // The furthest value; each summand is compared with what is left of the storage, so no product overflows.
        long left = storage.values() - offset - (values == 0 ? 0 : 1);
        boolean within = offset >= 0 && left >= 0;
        for (int i = 0; i < shape.length && within; i++) {
            long steps = values == 0 ? 0 : shape[i] - 1;
            within = strides[i] >= 0 && (steps == 0 || strides[i] <= left / steps);
            left -= within ? steps * strides[i] : 0;
        }
        if (!within) {
            throw new IOException("a tensor of shape " + Arrays.toString(shape) + ", strides "
                    + Arrays.toString(strides) + " and offset " + offset + " is not within its storage of "
                    + storage.values() + " values");
        }
    }

    /** {@return a description of it} */
    WeightsInspection.Tensor named(String name) {
        return new WeightsInspection.Tensor(name, storage.type(), shape);
    }

    private long values() {
        return TensorLimits.values(shape);
    }

    /** {@return the number of bytes of its values in memory} */
    long arrayBytes() {
        return values() * storage.type().arrayBytes();
    }

    /**
     * {@return the tensor as an array in 'c' order}: the whole storage, or a copy of the values that it is a view of
     *
     * @param content of the storage, in one dimension
     */
    INDArray view(INDArray content) {
        if (values() == 0) {
            return Nd4j.create(content.dataType(), shape);
        }
        if (values() == storage.values() && isContiguous()) {
            return content.reshape('c', shape);
        }
        INDArray copy = Nd4j.createUninitialized(content.dataType(), shape, 'c');
        gather(content.data().asNio(), offset, copy.data().asNio(), 0);
        Reference.reachabilityFence(content); // whose memory the buffer alone does not keep
        return copy;
    }

    private boolean isContiguous() {
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            if (shape[i] != 1 && strides[i] != stride) {
                return false;
            }
            stride *= shape[i];
        }
        return true;
    }

    /** Copies what lies in the dimensions from one on. */
    private void gather(ByteBuffer source, long begin, ByteBuffer target, int dimension) {
        boolean isRow = dimension == shape.length - 1 && strides[dimension] == 1;
        if (dimension == shape.length || isRow) {
            int width = storage.type().arrayBytes();
            int length = isRow ? (int) shape[dimension] * width : width;
            target.put(target.position(), source, (int) begin * width, length);
            target.position(target.position() + length);
            return;
        }
        for (long i = 0; i < shape[dimension]; i++) {
            gather(source, begin + i * strides[dimension], target, dimension + 1);
        }
    }
}
