package org.bncnn.bench;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The batches of a heat, in a file that the process of each contender reads.
 *
 * <p>It holds pixels as bytes and labels, batch by batch, so that no contender's memory is taken up by a whole dataset.
 */
public final class Batches {
    /** So many different batches, or fewer where they are large. Far fewer would be learned by heart within the first turns. */
    private static final int MOST = 100;

    private static final int FEWEST = 2;
    private static final long MOST_VALUES = 1 << 24;

    private final Path file;
    private final Workload workload;

    Batches(Path file, Workload workload) {
        this.file = file;
        this.workload = workload;
    }

    /**
     * Writes the batches of a workload, from shuffled images; an image is scaled to the workload's side, by its nearest pixels.
     *
     * @param images of the workload's number of channels and of classes; they are used again if there are too few
     */
    static Batches write(Path file, Workload workload, ImageSet images) throws IOException {
        Batches batches = new Batches(file, workload);
        ImageSetIterator shuffled = ImageSetIterator.shuffled(images, 1, 1);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (int image = 0; image < batches.count() * workload.batchSize(); image++) {
                if (!shuffled.hasNext()) {
                    shuffled.reset();
                }
                DataSet one = shuffled.next();
                out.writeInt(one.getLabels().argMax(1).getInt(0));
                out.write(scaled(one.getFeatures().data().asFloat(), images, workload.side()));
            }
        }
        return batches;
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

    /** {@return how many there are} */
    public int count() {
        long fitting = MOST_VALUES / ((long) workload.batchSize() * workload.imageLength());
        return (int) Math.max(FEWEST, Math.min(MOST, fitting));
    }

    /** {@return the images of a batch, [N, C, H, W], mapped to [−1, 1]} */
    public Tensor images(int batch) throws IOException {
        float[] values = new float[workload.batchSize() * workload.imageLength()];
        ByteBuffer content = read(batch);
        int i = 0;
        for (int image = 0; image < workload.batchSize(); image++) {
            content.getInt();
            for (int pixel = 0; pixel < workload.imageLength(); pixel++) {
                values[i++] = (content.get() & 0xff) / 127.5f - 1;
            }
        }
        return new Tensor(workload.shape(), values);
    }

    /** {@return the class number of each image of a batch} */
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
        try (FileChannel channel = FileChannel.open(file);
                InputStream in = Channels.newInputStream(channel.position((long) batch * length))) {
            return ByteBuffer.wrap(in.readNBytes(length));
        }
    }

    private int imageBytes() {
        return Integer.BYTES + workload.imageLength();
    }
}
