package app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bncnn.backend.Backend;
import org.bncnn.predict.Classifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** An application of Spring Boot whose bean classifies an image of zeros; Spring closes it. */
@SpringBootApplication(proxyBeanMethods = false)
public class Boot {
    private static final Logger LOG = LoggerFactory.getLogger(Boot.class);

    /** @param arguments the model file */
    public static void main(String[] arguments) {
        SpringApplication.run(Boot.class, arguments).close();
    }

    @Bean
    Classifier classifier(org.springframework.boot.ApplicationArguments arguments) throws Exception {
        Backend.start();
        return Classifier.load(Path.of(arguments.getSourceArgs()[0]));
    }

    @Bean
    CommandLineRunner run(Classifier classifier, ObjectMapper json) {
        return arguments -> {
            var image = new java.awt.image.BufferedImage(28, 28, java.awt.image.BufferedImage.TYPE_BYTE_GRAY);
            LOG.info("{}", json.writeValueAsString(classifier.classify(image)));
            String[] jars = System.getProperty("java.class.path").split(File.pathSeparator);
            long bytes = Stream.of(jars).mapToLong(jar -> new File(jar).length()).sum();
            LOG.info("{} jars, {} MB", jars.length, bytes / 1_000_000);
        };
    }
}
