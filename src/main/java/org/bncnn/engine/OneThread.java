package org.bncnn.engine;

import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Lets oneDNN work on the calling thread alone until it is closed. The threads are OpenMP's, of which the process has one library, ND4J's.
 *
 * <p>A primitive has its number of threads from when it is made.
 */
final class OneThread implements AutoCloseable {
    private final NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
    private final int usual = openMp.ompGetMaxThreads();

    OneThread() {
        openMp.setOmpNumThreads(1);
    }

    @Override
    public void close() {
        openMp.setOmpNumThreads(usual);
    }
}
