package org.bncnn.data;

/** Is told how far a download has come. */
@FunctionalInterface
public interface FetchProgress {
    /** Keeps it to itself. */
    FetchProgress NONE = (file, done, total) -> {};

    /**
     * @param file the name of the file being fetched
     * @param done bytes of it that are here
     * @param total its size in bytes
     */
    void fetched(String file, long done, long total);
}
