package org.bncnn.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.bncnn.store.JsonFile;
import org.bncnn.text.Numbers;
import org.bncnn.train.EpochResult;
import org.bncnn.train.LayerMetrics;
import org.bncnn.train.Metrics;
import org.bncnn.train.RunFolder;
import org.bncnn.train.TrainingObserver;

/**
 * A page that shows a training while it runs, on a port of this machine that no other machine can reach. The browser
 * gets the page once and then, as server-sent events, the charts that {@code metrics.jsonl} of the run folder gives.
 * Training never waits for a browser.
 */
public final class LivePage implements TrainingObserver, Closeable {
    /** The most browsers that are served at a time. */
    private static final int MOST_STREAMS = 8;

    private static final int NO_BODY = -1;

    /** Time between two events. */
    private static final long PAUSE_MILLIS = 250;

    /** Pauses that browsers get to receive the last event. */
    private static final int FAREWELL_PAUSES = 8;

    private final String title;
    private final int epochs;
    private final int images;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(LivePage::daemon);

    private final AtomicInteger streams = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile RunFolder run;
    private volatile String status;
    private volatile boolean ended;

    /** An event. The charts are null if they have not changed. */
    record Update(String status, boolean ended, List<Chart> charts) {}

    /**
     * Starts to serve.
     *
     * @param port of the loopback address; 0 for any free port
     * @param title headline of the page
     * @param epochs the number of epochs of the training
     * @param images the number of training images in an epoch
     * @throws BindException if the port is not available
     * @throws IOException if the server cannot be started
     */
    public LivePage(int port, String title, int epochs, int images) throws IOException {
        this.title = title;
        this.epochs = epochs;
        this.images = images;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (SocketException e) { // a port that is taken, or that only an administrator may take
            BindException named = new BindException(
                    "port " + port + " is not available (" + e.getMessage() + "); name another with --ui=PORT");
            named.initCause(e);
            throw named;
        }
        batchTrained(1, 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /**
     * Shows the metrics of a run from now on.
     *
     * @param followed the run folder; it need not have metrics yet
     */
    public void follow(RunFolder followed) {
        run = followed;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "live page");
        thread.setDaemon(true);
        return thread;
    }

    /** {@return the page's address, for browsers of this machine} */
    public URI address() {
        return URI.create("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + "/");
    }

    @Override
    public void batchTrained(int epoch, int trained) {
        status = Numbers.format("Epoch %d of %d: %,d of %,d images.", epoch, epochs, trained, images);
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) {
        changes.incrementAndGet();
    }

    @Override
    public void epochEnded(EpochResult result) {
        changes.incrementAndGet();
    }

    @Override
    public void layersProbed(LayerMetrics layers) {
        changes.incrementAndGet();
    }

    /**
     * Says that the training is over; the page stays in the browser.
     *
     * @param farewell a sentence for the page
     */
    public void end(String farewell) {
        status = farewell;
        ended = true;
    }

    /** Stops serving, after the browsers have received the last event. */
    @Override
    public void close() {
        if (!ended) {
            end("The training has ended.");
        }
        for (int i = 0; i < FAREWELL_PAUSES && streams.get() > 0; i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
        }
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (!isAddressedToUs(exchange)) {
                exchange.sendResponseHeaders(403, NO_BODY);
            } else if (!exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, NO_BODY);
            } else if (path.equals("/")) {
                send(exchange, page());
            } else if (path.equals("/events")) {
                stream(exchange);
            } else {
                exchange.sendResponseHeaders(404, NO_BODY);
            }
        }
    }

    /** Refuses names that another site gave this machine, so that its scripts cannot read the page. */
    private boolean isAddressedToUs(HttpExchange exchange) {
        int port = server.getAddress().getPort();
        String host = exchange.getRequestHeaders().getFirst("Host");
        return Set.of("localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port).contains(String.valueOf(host));
    }

    private static void send(HttpExchange exchange, String page) throws IOException {
        byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private String page() throws IOException {
        TrainingCharts charts = TrainingCharts.of(metrics());
        return HtmlTemplate.render("live", Map.of("headline", title, "charts", charts), charts.all());
    }

    private Metrics metrics() throws IOException {
        RunFolder followed = run;
        try {
            return followed == null ? Metrics.NONE : followed.metrics();
        } catch (NoSuchFileException notYet) {
            return Metrics.NONE;
        }
    }

    private void stream(HttpExchange exchange) throws IOException {
        try {
            if (streams.incrementAndGet() > MOST_STREAMS) {
                exchange.sendResponseHeaders(503, NO_BODY);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.sendResponseHeaders(200, 0);
            OutputStream events = exchange.getResponseBody();
            int shown = -1;
            boolean last;
            do {
                last = ended;
                int current = changes.get();
                List<Chart> charts =
                        current == shown ? null : TrainingCharts.of(metrics()).all();
                events.write(("data: " + JsonFile.line(new Update(status, last, charts)) + "\n\n")
                        .getBytes(StandardCharsets.UTF_8));
                events.flush();
                shown = current;
                Thread.sleep(PAUSE_MILLIS);
            } while (!last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.decrementAndGet();
        }
    }
}
