package org.bncnn.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.bncnn.model.Recipe;
import org.bncnn.store.BuildInfo;
import org.bncnn.text.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code bncnn}. Exit code 0: done; 1: failed; 2: usage error; 130: stopped by Ctrl-C; 141: done, but
 * nobody read all of its standard output.
 */
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

    Main() {}

    /**
     * Runs the program.
     *
     * @param args the arguments, of which the first is a command
     */
    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT); // for what libraries print
        Thread.setDefaultUncaughtExceptionHandler(Main::explainFailureOf);
        System.exit(run(new FileOutputStream(FileDescriptor.out), args));
    }

    /** {@return the exit code of the program} */
    static int run(String... args) {
        return run(System.out, args);
    }

    /** {@return the exit code of the program, which writes its results to a stream} */
    static int run(OutputStream results, String... args) {
        Main main = new Main();
        Logging.configure(args);
        TerminalWriter out = new TerminalWriter(results);
        PrintWriter err = new TerminalWriter(System.err);
        int exitCode;
        try {
            exitCode = commandLine(main)
                    .setOut(out)
                    .setErr(err)
                    .setParameterExceptionHandler(Main::explainUsage)
                    .setExecutionExceptionHandler((error, command, parsed) -> main.explainFailure(error, err))
                    .execute(args);
        } catch (Error e) { // picocli handles exceptions only
            exitCode = main.explainFailure(e, err);
        }
        out.flush();
        return exitCode == 0 && out.failure() != null ? explainOutput(out, err) : exitCode;
    }

    /** {@return the whole command line} */
    static CommandLine commandLine(Main main) {
        CommandLine program = new CommandLine(main)
                .registerConverter(Path.class, new PathName())
                .registerConverter(Recipe.class, new Choice<>(Recipe.NAMED, Recipe::name));
        program.getSubcommands().values().stream()
                .flatMap(command -> command.getCommandSpec().args().stream())
                .map(arg -> arg.auxiliaryTypes()[0])
                .filter(Class::isEnum)
                .forEach(type -> addChoice(program, type));
        return program;
    }

    private static <T> void addChoice(CommandLine program, Class<T> type) {
        program.registerConverter(type, new Choice<>(type));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }

    private static int explainUsage(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        String meant = error instanceof UnmatchedArgumentException unmatched ? meant(unmatched) : "";
        command.getErr()
                .println("bncnn: " + error.getMessage() + meant + " (see "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private static String meant(UnmatchedArgumentException error) {
        CommandSpec command = error.getCommandLine().getCommandSpec();
        if (error.isUnknownOption()) {
            return error.getSuggestions().stream()
                    .findFirst()
                    .map(Choice::meant)
                    .orElse("");
        }
        List<String> commands = command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(each -> !each.usageMessage().hidden())
                .map(CommandSpec::name)
                .toList();
        return commands.isEmpty()
                ? ""
                : Choice.near(error.getUnmatched().get(0), commands)
                        .orElse("; commands are " + String.join(", ", commands));
    }

    private int explainFailure(Throwable error, PrintWriter err) {
        Failure failure = Failure.of(error);
        err.println("bncnn: " + failure.line());
        if (debug) {
            error.printStackTrace(err);
        } else if (!failure.expected()) {
            err.println("bncnn: run it again with --debug to see where it happened");
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** In another thread an exception ends that thread's work, but an error may have ended anything. */
    private static void explainFailureOf(Thread thread, Throwable error) {
        System.err.println(Printable.line("bncnn: " + Failure.of(error).line() + " (thread " + thread.getName() + ")"));
        if (error instanceof Error && !Interruption.stopWork(CommandLine.ExitCode.SOFTWARE)) {
            System.exit(CommandLine.ExitCode.SOFTWARE);
        }
    }

    private static int explainOutput(TerminalWriter out, PrintWriter err) {
        if (out.isReaderGone()) {
            return TerminalWriter.READER_GONE;
        }
        err.println(
                "bncnn: standard output cannot be written (" + out.failure().getMessage() + "); files are complete");
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The version, and the commit it was built from. */
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
