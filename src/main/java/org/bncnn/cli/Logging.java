package org.bncnn.cli;

import java.util.List;

/**
 * Sets up logging before the first logger exists. The configuration is not called {@code logback.xml}, so that an application that
 * adds this jar keeps its own.
 */
final class Logging {
    private Logging() {}

    /** Logs to standard error: what this program says, and the libraries' warnings; everything if {@code --debug} is given. */
    static void configure(String[] args) {
        System.setProperty("bncnn.log.level", List.of(args).contains("--debug") ? "DEBUG" : "WARN");
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "org/bncnn/cli/logging.xml");
        }
    }
}
