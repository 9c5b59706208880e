package org.bncnn.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bncnn.store.ModelFileException;
import org.bncnn.store.UnwritableFileException;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Named tensors, as {@code safetensors.torch.save_file} and {@code torch.save} write them.
 *
 * @param tensors by name, in the order of the file. I64, F64, F32, I32, I16, I8, U8 and BOOL are ND4J's types of that
 *     size; F16 and BF16 are read as {@code FLOAT}. Tensors of {@code torch.save} that share all their values may be
 *     one array
 * @param metadata texts by key: in safetensors any, such as {@code format: pt}; in a checkpoint the values beside the
 *     {@code state_dict}, plain ones as text and others as their Python type
 */
public record WeightsFile(Map<String, INDArray> tensors, Map<String, String> metadata) {
    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if a value is not finite, or the type, shape or name of a tensor is not allowed
     */
    public WeightsFile {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors.forEach(WeightsFile::check);
    }

    private static void check(String name, INDArray values) {
        SafetensorsHeader.checkName(name);
        try {
            if (values.length() * TensorType.of(values).arrayBytes() > TensorLimits.MOST_BYTES) {
                throw new IllegalArgumentException("has more than " + (TensorLimits.MOST_BYTES >> 20) + " MiB");
            }
            if (values.isEmpty() && values.rank() == 0) {
                throw new IllegalArgumentException("has no values and no shape");
            }
            TensorType.checkFinite(values);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(TensorLimits.shown(name) + " " + e.getMessage(), e);
        }
    }

    /**
     * {@return the content of a file of either format}; its content decides the format, not its name
     *
     * @param file to read
     * @throws ModelFileException if the file is missing, damaged or of neither format, was written by PyTorch before
     *     1.6 or as TorchScript, holds more than 1 GiB, anything other than weights, such as a whole module, or a value
     *     that is not finite; the message names the tensor
     */
    public static WeightsFile read(Path file) throws ModelFileException {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException(
                    file + ": is not a file; name one that torch.save or safetensors.torch.save_file wrote", null);
        }
        WeightsFormat format;
        try {
            format = WeightsFormat.of(file);
        } catch (IOException e) {
            throw new ModelFileException(file + ": cannot be read (" + e.getMessage() + ")", e);
        }
        return switch (format) {
            case SAFETENSORS -> SafetensorsFile.read(file);
            case PYTORCH -> PyTorchFile.read(file);
            case NONE -> throw new ModelFileException(file + ": is neither safetensors nor a file of torch.save", null);
        };
    }

    /**
     * Writes safetensors as the format's own library does, reads the file back, and only then gives it its name, which
     * holds the old content or the new, whatever happens.
     *
     * @param file to write
     * @throws UnwritableFileException if it cannot be written
     */
    public void save(Path file) throws IOException {
        SafetensorsFile.write(this, file);
    }
}
