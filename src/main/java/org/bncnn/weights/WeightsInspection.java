package org.bncnn.weights;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.store.ModelFileException;

/**
 * What is in a file of weights, and whether it is safe to read.
 *
 * @param file that was looked at
 * @param refusal why it is refused; null if it is not
 * @param tensors in the order of the file; empty if the description of them was refused
 * @param parameters how many floating-point values they have: weights, biases and running statistics
 * @param metadata what stands beside them
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
     * @param type under its name in safetensors, such as F32
     */
    public record Tensor(String name, String type, List<Long> shape) {
        /** {@return how many values it has} */
        public long values() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    public WeightsInspection {
        tensors = List.copyOf(tensors);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** {@return whether it can be read} */
    public boolean isSafe() {
        return refusal == null;
    }

    /**
     * {@return what is in a file of weights}, after reading all of it; nothing in it is run, whatever it holds
     *
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
                        .map(each -> tensor(
                                each.getKey(),
                                each.getValue().storage().type(),
                                each.getValue().shape()))
                        .toList();
                metadata = described.metadata();
            } else {
                SafetensorsHeader described = SafetensorsFile.describe(file);
                tensors = described.entries().stream()
                        .map(each -> tensor(each.name(), each.type(), each.shape()))
                        .toList();
                metadata = described.metadata();
            }
            WeightsFile.read(file);
        } catch (ModelFileException e) {
            refusal = e.getMessage();
        }
        return new WeightsInspection(file.toString(), format, refusal, tensors, parameters(tensors), metadata);
    }

    private static Tensor tensor(String name, TensorType type, long... shape) {
        return new Tensor(name, type.name(), Arrays.stream(shape).boxed().toList());
    }

    private static long parameters(List<Tensor> tensors) {
        return tensors.stream()
                .filter(tensor -> TensorType.valueOf(tensor.type()).isFloatingPoint())
                .mapToLong(Tensor::values)
                .sum();
    }
}
