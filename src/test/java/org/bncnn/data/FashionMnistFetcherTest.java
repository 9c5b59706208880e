package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistFetcherTest {
    private static final byte[] IMAGES = IdxBytes.gzip(IdxBytes.images(9, 28, 28));
    private static final byte[] LABELS = IdxBytes.gzip(IdxBytes.labels(1, 2, 3));
    private static final int LARGEST = 1_000_000;
    private static final URI NOWHERE = URI.create("http://localhost:1/");

    @TempDir
    private Path cache;

    private FileServer server;
    private List<FashionMnist.Part> parts;

    @BeforeEach
    void serve() throws IOException {
        server = new FileServer().with("images.gz", IMAGES).with("labels.gz", LABELS);
        parts = List.of(
                new FashionMnist.Part(
                        "images.gz", 3, IdxFile.parse("images", IMAGES, 3).sha256()),
                new FashionMnist.Part(
                        "labels.gz", 1, IdxFile.parse("labels", LABELS, 1).sha256()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void fetchesTheFilesAndNothingElseStays() throws IOException {
        List<String> progress = new ArrayList<>();
        fetcher((file, done, total) -> progress.add(file + " " + done + " of " + total), server.address())
                .fetch();
        assertThat(cache.resolve("images.gz")).hasBinaryContent(IMAGES);
        assertThat(cache.resolve("labels.gz")).hasBinaryContent(LABELS);
        assertThat(visibleFiles()).containsExactly("images.gz", "labels.gz");
        assertThat(progress).contains("labels.gz " + LABELS.length + " of " + LABELS.length);
    }

    @Test
    void fetchesOnlyWhatIsMissingOrDamaged() throws IOException {
        Files.write(cache.resolve("labels.gz"), LABELS);
        Files.write(cache.resolve("images.gz"), IdxBytes.gzip(IdxBytes.images(8, 28, 28)));
        fetcher(server.address()).fetch();
        assertThat(server.requests()).containsExactly("images.gz");
        assertThat(cache.resolve("images.gz")).hasBinaryContent(IMAGES);
    }

    @Test
    void goesOnWhereAConnectionBrokeOff() throws IOException {
        server.breakOffAfter(100);
        fetcher(server.address()).fetch();
        assertThat(server.requests()).containsExactly("images.gz", "images.gz bytes=100-", "labels.gz");
        assertThat(cache.resolve("images.gz")).hasBinaryContent(IMAGES);
    }

    @Test
    void beginsAnewWhenAnOlderPartDoesNotFit() throws IOException {
        Files.write(cache.resolve("images.gz.localhost.part"), new byte[50]);
        fetcher(server.address()).fetch();
        assertThat(server.requests()).containsExactly("images.gz bytes=50-", "images.gz", "labels.gz");
        assertThat(cache.resolve("images.gz")).hasBinaryContent(IMAGES);
    }

    @Test
    void takesTheNextSourceWhereOneHasNotTheFile() throws IOException {
        try (FileServer poor = new FileServer().with("images.gz", IMAGES)) {
            fetcher(NOWHERE, poor.address(), server.address()).fetch();
        }
        assertThat(server.requests()).containsExactly("labels.gz");
        assertThat(cache.resolve("labels.gz")).hasBinaryContent(LABELS);
    }

    @Test
    void acceptsNothingButTheRightContentAndSaysWhatEachSourceSaid() {
        server.with("labels.gz", IdxBytes.gzip(IdxBytes.labels(1, 2, 4)));
        assertThatThrownBy(() -> fetcher(NOWHERE, server.address()).fetch())
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("Fashion-MNIST cannot be fetched")
                .hasMessageContaining("refused")
                .hasMessageContaining("its content has SHA-256")
                .hasMessageContaining("--data sample");
        assertThat(cache.resolve("labels.gz")).doesNotExist();
    }

    @Test
    void aServerCannotFillTheDisk() throws IOException {
        server.with("images.gz", new byte[LARGEST + 1]);
        assertThatThrownBy(() -> fetcher(server.address()).fetch())
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("sends more than " + LARGEST + " bytes");
        assertThat(cache.resolve("images.gz.localhost.part")).doesNotExist();
    }

    @Test
    void givesUpOnASilentServer() {
        server.fallSilent();
        assertThatThrownBy(() -> fetcher(server.address()).fetch())
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("timed out");
    }

    @Test
    void twoAtOnceFetchEachFileOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> both = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                both.add(threads.submit(() -> {
                    fetcher(server.address()).fetch();
                    return null;
                }));
            }
            for (Future<?> one : both) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(server.requests()).containsExactlyInAnyOrder("images.gz", "labels.gz");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "");
        FashionMnistFetcher fetcher = new FashionMnistFetcher(
                file.resolve("fashion-mnist"),
                parts,
                List.of(),
                HttpDownload.DEFAULT,
                false,
                DatasetLocator.Progress.NONE);
        assertThatThrownBy(fetcher::fetch)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("fashion-mnist: cannot be written");
    }

    private FashionMnistFetcher fetcher(URI... sources) {
        return fetcher(DatasetLocator.Progress.NONE, sources);
    }

    private FashionMnistFetcher fetcher(DatasetLocator.Progress progress, URI... sources) {
        HttpDownload impatient = new HttpDownload(Duration.ofSeconds(2), Duration.ofMillis(300), LARGEST);
        return new FashionMnistFetcher(cache, parts, List.of(sources), impatient, false, progress);
    }

    private List<String> visibleFiles() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }
}
