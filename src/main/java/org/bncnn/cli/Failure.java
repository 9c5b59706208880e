package org.bncnn.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;
import org.bncnn.train.DivergedException;

/**
 * The failure of a command, in one line that says what to do.
 *
 * @param line what went wrong
 * @param expected whether the data or the machine is the cause, and not a fault of the program
 */
record Failure(String line, boolean expected) {
    private static final int DEEPEST_CAUSE = 100;

    /** Size of ND4J, OpenBLAS and oneDNN, unpacked. */
    private static final int UNPACKED_MB = 500;

    static Failure of(Throwable error) {
        if (error instanceof IOException || error instanceof DivergedException) {
            return new Failure(error.getMessage(), true);
        }
        return cause(error, OutOfMemoryError.class)
                .map(Failure::outOfMemory)
                .or(() -> cause(error, StackOverflowError.class)
                        .map(cause -> "the stack is too small; give Java a larger one: BNCNN_JAVA_OPTS=-Xss16m"))
                .or(() -> cause(error, LinkageError.class).flatMap(Failure::notLoaded))
                .map(line -> new Failure(line, true))
                .orElseGet(() -> new Failure("internal error: " + error, false));
    }

    /** Native memory counts too: JavaCPP lets it grow to the limit of Java's heap, and then throws the same error. */
    private static String outOfMemory(OutOfMemoryError error) {
        long megabytes = Runtime.getRuntime().maxMemory() >> 20;
        return "out of memory (" + error.getMessage() + "): Java may take " + megabytes
                + " MiB for its heap, and as much for native arrays; give it more, such as BNCNN_JAVA_OPTS=-Xmx"
                + Math.max(512, 2 * megabytes) + "m, or choose smaller batches";
    }

    private static Optional<String> notLoaded(LinkageError error) {
        return cause(error, UnsatisfiedLinkError.class)
                .map(Throwable::getMessage)
                .or(() -> Optional.ofNullable(error.getMessage())
                        .filter(message -> message.startsWith("Could not initialize class org.nd4j")
                                || message.startsWith("Could not initialize class org.bytedeco")))
                .map(message -> "a native library cannot be loaded ("
                        + message.lines().findFirst().orElse("")
                        + "); the folder that it is unpacked into must be writable, with " + UNPACKED_MB
                        + " MB free: name another with BNCNN_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=DIR");
    }

    /** {@return the innermost cause of a kind} */
    private static <T extends Throwable> Optional<T> cause(Throwable error, Class<T> kind) {
        return Stream.iterate(error, each -> each != null, Throwable::getCause)
                .limit(DEEPEST_CAUSE)
                .filter(kind::isInstance)
                .map(kind::cast)
                .reduce((outer, inner) -> inner);
    }
}
