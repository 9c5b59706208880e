package org.bncnn.weights;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bncnn.store.ModelFileException;
import org.bncnn.weights.PyTorchTensor.Storage;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads what {@code torch.save} has written since PyTorch 1.6: a {@code state_dict}, alone or in a checkpoint beside an
 * optimizer's state and other values.
 *
 * <p>The format is Python's pickle, which can run any code when Python reads it. Here nothing is run
 * ({@link PickleMachine}). Every tensor must lie within a storage, every storage must be an entry of its size, and each
 * entry is compared with its checksum. Reading takes memory for the tensors and for the largest storage.
 */
final class PyTorchFile {
    /** More bytes of tensors than this, and {@link #LARGEST_RATIO} times the file's size, are a bomb of repetitions. */
    private static final long HARMLESS = 64L << 20;

    private static final int LARGEST_RATIO = 100;

    private PyTorchFile() {}

    /** @throws ModelFileException if the file is missing or refused */
    static WeightsFile read(Path file) throws ModelFileException {
        try (PyTorchArchive archive = new PyTorchArchive(file)) {
            PyTorchCheckpoint checkpoint = describe(archive);
            checkMemory(checkpoint.tensors().values(), Files.size(file));
            return new WeightsFile(tensors(archive, checkpoint.tensors()), checkpoint.metadata());
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
        return ModelFileException.refused(file, "PyTorch weights", why);
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
            TensorLimits.checkBytes(Math.max(bytes, tensor.storage().arrayBytes()));
        }
        if (bytes > HARMLESS && bytes / LARGEST_RATIO > fileBytes) {
            throw new IOException("its tensors have more than " + LARGEST_RATIO + " times the file's size");
        }
    }

    /** Storage by storage, so that each is read once and only those stay in memory that are one whole tensor. */
    private static Map<String, INDArray> tensors(PyTorchArchive archive, Map<String, PyTorchTensor> described)
            throws IOException {
        Map<String, Storage> storages = new LinkedHashMap<>();
        for (PyTorchTensor tensor : described.values()) {
            Storage other = storages.putIfAbsent(tensor.storage().key(), tensor.storage());
            if (other != null && !other.equals(tensor.storage())) {
                throw new IOException("its entry " + other.entry() + " is described in two ways");
            }
        }
        ByteOrder order = archive.byteOrder();
        for (Storage storage : storages.values()) {
            archive.check(storage);
        }
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        described.keySet().forEach(name -> tensors.put(name, null)); // in their order
        Map<Storage, List<String>> names = described.keySet().stream()
                .collect(Collectors.groupingBy(name -> described.get(name).storage()));
        for (Map.Entry<Storage, List<String>> each : names.entrySet()) {
            INDArray values = archive.values(each.getKey(), order);
            for (String name : each.getValue()) {
                tensors.put(name, described.get(name).view(values));
            }
        }
        return tensors;
    }
}
