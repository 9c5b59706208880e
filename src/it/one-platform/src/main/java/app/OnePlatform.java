package app;

import java.awt.image.BufferedImage;
import java.io.File;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bncnn.backend.Backend;
import org.bncnn.predict.Classifier;

/** Classifies an image with the natives that the application names. */
public final class OnePlatform {
    private OnePlatform() {}

    /** @param arguments the model file */
    public static void main(String[] arguments) throws Exception {
        Backend.start();
        try (Classifier classifier = Classifier.load(Path.of(arguments[0]))) {
            System.out.println(classifier.classify(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY)));
        }
        String[] jars = System.getProperty("java.class.path").split(File.pathSeparator);
        long bytes = Stream.of(jars).mapToLong(jar -> new File(jar).length()).sum();
        System.out.println(jars.length + " jars, " + bytes / 1_000_000 + " MB");
    }
}
