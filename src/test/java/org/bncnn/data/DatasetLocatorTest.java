package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetLocatorTest {
    @TempDir
    private Path folder;

    private Path cache;
    private Path installed;

    @BeforeEach
    void makeFolders() throws IOException {
        cache = Files.createDirectories(folder.resolve("cache/fashion-mnist"));
        installed = Files.createDirectories(folder.resolve("installed"));
    }

    @Test
    void whatIsAskedForComesFirst() throws DatasetException {
        DatasetLocator locator = locator(Map.of("BNCNN_DATA", "/elsewhere"));
        assertThat(locator.locate("sample")).hasValue(new DatasetLocator.Place("--data", "sample", false));
        assertThat(locator.load("sample").train().size()).isEqualTo(2000);
    }

    @Test
    void theEnvironmentComesSecond() throws IOException {
        fill(cache);
        assertThat(locator(Map.of("BNCNN_DATA", "/elsewhere")).locate(null))
                .hasValue(new DatasetLocator.Place("BNCNN_DATA", "/elsewhere", false));
        assertThat(locator(Map.of("BNCNN_DATA", "")).locate(null))
                .get()
                .extracting("origin")
                .isEqualTo("cache");
    }

    @Test
    void theCacheComesBeforeDebiansPackage() throws IOException {
        fill(installed);
        assertThat(locator(Map.of()).locate(null)).get().extracting("location").isEqualTo(installed.toString());
        fill(cache);
        assertThat(locator(Map.of()).locate(null)).get().extracting("location").isEqualTo(cache.toString());
    }

    @Test
    void anIncompleteFolderDoesNotCount() throws IOException {
        fill(cache);
        Files.delete(cache.resolve("t10k-labels-idx1-ubyte.gz"));
        assertThat(locator(Map.of()).locate(null)).isEmpty();
    }

    @Test
    void whatClaimsToBeFashionMnistMustBe() throws IOException {
        fill(cache);
        DatasetLocator.Place place = locator(Map.of()).locate(null).orElseThrow();
        assertThatThrownBy(() -> DatasetLocator.read(place))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("is not the file of Fashion-MNIST");
        assertThatThrownBy(() -> locator(Map.of()).load(null))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("cannot be fetched");
    }

    @Test
    void aFolderAskedForMayHoldAnyDataset() throws IOException {
        fill(installed);
        assertThat(locator(Map.of()).load(installed.toString()).train().size()).isEqualTo(2);
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> locator(Map.of()).load(folder + "/none"))
                .isInstanceOf(DatasetException.class)
                .hasMessage(folder + "/none: is not a folder; check --data");
    }

    @Test
    void theCacheFollowsXdgRules() {
        assertThat(DatasetLocator.cache(Map.of("XDG_CACHE_HOME", "/var/cache"))).isEqualTo(Path.of("/var/cache/bncnn"));
        Path home = Path.of(System.getProperty("user.home"), ".cache/bncnn");
        assertThat(DatasetLocator.cache(Map.of("XDG_CACHE_HOME", "relative"))).isEqualTo(home);
        assertThat(DatasetLocator.cache(Map.of("XDG_CACHE_HOME", ""))).isEqualTo(home);
        assertThat(DatasetLocator.cache(Map.of())).isEqualTo(home);
    }

    private DatasetLocator locator(Map<String, String> environment) {
        FashionMnistFetcher fetcher = new FashionMnistFetcher(
                cache, FashionMnist.PARTS, List.of(), HttpDownload.DEFAULT, false, DatasetLocator.Progress.NONE);
        return new DatasetLocator(environment, installed, fetcher);
    }

    private static void fill(Path target) throws IOException {
        Files.write(target.resolve("train-images-idx3-ubyte.gz"), IdxBytes.gzip(IdxBytes.images(2, 28, 28)));
        Files.write(target.resolve("train-labels-idx1-ubyte.gz"), IdxBytes.gzip(IdxBytes.labels(0, 1)));
        Files.write(target.resolve("t10k-images-idx3-ubyte.gz"), IdxBytes.gzip(IdxBytes.images(1, 28, 28)));
        Files.write(target.resolve("t10k-labels-idx1-ubyte.gz"), IdxBytes.gzip(IdxBytes.labels(1)));
    }
}
