package org.bncnn.store;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.bncnn.store.PickleMachine.Tuple;

/**
 * A stretch of values that tensors of a PyTorch file are views of, as the file's pickle describes it.
 *
 * @param key the name of its entry in the file, a number
 * @param values how many it has
 */
record PyTorchStorage(String key, TensorType type, long values) {
    static final String FOLDER = "data/";

    private static final Pattern KEY = Pattern.compile("[0-9]{1,10}");
    private static final String KIND = "storage";

    /**
     * {@return the storage that a persistent id stands for}: {@code ("storage", class, key, device, number of values)}
     *
     * @throws IOException if it stands for anything else
     */
    static PyTorchStorage of(Object id) throws IOException {
        if (id instanceof Tuple tuple && tuple.values().size() == 5) {
            List<Object> parts = tuple.values();
            if (KIND.equals(parts.get(0))
                    && parts.get(1) instanceof PickleGlobal storage
                    && storage.storageType() != null
                    && parts.get(2) instanceof String key
                    && KEY.matcher(key).matches()
                    && parts.get(3) instanceof String
                    && parts.get(4) instanceof Long values
                    && TensorShape.values(values) >= 0) {
                return new PyTorchStorage(key, storage.storageType(), values);
            }
        }
        throw new IOException("it refers to something other than a storage of the file");
    }

    /** {@return the name of its entry} */
    String entry() {
        return FOLDER + key;
    }

    /** {@return how many bytes it has in the file} */
    long bytes() {
        return values * type.bytes();
    }

    /** {@return how many bytes its values take in memory} */
    long arrayBytes() {
        return values * type.arrayBytes();
    }
}
