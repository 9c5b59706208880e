package org.bncnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.bncnn.data.DatasetLocator;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivePageTest {
    private static final int IMAGES = 2000;

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    @Test
    void beginsBeforeThereIsAnythingAndFollowsTheMetrics() throws Exception {
        RunFolder run = new RunFolder(folder.resolve("run"));
        try (LivePage live = live(run)) {
            Iterator<String> events = events(live);
            JsonNode first = next(events);
            assertThat(first.get("status").asText()).isEqualTo("Epoch 1 of 2: 0 of 2,000 images.");
            assertThat(first.get("charts")).isEmpty();

            List<String> metrics = metrics(run, Norm.CUSTOM);
            writeMetrics(run, metrics.subList(0, 1));
            live.batchTrained(1, 64);
            live.lossReported(1, 200, 1);
            JsonNode update = nextWithCharts(events);
            assertThat(update.get("status").asText()).isEqualTo("Epoch 1 of 2: 64 of 2,000 images.");
            assertThat(update.get("charts")).hasSize(9);

            writeMetrics(run, metrics);
            live.epochEnded(null);
            assertThat(nextWithCharts(events).get("charts")).hasSize(13);

            live.end("Done.");
            JsonNode last = last(events);
            assertThat(last.get("status").asText()).isEqualTo("Done.");
            assertThat(events.hasNext()).isFalse();
        }
    }

    @Test
    void answersNobodyButABrowserOfThisMachine() throws Exception {
        RunFolder run = new RunFolder(folder.resolve("run"));
        try (LivePage live = live(run)) {
            assertThat(live.address().getHost()).isEqualTo("127.0.0.1");
            assertThatThrownBy(() -> new Socket("127.0.0.2", live.address().getPort())) // open if all addresses were
                    .isInstanceOf(ConnectException.class);
            assertThat(status(live, "GET", "/", "localhost:" + live.address().getPort()))
                    .isEqualTo("HTTP/1.1 200 OK");
            assertThat(status(live, "GET", "/", "elsewhere.example")).isEqualTo("HTTP/1.1 403 Forbidden");
            assertThat(status(
                            live,
                            "GET",
                            "/events",
                            "elsewhere.example:" + live.address().getPort()))
                    .isEqualTo("HTTP/1.1 403 Forbidden");
            assertThat(client.send(
                                    HttpRequest.newBuilder(live.address())
                                            .POST(BodyPublishers.noBody())
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(405);
            assertThat(client.send(
                                    HttpRequest.newBuilder(live.address().resolve("/model.zip"))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void aPortInUseIsSaidToBe() throws IOException {
        RunFolder run = new RunFolder(folder.resolve("run"));
        try (LivePage live = live(run)) {
            int port = live.address().getPort();
            assertThatThrownBy(() -> new LivePage(port, "second", 1, 1))
                    .isInstanceOf(BindException.class)
                    .hasMessage(
                            "port " + port + " is not available (Address already in use); name another with --ui=PORT");
        }
    }

    @Test
    void closingTellsBrowsersAndFreesThePort() throws Exception {
        RunFolder run = new RunFolder(folder.resolve("run"));
        LivePage live = live(run);
        Iterator<String> events = events(live);
        next(events);
        live.close();
        assertThat(last(events).get("status").asText()).isEqualTo("The training has ended.");
        assertThatThrownBy(() ->
                        new Socket(live.address().getHost(), live.address().getPort()))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void anUpdatedPageLooksAsIfItHadJustBeenLoaded() throws Exception {
        assumeTrue(Chromium.program().isPresent(), "there is no Chromium");
        RunFolder run = new RunFolder(folder.resolve("run"));
        List<String> metrics = metrics(run, Norm.CUSTOM);
        writeMetrics(run, metrics.subList(0, 2));
        try (LivePage live = live(run);
                Chromium browser = new Chromium(Files.createDirectory(folder.resolve("browser")))) {
            browser.open(live.address());
            browser.await("document.getElementById('status').textContent.startsWith('Epoch 1')");
            byte[] before = browser.screenshot();

            // Charts that the page has no place for yet make it load itself again.
            writeMetrics(run, metrics.subList(0, metrics.size() / 2 + 1));
            live.epochEnded(null);
            browser.await("document.getElementById('accuracy') !== null");

            writeMetrics(run, metrics);
            live.batchTrained(2, IMAGES);
            live.epochEnded(null);
            browser.await(
                    "document.getElementById('losses').ariaLabel.includes('training loss: ')"
                            + " && document.getElementById('gamma').ariaLabel !== '' && Chart.getChart('gamma').data.labels.length === 3");
            byte[] updated = browser.screenshot();
            browser.open(live.address());
            browser.await("document.getElementById('status').textContent.startsWith('Epoch 2')");
            assertThat(updated).isEqualTo(browser.screenshot()).isNotEqualTo(before);
            assertThat(browser.console()).isEmpty();

            live.end("Done.");
            browser.await("document.getElementById('status').textContent === 'Done.'");
        }
    }

    private static LivePage live(RunFolder run) throws IOException {
        LivePage live = new LivePage(0, "Training", 2, IMAGES);
        live.follow(run);
        return live;
    }

    /** {@return the lines of a training's metrics}; the run folder has them no more */
    private static List<String> metrics(RunFolder run, Norm norm) throws IOException {
        new Training(
                        norm,
                        Recipe.REFERENCE.withEpochs(2).withBatchSize(8).withLearningRate(0.01),
                        DatasetLocator.sample(),
                        Engine.ONEDNN)
                .run(new RunFolder(Files.createDirectory(run.path())), new TrainingObserver() {}, () -> false);
        Path file = run.path().resolve("metrics.jsonl");
        List<String> lines = Files.readAllLines(file);
        Files.delete(file);
        return lines;
    }

    private static void writeMetrics(RunFolder run, List<String> lines) throws IOException {
        Files.write(run.path().resolve("metrics.jsonl"), lines);
    }

    private Iterator<String> events(LivePage live) throws Exception {
        HttpResponse<Stream<String>> response = client.send(
                HttpRequest.newBuilder(live.address().resolve("/events")).build(), BodyHandlers.ofLines());
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        return response.body().iterator();
    }

    private static JsonNode next(Iterator<String> events) throws IOException {
        String line = events.next();
        assertThat(line).startsWith("data: ");
        assertThat(events.next()).isEmpty();
        return new ObjectMapper().readTree(line.substring("data: ".length()));
    }

    private static JsonNode nextWithCharts(Iterator<String> events) throws IOException {
        JsonNode event = next(events);
        while (event.get("charts").isNull()) {
            event = next(events);
        }
        return event;
    }

    private static JsonNode last(Iterator<String> events) throws IOException {
        JsonNode event = next(events);
        while (!event.get("ended").asBoolean()) {
            event = next(events);
        }
        return event;
    }

    /** By hand, because Java's client does not let a request name another host. */
    private static String status(LivePage live, String method, String path, String host) throws IOException {
        URI address = live.address();
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write((method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }
}
