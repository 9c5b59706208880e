package org.bncnn.weights;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bncnn.store.ModelFileException;
import org.bncnn.store.ModelFileFuzzTest;
import org.junit.jupiter.api.BeforeAll;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Whatever is in a file of {@code torch.save}, it is read or refused with a {@link ModelFileException}: no other
 * exception, no crash, and no memory or time that the file's size does not explain.
 *
 * <p>{@code mvn -Pfuzz test} searches for a quarter of a minute, by coverage. A finding is kept as an input that every
 * later run begins with.
 */
class PyTorchFileFuzzTest {
    /** A state_dict of one tensor, and what stands beside it in a checkpoint. */
    private static final byte[] PICKLE =
            ("\u0080\u0002}q\u0000(X\u0005\u0000\u0000\u0000modelq\u0001ccollections\nOrderedDict\nq\u0002)Rq\u0003"
                            + "X\u0001\u0000\u0000\u0000xq\u0004ctorch._utils\n_rebuild_tensor_v2\nq\u0005((X\u0007\u0000\u0000\u0000storageq\u0006"
                            + "ctorch\nFloatStorage\nq\u0007X\u0001\u0000\u0000\u00000q\bX\u0003\u0000\u0000\u0000cpuq\tK\u0006tq\nQK\u0001"
                            + "K\u0002K\u0002\u0086q\u000bK\u0002K\u0001\u0086q\f\u0089h\u0002)Rq\rtq\u000eRq\u000fs}X\t\u0000\u0000\u0000_metadata}sb"
                            + "X\u0005\u0000\u0000\u0000epochM\u0001\u0000X\u0004\u0000\u0000\u0000lossG?\u00e0\u0000\u0000\u0000\u0000\u0000\u0000"
                            + "X\u0001\u0000\u0000\u0000n\u008a\u0001\u00ffX\u0001\u0000\u0000\u0000l](\u0088NJ\u0000\u0000\u0000\u0000K\u0001\u0085eu.")
                    .getBytes(StandardCharsets.ISO_8859_1);

    private static Path file;

    @BeforeAll
    static void makeFile() throws IOException {
        Nd4j.create(1);
        file = Files.createTempFile("fuzz", ".pt");
        file.toFile().deleteOnExit();
        write(PICKLE, new byte[24]);
        PyTorchFile.read(file);
    }

    /** The zip as it comes, which checksums keep most inputs out of, or the pickle with a stretch of it replaced. */
    @FuzzTest(maxDuration = "15s")
    void isReadOrRefused(FuzzedDataProvider data) throws IOException {
        if (data.consumeInt(0, 9) == 9) {
            Files.write(file, data.consumeRemainingAsBytes());
        } else {
            write(ModelFileFuzzTest.changed(PICKLE, data), new byte[24]);
        }
        try {
            PyTorchFile.read(file);
        } catch (ModelFileException refused) {
            // as it should be
        }
    }

    private static void write(byte[] pickle, byte[] storage) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            put(zip, "archive/data.pkl", pickle);
            put(zip, "archive/data/0", storage);
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
    }
}
