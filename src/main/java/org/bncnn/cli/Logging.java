package org.bncnn.cli;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import org.bncnn.text.Printable;

/**
 * Sets up logging before the first logger exists. The configuration is not called {@code logback.xml}, so that an
 * application that adds this jar keeps its own.
 */
final class Logging {
    private Logging() {}

    /** Logs this program's messages and the libraries' warnings to standard error; everything with {@code --debug}. */
    static void configure(String[] args) {
        System.setProperty("bncnn.log.level", List.of(args).contains("--debug") ? "DEBUG" : "WARN");
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "org/bncnn/cli/logging.xml");
        }
    }

    /** A log message on one line, for {@code logging.xml}. */
    public static final class Line extends MessageConverter {
        @Override
        public String convert(ILoggingEvent event) {
            return Printable.line(super.convert(event));
        }
    }
}
