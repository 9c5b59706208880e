package org.bncnn.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Named tensors in the format of {@code torch.save}, since PyTorch 1.6: a {@code state_dict}, alone or in a checkpoint beside an optimizer's state
 * and other values.
 *
 * <p>The format is Python's pickle, which can run any code when Python reads it. Here nothing is run ({@link PickleMachine}). What the file claims
 * is checked before any memory is taken for it: every tensor lies within a storage, every storage is an entry of its size, and each entry is
 * compared with its checksum. Reading takes memory for the tensors and for the largest storage.
 *
 * @param tensors by name, in the order of the file; in the types of {@link SafetensorsFile}. Tensors that share all of their values may be one array
 * @param metadata what stands beside them: plain values as text, the Python type of others
 */
public record PyTorchFile(Map<String, INDArray> tensors, Map<String, String> metadata) {
    /** From this many bytes on, tensors with more than {@link #LARGEST_RATIO} times the file's size, repetitions of a few values, are a bomb. */
    private static final long HARMLESS = 64L << 20;

    private static final int LARGEST_RATIO = 100;

    public PyTorchFile {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * {@return the state_dict that a file holds}
     *
     * @throws ModelFileException if the file is missing, is damaged, was written by PyTorch before 1.6 or as TorchScript, holds anything that
     *     weights are not made of, such as a whole module, or more than 1 GiB, or a value that is not finite; the message says which
     */
    public static PyTorchFile read(Path file) throws ModelFileException {
        try (PyTorchArchive archive = new PyTorchArchive(file)) {
            PyTorchCheckpoint checkpoint = describe(archive);
            checkMemory(checkpoint.tensors().values(), Files.size(file));
            return new PyTorchFile(tensors(archive, checkpoint.tensors()), checkpoint.metadata());
        } catch (IOException | RuntimeException e) {
            throw refused(file, e);
        }
    }

    /** {@return what a file says that it holds}; its values are not read */
    static PyTorchCheckpoint describe(Path file) throws ModelFileException {
        try (PyTorchArchive archive = new PyTorchArchive(file)) {
            return describe(archive);
        } catch (IOException | RuntimeException e) {
            throw refused(file, e);
        }
    }

    private static ModelFileException refused(Path file, Exception why) {
        return new ModelFileException(file + ": is refused as PyTorch weights: " + ModelReader.reason(why), why);
    }

    private static PyTorchCheckpoint describe(PyTorchArchive archive) throws IOException {
        try {
            return PyTorchCheckpoint.of(PickleMachine.read(archive.pickle()));
        } catch (EOFException e) {
            throw new IOException("its data.pkl ends too early", e);
        }
    }

    private static void checkMemory(Collection<PyTorchTensor> tensors, long fileBytes) throws IOException {
        long bytes = 0;
        for (PyTorchTensor tensor : tensors) {
            bytes += tensor.arrayBytes();
            if (bytes > SafetensorsFile.LARGEST_DATA || tensor.storage().arrayBytes() > SafetensorsFile.LARGEST_DATA) {
                throw new IOException("it holds more than " + (SafetensorsFile.LARGEST_DATA >> 20) + " MiB");
            }
        }
        if (bytes > HARMLESS && bytes / LARGEST_RATIO > fileBytes) {
            throw new IOException("its tensors have more than " + LARGEST_RATIO + " times the file's size");
        }
    }

    /** Storage by storage, so that each is read once and only those are in memory that a tensor is all of. */
    private static Map<String, INDArray> tensors(PyTorchArchive archive, Map<String, PyTorchTensor> described)
            throws IOException {
        Map<String, PyTorchStorage> storages = new LinkedHashMap<>();
        for (PyTorchTensor tensor : described.values()) {
            PyTorchStorage other = storages.putIfAbsent(tensor.storage().key(), tensor.storage());
            if (other != null && !other.equals(tensor.storage())) {
                throw new IOException("its entry " + other.entry() + " is described in two ways");
            }
        }
        ByteOrder order = archive.byteOrder();
        for (PyTorchStorage storage : storages.values()) {
            archive.check(storage);
        }
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        described.keySet().forEach(name -> tensors.put(name, null));
        Map<PyTorchStorage, List<String>> names = described.keySet().stream()
                .collect(Collectors.groupingBy(name -> described.get(name).storage()));
        for (Map.Entry<PyTorchStorage, List<String>> each : names.entrySet()) {
            INDArray values = archive.values(each.getKey(), order);
            for (String name : each.getValue()) {
                tensors.put(name, checked(name, described.get(name).view(values)));
            }
        }
        return tensors;
    }

    private static INDArray checked(String name, INDArray values) {
        try {
            TensorType.checkFinite(values);
            return values;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(TensorName.shown(name) + " " + e.getMessage(), e);
        }
    }
}
