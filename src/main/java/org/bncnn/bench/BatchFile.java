package org.bncnn.bench;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bncnn.array.Floats;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The batches of a workload, in a file that each worker reads: labels and pixels as bytes, batch by batch, so that no
 * worker's memory is taken up by a whole dataset.
 *
 * @param file path of the file
 * @param workload sizes of the batches
 */
public record BatchFile(Path file, Workload workload) {
    /** Fewer different batches would be learned by heart within the first iterations. */
    private static final int MOST = 100;

    private static final int FEWEST = 2;
    private static final long MOST_VALUES = 1 << 24;

    /**
     * Writes the file, from shuffled images; an image is scaled to the workload's side, by its nearest pixels.
     *
     * @param images images with the workload's channels and classes; they are used again if there are too few
     */
    void write(ImageSet images) throws IOException {
        ImageSetIterator shuffled = ImageSetIterator.shuffled(images, 1, 1);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (int image = 0; image < count() * workload.batchSize(); image++) {
                if (!shuffled.hasNext()) {
                    shuffled.reset();
                }
                DataSet one = shuffled.next();
                out.writeInt(one.getLabels().argMax(1).getInt(0));
                out.write(scaled(Floats.copyOf(one.getFeatures()), images, workload.side()));
            }
        }
    }

    private static byte[] scaled(float[] pixels, ImageSet images, int side) {
        byte[] result = new byte[images.channels() * side * side];
        int i = 0;
        for (int c = 0; c < images.channels(); c++) {
            for (int y = 0; y < side; y++) {
                int row = (c * images.height() + y * images.height() / side) * images.width();
                for (int x = 0; x < side; x++) {
                    result[i++] = (byte) pixels[row + x * images.width() / side];
                }
            }
        }
        return result;
    }

    /** {@return the number of batches, smaller where they are large} */
    public int count() {
        long fitting = MOST_VALUES / ((long) workload.batchSize() * workload.imageLength());
        return (int) Math.max(FEWEST, Math.min(MOST, fitting));
    }

    /**
     * {@return the images of a batch, [N, C, H, W], mapped to [−1, 1]}
     *
     * @param batch number of the batch
     * @throws IOException if the file cannot be read
     */
    public float[] images(int batch) throws IOException {
        float[] values = new float[workload.batchSize() * workload.imageLength()];
        ByteBuffer content = read(batch);
        for (int i = 0; i < values.length; i++) {
            if (i % workload.imageLength() == 0) {
                content.getInt();
            }
            values[i] = (content.get() & 0xff) / 127.5f - 1;
        }
        return values;
    }

    /**
     * {@return the class number of each image of a batch}
     *
     * @param batch number of the batch
     * @throws IOException if the file cannot be read
     */
    public int[] labels(int batch) throws IOException {
        int[] labels = new int[workload.batchSize()];
        ByteBuffer content = read(batch);
        for (int image = 0; image < labels.length; image++) {
            labels[image] = content.getInt(image * imageBytes());
        }
        return labels;
    }

    private ByteBuffer read(int batch) throws IOException {
        int length = workload.batchSize() * imageBytes();
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes((long) batch * length);
            return ByteBuffer.wrap(in.readNBytes(length));
        }
    }

    private int imageBytes() {
        return Integer.BYTES + workload.imageLength();
    }
}
