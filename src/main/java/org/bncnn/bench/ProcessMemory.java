package org.bncnn.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The memory that a process has resident, as Linux tells it. */
final class ProcessMemory {
    private static final Path PROCESSES = Path.of("/proc");

    private ProcessMemory() {}

    /** {@return the most that this process had at any time, in bytes; −1 where the system does not tell} */
    static long ownPeak() {
        return status("self", "VmHWM:").orElse(-1);
    }

    /** {@return what a process has now, in bytes; empty if it has ended, or where the system does not tell} */
    static OptionalLong of(long pid) {
        return status(Long.toString(pid), "VmRSS:");
    }

    private static OptionalLong status(String process, String field) {
        try (Stream<String> lines = Files.lines(PROCESSES.resolve(process).resolve("status"))) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException noSuchProcess) {
            return OptionalLong.empty();
        }
    }
}
