package org.bncnn.train;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.UnwritableFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that only this process writes to, until it lets go of it or ends, in whatever way. Others may read it meanwhile.
 *
 * <p>The system holds the lock, on the file {@value #FILE} in the folder, and frees it with the process. The file holds the process id, for messages.
 * It stays: deleted, it could be replaced by another while somebody is just about to lock it.
 */
public final class FolderLock implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(FolderLock.class);

    private static final String FILE = ".lock";

    /** Behind the process id, because Windows keeps others from reading what is locked. */
    private static final long POSITION = 1024;

    /** A process has no lock against itself; and on POSIX it loses one when it closes the file a second time. */
    private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path key;
    private final FileChannel channel;

    private FolderLock(Path folder, Path key, FileChannel channel) {
        this.folder = folder;
        this.key = key;
        this.channel = channel;
    }

    /**
     * Takes a new folder, or one that is empty.
     *
     * @throws FileAlreadyExistsException if it is not empty: what is there is never overwritten
     * @throws FolderInUseException if another process has taken it
     */
    public static FolderLock takeNew(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
        requireEmpty(folder);
        FolderLock lock = take(folder);
        try {
            AtomicFile.deleteLeftovers(folder);
            requireEmpty(folder); // still, now that nobody else writes to it
        } catch (IOException e) {
            lock.close();
            throw e;
        }
        return lock;
    }

    /** Takes a folder of this name that is made for it: where there is one already, its name ends in -2, or in the next number that is free. */
    public static FolderLock takeNumbered(Path name) throws IOException {
        Path folder = name;
        try {
            Files.createDirectories(name.toAbsolutePath().getParent());
            for (int number = 2; !isMade(folder); number++) {
                folder = name.resolveSibling(name.getFileName() + "-" + number);
            }
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
        return take(folder);
    }

    /** {@return whether the folder was made by this call}; false if it was there */
    private static boolean isMade(Path folder) throws IOException {
        try {
            Files.createDirectory(folder);
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        }
    }

    /**
     * Takes a folder that exists.
     *
     * @throws FolderInUseException if another process has taken it
     */
    static FolderLock take(Path folder) throws IOException {
        Path key = folder.toRealPath();
        if (!TAKEN.add(key)) {
            throw new FolderInUseException(folder, owner(ProcessHandle.current().pid()));
        }
        try {
            return new FolderLock(folder, key, lock(folder));
        } catch (IOException e) {
            TAKEN.remove(key);
            throw e;
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
        try {
            if (!isLocked(channel, folder)) {
                throw new FolderInUseException(folder, owner(channel));
            }
            channel.truncate(0).write(ByteBuffer.wrap(processId()));
            return channel;
        } catch (FolderInUseException e) {
            channel.close();
            throw e;
        } catch (IOException e) {
            channel.close();
            throw new UnwritableFileException(folder, e);
        }
    }

    /** {@return whether the file is locked now}, as far as the file system has locks: one of another machine may not */
    private static boolean isLocked(FileChannel channel, Path folder) {
        try {
            return channel.tryLock(POSITION, 1, false) != null;
        } catch (IOException e) {
            log.warn(
                    "{}: cannot be locked ({}), so nothing prevents another process from writing to it too",
                    folder,
                    e.getMessage());
            return true;
        }
    }

    private static byte[] processId() {
        return Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    }

    /** {@return who has the lock, by what its file holds} */
    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(Long.SIZE);
        channel.read(content, 0);
        String processId = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
        return processId.matches("\\d{1,18}") ? owner(Long.parseLong(processId)) : "another process";
    }

    private static String owner(long processId) {
        return ProcessHandle.of(processId).isPresent()
                ? "process " + processId
                : "process " + processId + " of another machine";
    }

    private static void requireEmpty(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            if (content.anyMatch(file -> !isOurs(file))) {
                throw new FileAlreadyExistsException(folder + ": is not empty; name a new folder with --out");
            }
        }
    }

    /** {@return whether a process that was killed may have left a file in a folder that it had just taken} */
    private static boolean isOurs(Path file) {
        return file.getFileName().toString().equals(FILE) || AtomicFile.isLeftover(file);
    }

    /** {@return the folder that was taken} */
    public Path folder() {
        return folder;
    }

    /** Lets go of the folder. */
    @Override
    public void close() throws IOException {
        channel.close();
        TAKEN.remove(key);
    }
}
