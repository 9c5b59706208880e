package org.bncnn.cli;

import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets long work end cleanly when the process is asked to stop (Ctrl-C, SIGTERM): the virtual machine's shutdown is held up until the
 * work is saved. The machine then exits with the signal's code, 130 for Ctrl-C.
 */
final class Interruption implements AutoCloseable {
    /** What a shell reports of a program that Ctrl-C ended. */
    static final int EXIT_CODE = 130;

    private static final long LONGEST_SECONDS = 120;

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stopAndWait, "interruption");
    private volatile boolean requested;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** {@return whether the work should end} */
    boolean requested() {
        return requested;
    }

    private void stopAndWait() {
        requested = true;
        System.err.printf(Locale.ROOT, "%nbncnn: stopping after this batch and saving …%n");
        try {
            if (!done.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("bncnn: gave up waiting for the work to end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The work has ended and is saved. */
    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook is running, and ends now that the work is done.
        }
    }
}
