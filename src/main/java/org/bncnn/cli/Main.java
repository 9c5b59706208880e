package org.bncnn.cli;

import java.io.IOException;
import org.bncnn.store.BuildInfo;
import org.bncnn.train.DivergedException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program {@code bncnn}. Exit code 0: done; 1: failed; 2: called wrongly; 130: stopped by Ctrl-C. */
@Command(
        name = "bncnn",
        description = "Batch-normalised CNNs on Deeplearning4j.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            CompareCommand.class,
            ReportCommand.class,
            PredictCommand.class,
            InspectCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            ExplainCommand.class,
            BenchCommand.class,
            BenchWorkerCommand.class,
            DataCommand.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show stack traces, and what the libraries log.")
    private boolean debug;

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** {@return the exit code of the program, called with these arguments} */
    static int run(String... args) {
        Main main = new Main();
        Logging.configure(args);
        return new CommandLine(main)
                .setOut(new TerminalWriter(System.out))
                .setErr(new TerminalWriter(System.err))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::explainUsage)
                .setExecutionExceptionHandler((error, command, parsed) -> main.explainFailure(error, command))
                .execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }

    private static int explainUsage(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        command.getErr()
                .println("bncnn: " + error.getMessage() + " (see "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private int explainFailure(Exception error, CommandLine command) {
        boolean expected = error instanceof IOException || error instanceof DivergedException;
        command.getErr().println("bncnn: " + (expected ? error.getMessage() : "internal error: " + error));
        if (debug) {
            error.printStackTrace(command.getErr());
        } else if (!expected) {
            command.getErr().println("bncnn: run it again with --debug to see where it happened");
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Tells the version and the commit it was built from. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            BuildInfo build = BuildInfo.load();
            return new String[] {
                "bncnn " + build.version() + " (commit " + build.commit() + "), Deeplearning4j " + build.dl4j()
            };
        }
    }
}
