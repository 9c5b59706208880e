package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bncnn.store.UnwritableFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    private static final int THREADS = 8;

    @TempDir
    private Path folder;

    @Test
    void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
        Files.writeString(folder.resolve("precious"), "");
        assertThatThrownBy(() -> FolderLock.takeNew(folder))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessage(folder + ": is not empty; name a new folder with --out");
        assertThat(folder.toFile().list()).containsExactly("precious");
    }

    @Test
    void whatAKilledProcessLeftAtTheVeryBeginningIsNothing() throws IOException {
        Files.writeString(folder.resolve(".lock"), "4321");
        Files.writeString(folder.resolve(".training.json.0.bncnn-tmp"), "{");
        try (FolderLock lock = FolderLock.takeNew(folder)) {
            assertThat(lock.folder()).isEqualTo(folder);
            assertThat(folder.toFile().list()).containsExactly(".lock");
        }
    }

    @Test
    void aFolderIsTakenUntilItIsLetGo() throws IOException {
        long self = ProcessHandle.current().pid();
        FolderLock lock = FolderLock.takeNew(folder);
        assertThatThrownBy(() -> FolderLock.takeNew(folder))
                .isInstanceOf(FileSystemException.class)
                .hasMessageStartingWith(folder + ": is in use by process " + self + "; wait until it ends");
        lock.close();
        FolderLock.takeNew(folder).close();
    }

    @Test
    void anotherProcessIsNamed() throws IOException, InterruptedException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("taken");
            assertThatThrownBy(() -> FolderLock.takeNew(folder))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageStartingWith(folder + ": is in use by process " + other.pid() + ";");
        } finally {
            other.destroyForcibly().waitFor();
        }
        FolderLock.takeNew(folder).close();
    }

    /** Takes a folder and never lets go of it. */
    static final class Holder {
        public static void main(String[] args) throws IOException, InterruptedException {
            try (FolderLock lock = FolderLock.takeNew(Path.of(args[0]))) {
                System.out.println("taken");
                Thread.sleep(Long.MAX_VALUE - lock.hashCode());
            }
        }
    }

    @Test
    void ofManyAtOnceOneGetsAFolder() throws Exception {
        List<Path> taken = atOnce(() -> FolderLock.takeNew(folder.resolve("run")));
        assertThat(taken).hasSize(1);
    }

    @Test
    void ofManyAtOnceEachGetsANameOfItsOwn() throws Exception {
        List<Path> taken = atOnce(() -> FolderLock.takeNumbered(folder.resolve("runs/now")));
        assertThat(new HashSet<>(taken))
                .hasSize(THREADS)
                .contains(folder.resolve("runs/now"), folder.resolve("runs/now-2"), folder.resolve("runs/now-8"));
    }

    @Test
    void whereNothingCanBeMadeTheFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> FolderLock.takeNew(file.resolve("run")))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessageStartingWith(file.resolve("run") + ": cannot be written (");
        assertThatThrownBy(() -> FolderLock.takeNumbered(file.resolve("run")))
                .isInstanceOf(UnwritableFileException.class);
    }

    /**
     * {@return the folders that were taken by several threads that began together}; all are held until the last thread
     * has tried
     */
    private static List<Path> atOnce(Callable<FolderLock> taking) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<FolderLock>> tries = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                tries.add(threads.submit(() -> {
                    barrier.await();
                    try {
                        return taking.call();
                    } catch (FileSystemException e) {
                        assertThat(e).hasMessageContaining(": is in use by process ");
                        return null;
                    }
                }));
            }
            List<FolderLock> locks = new ArrayList<>();
            for (Future<FolderLock> each : tries) {
                if (each.get() != null) {
                    locks.add(each.get());
                }
            }
            for (FolderLock lock : locks) {
                lock.close();
            }
            return locks.stream().map(FolderLock::folder).toList();
        } finally {
            threads.shutdownNow();
        }
    }
}
