package org.bncnn.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A page in a headless Chromium, driven by its DevTools protocol. */
final class Chromium implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SECONDS = 30;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> replies = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    /** {@return the browser's program}, if this machine has one */
    static Optional<Path> program() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param profile an empty folder for the browser's own files */
    Chromium(Path profile) throws Exception {
        List<String> command = new ArrayList<>(List.of(program().orElseThrow().toString()));
        command.addAll(List.of(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--window-size=900,1600",
                "--remote-debugging-address=127.0.0.1",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank"));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        JsonNode target = page(port(profile.resolve("DevToolsActivePort")));
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(target.get("webSocketDebuggerUrl").asText()), new Listener())
                .get(SECONDS, TimeUnit.SECONDS);
        for (String domain : List.of("Runtime", "Log", "Page")) {
            send(domain + ".enable", Map.of());
        }
    }

    private static String port(Path file) throws Exception {
        for (int i = 0; i < SECONDS * 10; i++) {
            if (Files.exists(file) && Files.size(file) > 0) {
                return Files.readAllLines(file).get(0);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IOException("the browser did not start");
    }

    private JsonNode page(String port) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                .build();
        for (int i = 0; i < SECONDS * 10; i++) {
            for (JsonNode target :
                    JSON.readTree(client.send(request, BodyHandlers.ofString()).body())) {
                if (target.get("type").asText().equals("page")) {
                    return target;
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IOException("the browser has no page");
    }

    /** Goes to an address and waits until its page is loaded. */
    void open(URI address) throws Exception {
        send("Page.navigate", Map.of("url", address.toString()));
        await("document.readyState === 'complete' && location.href === '" + address + "'");
    }

    /** {@return what a JavaScript expression gives, as JSON} */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode reply = send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (reply.has("exceptionDetails")) {
            throw new IOException(reply.get("exceptionDetails").toString());
        }
        return reply.path("result").path("value");
    }

    /** Waits until a JavaScript expression is true. */
    void await(String expression) throws Exception {
        for (int i = 0; i < SECONDS * 10; i++) {
            if (evaluate(expression).asBoolean()) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IOException("it did not become true: " + expression);
    }

    /** {@return a picture of the window as PNG} */
    byte[] screenshot() throws Exception {
        return Base64.getDecoder()
                .decode(send("Page.captureScreenshot", Map.of()).get("data").asText());
    }

    /** {@return what the browser's console says, exceptions and failed requests among it} */
    List<String> console() {
        return complaints;
    }

    private JsonNode send(String method, Map<String, ?> parameters) throws Exception {
        int id = commands.incrementAndGet();
        CompletableFuture<JsonNode> reply = new CompletableFuture<>();
        replies.put(id, reply);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
                .get(SECONDS, TimeUnit.SECONDS);
        return reply.get(SECONDS, TimeUnit.SECONDS);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                receive(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void receive(String message) {
        try {
            JsonNode received = JSON.readTree(message);
            if (received.has("id")) {
                replies.remove(received.get("id").asInt()).complete(received.path("result"));
            } else if (List.of("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
                    .contains(received.get("method").asText())) {
                complaints.add(received.get("params").toString());
            }
        } catch (IOException e) {
            complaints.add(message);
        }
    }

    @Override
    public void close() {
        try {
            send("Browser.close", Map.of());
        } catch (Exception e) {
            process.destroy();
        }
        process.onExit().join();
    }
}
