package org.bncnn.cli;

import org.bncnn.engine.Engine;
import picocli.CommandLine.Option;

/** {@code --engine ENGINE}, for commands that run a network. */
final class EngineOption {
    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            description = "What computes the network: ${COMPLETION-CANDIDATES}. onednn gives the same results several"
                    + " times as fast; where it cannot run a network, dl4j does.")
    private Engine engine = Engine.ONEDNN;

    Engine engine() {
        return engine;
    }
}
