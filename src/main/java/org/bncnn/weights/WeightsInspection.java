package org.bncnn.weights;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.store.ModelFileException;

/**
 * The content of a file of weights, and whether it is safe to read.
 *
 * @param file the path of the file
 * @param format of the file
 * @param refusal why it is refused; null if it is not
 * @param tensors in the order of the file; empty if their description was refused
 * @param parameters the number of floating-point values: weights, biases and running statistics
 * @param metadata texts beside the tensors, by key
 */
public record WeightsInspection(
        String file,
        WeightsFormat format,
        String refusal,
        List<Tensor> tensors,
        long parameters,
        Map<String, String> metadata) {
    /**
     * A tensor as the file has it.
     *
     * @param name of the tensor
     * @param type its name in safetensors, such as F32
     * @param shape its sizes
     */
    public record Tensor(String name, String type, List<Long> shape) {
        Tensor(String name, TensorType type, long... shape) {
            this(name, type.name(), Arrays.stream(shape).boxed().toList());
        }

        /** {@return the number of its values} */
        public long values() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    /** Copies the lists. */
    public WeightsInspection {
        tensors = List.copyOf(tensors);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** {@return whether it can be read} */
    public boolean isSafe() {
        return refusal == null;
    }

    /**
     * {@return the content of a file of weights}, after reading all of it; nothing in it is run
     *
     * @param file to read
     * @param format of the file, {@link WeightsFormat#SAFETENSORS} or {@link WeightsFormat#PYTORCH}
     */
    public static WeightsInspection of(Path file, WeightsFormat format) {
        List<Tensor> tensors = List.of();
        Map<String, String> metadata = Map.of();
        String refusal = null;
        try {
            if (format == WeightsFormat.PYTORCH) {
                PyTorchCheckpoint described = PyTorchFile.describe(file);
                tensors = described.tensors().entrySet().stream()
                        .map(each -> each.getValue().named(each.getKey()))
                        .toList();
                metadata = described.metadata();
            } else {
                SafetensorsHeader described = SafetensorsFile.describe(file);
                tensors = described.entries().stream()
                        .map(each -> new Tensor(each.name(), each.type(), each.shape()))
                        .toList();
                metadata = described.metadata();
            }
            WeightsFile.read(file);
        } catch (ModelFileException e) {
            refusal = e.getMessage();
        }
        long parameters = tensors.stream()
                .filter(tensor -> TensorType.valueOf(tensor.type).isFloatingPoint())
                .mapToLong(Tensor::values)
                .sum();
        return new WeightsInspection(file.toString(), format, refusal, tensors, parameters, metadata);
    }
}
