package org.bncnn.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Fetches a file over HTTP and resumes where an earlier try broke off.
 *
 * @param connectTimeout longest time for a connection to open
 * @param readTimeout longest time for a server to be silent
 * @param largest bytes that a file may have; a server that sends more would fill the disk
 */
record HttpDownload(Duration connectTimeout, Duration readTimeout, long largest) {
    static final HttpDownload DEFAULT = new HttpDownload(Duration.ofSeconds(10), Duration.ofSeconds(30), 64 << 20);

    /**
     * Fetches a file whole, or the rest of it.
     *
     * @param source its address
     * @param part the beginning of the file, if an earlier try left one; afterwards the whole file, or what has come
     *     before a failure
     * @throws IOException if the server cannot be reached, refuses, falls silent or breaks off
     */
    void fetch(URI source, Path part, DatasetLocator.Progress progress) throws IOException {
        long have = Files.exists(part) ? Files.size(part) : 0;
        HttpURLConnection connection = (HttpURLConnection) source.toURL().openConnection();
        connection.setConnectTimeout((int) connectTimeout.toMillis());
        connection.setReadTimeout((int) readTimeout.toMillis());
        if (have > 0) {
            connection.setRequestProperty("Range", "bytes=" + have + "-");
        }
        try {
            int status = connection.getResponseCode();
            boolean resumed = status == HttpURLConnection.HTTP_PARTIAL;
            if (status != HttpURLConnection.HTTP_OK && !resumed) {
                Files.deleteIfExists(part);
                throw new IOException("the server answered " + status);
            }
            long done = resumed ? have : 0;
            long length = connection.getContentLengthLong();
            long total = length < 0 ? -1 : done + length;
            String name = Path.of(source.getPath()).getFileName().toString();
            StandardOpenOption mode = resumed ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
            try (InputStream in = connection.getInputStream();
                    OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, mode)) {
                byte[] buffer = new byte[1 << 16];
                for (int n = in.read(buffer); n >= 0 && done <= largest; n = in.read(buffer)) {
                    out.write(buffer, 0, n);
                    done += n;
                    progress.fetched(name, done, total);
                }
            }
            if (done > largest) {
                Files.delete(part);
                throw new IOException("the server sends more than " + largest + " bytes");
            }
            if (total >= 0 && done != total) {
                throw new EOFException("the connection broke off after " + done + " of " + total + " bytes");
            }
        } finally {
            connection.disconnect();
        }
    }
}
