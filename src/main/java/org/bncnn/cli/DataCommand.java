package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.DatasetLocator.Place;
import org.bncnn.data.ImageDataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bncnn data}: shows where the dataset is, fetches it, checks it. */
@Command(name = "data", description = "Show where the dataset is; fetch or verify it.", mixinStandardHelpOptions = true)
final class DataCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--fetch", description = "Fetch Fashion-MNIST if it is not on this machine.")
    private boolean fetch;

    @Option(names = "--verify", description = "Read all of it, and check its form and, of Fashion-MNIST, the SHA-256.")
    private boolean verify;

    @Mixin
    private DataOption data;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (fetch) {
            data.load(spec.commandLine().getErr());
        }
        Place place = data.locate()
                .orElseThrow(() -> new DatasetException(
                        "Fashion-MNIST is not on this machine; fetch it with: bncnn data --fetch"));
        out.printf("%s (%s)%n", place.location(), place.origin());
        if (verify) {
            ImageDataset dataset = DatasetLocator.read(place);
            out.println(DataOption.describe(dataset));
            new TreeMap<>(dataset.sha256()).forEach((file, sha256) -> out.printf("%s  %s%n", sha256, file));
            out.println(place.checksummed() ? "It is Fashion-MNIST to the letter." : "Its form is right.");
        }
        json.write(place);
        return 0;
    }
}
