package org.bncnn.spark;

/** How a worker's images of an epoch make batches. */
final class Batches {
    private Batches() {}

    /** {@return how many batches so many images make} */
    static int count(int images, int batchSize) {
        int whole = images / batchSize;
        int left = images % batchSize;
        return left > 1 || whole == 0 && left == 1 ? whole + 1 : whole;
    }

    /**
     * {@return the size of the next batch} A last image goes with the batch before it: alone, batch normalization could
     * not train on it.
     */
    static int nextSize(int left, int batchSize) {
        return batchSize > 1 && left == batchSize + 1 ? left : Math.min(left, batchSize);
    }
}
