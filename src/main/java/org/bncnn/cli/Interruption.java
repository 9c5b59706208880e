package org.bncnn.cli;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jline.utils.Signals;

/**
 * Lets long work end cleanly when the process is asked to stop, by Ctrl-C, SIGTERM or SIGHUP: the work looks at a flag,
 * ends early and saves its results, and the program exits with the signal's code. A second signal ends the process at
 * once.
 *
 * <p>The signals are taken over from the virtual machine, whose shutdown does not begin until all is saved. Once it has
 * begun, temporary files and native libraries cannot register shutdown hooks, and other hooks, such as Spark's, take
 * down what the work still needs.
 */
final class Interruption implements AutoCloseable {
    /** Exit codes of programs that a signal ended, in any shell: 128 + its number. */
    private static final Map<String, Integer> EXIT_CODES = Map.of("HUP", 129, "INT", 130, "TERM", 143);

    private static final AtomicReference<Interruption> WORK = new AtomicReference<>();

    private final Map<String, Object> handlersBefore = new HashMap<>();
    private volatile int exitCode;

    Interruption() {
        EXIT_CODES.forEach((signal, code) ->
                handlersBefore.put(signal, Signals.register(signal, () -> stop(signal, code))));
        WORK.set(this);
    }

    /** {@return whether there is work} It now ends early and saves its results, with this exit code. */
    static boolean stopWork(int exitCode) {
        Interruption work = WORK.get();
        if (work != null) {
            work.exitCode = exitCode;
        }
        return work != null;
    }

    /** {@return whether the work should end} */
    boolean requested() {
        return exitCode != 0;
    }

    /** {@return the exit code of the program; 0 if it was not asked to stop} */
    int exitCode() {
        return exitCode;
    }

    private void stop(String signal, int code) {
        exitCode = code;
        EXIT_CODES.keySet().forEach(Signals::registerDefault);
        System.err.printf(
                Locale.ROOT,
                "%nbncnn: stopping after this batch and saving …; %s ends it at once%n",
                signal.equals("INT") ? "a second Ctrl-C" : "a second signal");
    }

    /** The work has ended and is saved: from now on signals do what they did before. */
    @Override
    public void close() {
        WORK.set(null);
        handlersBefore.forEach(Signals::unregister);
    }
}
