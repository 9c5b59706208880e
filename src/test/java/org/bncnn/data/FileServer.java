package org.bncnn.data;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

/** A web server on loopback that hands out files, resumes them, and misbehaves on request. */
final class FileServer implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private volatile int breakOffAfter = Integer.MAX_VALUE;
    private volatile boolean silent;

    FileServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/");
    }

    FileServer with(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    /** Ends the next answer after so many bytes. */
    void breakOffAfter(int bytes) {
        breakOffAfter = bytes;
    }

    /** Answers with the headers only, and then with nothing. */
    void fallSilent() {
        silent = true;
    }

    /** {@return what was asked for, in order: a file's name, and the range if there was one} */
    Queue<String> requests() {
        return requests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring(1);
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(range == null ? name : name + " " + range);
        byte[] content = files.get(name);
        if (content == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
        int until = (int) Math.min(content.length, (long) from + breakOffAfter);
        breakOffAfter = Integer.MAX_VALUE;
        try (OutputStream body = exchange.getResponseBody()) {
            if (!silent) {
                body.write(content, from, until - from);
            }
            body.flush();
            while (silent) {
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void close() {
        silent = false;
        server.stop(0);
    }
}
