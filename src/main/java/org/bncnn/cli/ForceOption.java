package org.bncnn.cli;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * {@code --force}, and the rule that it lifts: no command overwrites a file that a user named. It does not lift the
 * rule that the folder of a run or of shards is new or empty. A file that a run made in its own folder, such as its
 * report, is rewritten in any case.
 */
class ForceOption {
    @Option(names = "--force", description = "Overwrite the files named by other options if they are there already.")
    private boolean force;

    /**
     * Makes sure, before any work begins, that files may be written.
     *
     * @param files the files; null for those that are not written
     * @throws FileAlreadyExistsException if one exists, or is to be written twice
     */
    void check(Path... files) throws FileAlreadyExistsException {
        Set<Path> named = new HashSet<>();
        for (Path file : Arrays.stream(files).filter(Objects::nonNull).toList()) {
            if (!named.add(file.toAbsolutePath().normalize())) {
                throw new FileAlreadyExistsException(file + ": is named for two outputs; name another file for one");
            }
            if (Files.isDirectory(file)) {
                throw new FileAlreadyExistsException(file + ": is a folder; name a file");
            }
            if (!force && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(file + ": is there already; name another file or add --force");
            }
        }
    }
}
