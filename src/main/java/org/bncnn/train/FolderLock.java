package org.bncnn.train;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.UnwritableFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that only this process writes to, until it releases the folder or ends, in whatever way. Others may read it
 * meanwhile.
 *
 * <p>The system holds the lock, on the file {@value #FILE} in the folder, and frees it with the process. The file holds
 * the process id, for messages. It stays: once deleted, it could be replaced just while another process locks it.
 */
public final class FolderLock implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(FolderLock.class);

    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

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

    /** Prepares a folder that was taken. */
    interface Preparation {
        void prepare() throws IOException;
    }

    /**
     * Takes a new folder, or one that is empty.
     *
     * @param folder the folder
     * @return the folder, taken
     * @throws FileAlreadyExistsException if it is not empty: what is there is never overwritten
     * @throws FileSystemException if another process has taken it
     * @throws IOException if it cannot be made
     */
    public static FolderLock takeNew(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
        requireEmpty(folder);
        return take(folder, () -> {
            AtomicFile.deleteLeftovers(folder);
            requireEmpty(folder); // still, now that nobody else writes to it
        });
    }

    /**
     * Takes a new folder, or one that is empty: a folder that was chosen or, without a choice, a new one below
     * {@code runs}.
     *
     * @param chosen the folder; null for a new one
     * @param what what a new one is for, which is part of its name
     * @return the folder, taken
     * @throws IOException if the folder cannot be taken, see {@link #takeNew(Path)}
     */
    public static FolderLock takeNew(Path chosen, String what) throws IOException {
        return chosen == null
                ? takeNumbered(Path.of("runs", LocalDateTime.now().format(NAME) + "-" + what))
                : takeNew(chosen);
    }

    /** Makes and takes a folder. If there is one of this name, the name ends in -2, or in the next free number. */
    static FolderLock takeNumbered(Path name) throws IOException {
        Path folder = name;
        try {
            Files.createDirectories(name.toAbsolutePath().getParent());
            for (int number = 2; !isMade(folder); number++) {
                folder = name.resolveSibling(name.getFileName() + "-" + number);
            }
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
        return take(folder, () -> {});
    }

    /** {@return whether the folder was made by this call}; false if it existed */
    private static boolean isMade(Path folder) throws IOException {
        try {
            Files.createDirectory(folder);
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        }
    }

    /**
     * Takes a folder that exists. If the preparation fails, the folder is released.
     *
     * @throws FileSystemException if another process has taken it
     */
    static FolderLock take(Path folder, Preparation preparation) throws IOException {
        Path key = folder.toRealPath();
        if (!TAKEN.add(key)) {
            throw inUse(folder, process(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        try {
            channel = lock(folder);
            preparation.prepare();
            return new FolderLock(folder, key, channel);
        } catch (IOException e) {
            release(key, channel);
            throw e;
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel = null;
        String owner;
        try {
            channel = FileChannel.open(
                    folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (isLocked(channel, folder)) {
                String processId = Long.toString(ProcessHandle.current().pid());
                channel.truncate(0).write(StandardCharsets.US_ASCII.encode(processId));
                return channel;
            }
            owner = owner(channel);
            channel.close();
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
            }
            throw new UnwritableFileException(folder, e);
        }
        throw inUse(folder, owner);
    }

    private static FileSystemException inUse(Path folder, String owner) {
        return new FileSystemException(
                folder.toString(), null, "is in use by " + owner + "; wait until it ends, or name another folder");
    }

    /** {@return whether the file is locked now}, or on a file system that has no locks, such as another machine's */
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

    /** {@return the process that has the lock, in words}, by the content of its file */
    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(Long.SIZE);
        channel.read(content, 0);
        String processId = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
        return processId.matches("\\d{1,18}") ? process(Long.parseLong(processId)) : "another process";
    }

    private static String process(long processId) {
        return "process " + processId + (ProcessHandle.of(processId).isPresent() ? "" : " of another machine");
    }

    /** Ignores what a process that was killed may have left in a folder that it had just taken. */
    private static void requireEmpty(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            if (content.anyMatch(file -> !file.endsWith(FILE) && !AtomicFile.isLeftover(file))) {
                throw new FileAlreadyExistsException(folder + ": is not empty; name a new folder with --out");
            }
        }
    }

    /** {@return the folder that was taken} */
    public Path folder() {
        return folder;
    }

    /** Releases the folder. */
    @Override
    public void close() throws IOException {
        release(key, channel);
    }

    private static void release(Path key, FileChannel channel) throws IOException {
        if (channel != null) {
            channel.close();
        }
        TAKEN.remove(key);
    }
}
