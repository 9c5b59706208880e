package org.bncnn.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the dataset that a command works on.
 *
 * <p>In this order: the folder asked for (or {@value #SAMPLE}, the sample that ships with the program); the folder
 * named by the environment variable {@value #VARIABLE}; Fashion-MNIST in the cache; Fashion-MNIST where Debian's
 * package installs it; Fashion-MNIST fetched into the cache. The cache is {@code $XDG_CACHE_HOME/bncnn}, or {@code
 * ~/.cache/bncnn}.
 */
public final class DatasetLocator {
    /** Names the sample. */
    public static final String SAMPLE = "sample";

    /** Environment variable that names a folder. */
    public static final String VARIABLE = "BNCNN_DATA";

    private static final Logger log = LoggerFactory.getLogger(DatasetLocator.class);

    private final Map<String, String> environment;
    private final Path installed;
    private final FashionMnistFetcher fetcher;

    /** Observes a download. */
    @FunctionalInterface
    public interface Progress {
        /** Does nothing. */
        Progress NONE = (file, done, total) -> {};

        /**
         * More of a file has arrived.
         *
         * @param file name of the file
         * @param done bytes of it that are here
         * @param total its size in bytes
         */
        void fetched(String file, long done, long total);
    }

    /** A locator whose downloads nobody observes. */
    public DatasetLocator() {
        this(Progress.NONE);
    }

    /**
     * A locator whose downloads are observed.
     *
     * @param progress observes a download
     */
    public DatasetLocator(Progress progress) {
        this(System.getenv(), DebianPackage.INSTALLED, FashionMnistFetcher.standard(cache(System.getenv()), progress));
    }

    DatasetLocator(Map<String, String> environment, Path installed, FashionMnistFetcher fetcher) {
        this.environment = Map.copyOf(environment);
        this.installed = installed;
        this.fetcher = fetcher;
    }

    /**
     * Where a dataset is.
     *
     * @param origin reason to look there
     * @param location a folder, or {@value #SAMPLE}
     * @param checksummed whether it must have Fashion-MNIST's checksums
     */
    public record Place(String origin, String location, boolean checksummed) {}

    /**
     * {@return whether the argument or the environment names a dataset, so that no other will do}
     *
     * @param asked a folder or {@value #SAMPLE}; null if none was asked for
     */
    public boolean isChosen(String asked) {
        return chosen(asked).isPresent();
    }

    /**
     * {@return where the dataset is; empty if it would have to be fetched}
     *
     * @param asked a folder or {@value #SAMPLE}; null to look further
     */
    public Optional<Place> locate(String asked) {
        return chosen(asked).or(() -> onThisMachine().stream().findFirst());
    }

    /**
     * Reads the dataset, after fetching it if need be.
     *
     * @param asked a folder or {@value #SAMPLE}; null to look further
     * @return the dataset
     * @throws DatasetException if none is available, or the one that was asked for cannot be read
     */
    public ImageDataset load(String asked) throws DatasetException {
        Optional<Place> chosen = chosen(asked);
        if (chosen.isPresent()) {
            return read(chosen.get());
        }
        for (Place place : onThisMachine()) {
            try {
                return read(place);
            } catch (DatasetException e) {
                log.warn("{}; looking further", e.getMessage());
            }
        }
        fetcher.fetch();
        return FashionMnist.read(fetcher.folder());
    }

    /**
     * {@return the sample that ships with the program: 2,000 training and 1,000 test images of Fashion-MNIST}
     *
     * @throws DatasetException if it is damaged
     */
    public static ImageDataset sample() throws DatasetException {
        return FashionMnist.sample();
    }

    private Optional<Place> chosen(String asked) {
        if (asked != null) {
            return Optional.of(new Place("--data", asked, false));
        }
        return Optional.ofNullable(environment.get(VARIABLE))
                .filter(value -> !value.isEmpty())
                .map(value -> new Place(VARIABLE, value, false));
    }

    private List<Place> onThisMachine() {
        List<Place> places = new ArrayList<>();
        if (isComplete(fetcher.folder())) {
            places.add(new Place("cache", fetcher.folder().toString(), true));
        }
        if (isComplete(installed)) {
            places.add(new Place("Debian's package", installed.toString(), true));
        }
        return places;
    }

    private static boolean isComplete(Path folder) {
        return FashionMnist.PARTS.stream().allMatch(part -> Files.isRegularFile(folder.resolve(part.name())));
    }

    /**
     * Reads and checks the dataset at a place: its form always, its SHA-256 where the place calls for it.
     *
     * @param place of the dataset
     * @return the dataset
     * @throws DatasetException if it cannot be read or is not what it should be
     */
    public static ImageDataset read(Place place) throws DatasetException {
        return find(place).read();
    }

    /**
     * Checks that there is a dataset at a place, without reading it.
     *
     * @param place of the dataset
     * @throws DatasetException if there is none
     */
    public static void check(Place place) throws DatasetException {
        find(place);
    }

    private static DatasetFolder.Content find(Place place) throws DatasetException {
        if (place.checksummed()) {
            return () -> FashionMnist.read(Path.of(place.location()));
        }
        if (place.location().equals(SAMPLE)) {
            return FashionMnist::sample;
        }
        try {
            return DatasetFolder.find(Path.of(place.location()).toAbsolutePath().normalize(), place.origin());
        } catch (InvalidPathException e) {
            throw new DatasetException(
                    place.location() + ": cannot be written in the encoding of this locale, "
                            + System.getProperty("sun.jnu.encoding") + "; set LC_ALL=C.UTF-8",
                    e);
        }
    }

    /** Following the XDG Base Directory Specification, a relative path in the variable is ignored. */
    static Path cache(Map<String, String> environment) {
        return Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("bncnn");
    }
}
