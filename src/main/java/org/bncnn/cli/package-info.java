/**
 * The command line: one picocli command per class, and how results, progress and errors are shown.
 *
 * <p>Results go to standard output, everything else to standard error, both by way of a {@code TerminalWriter}, which lets nothing pass that a
 * terminal would obey. May depend on every other package; none depends on it.
 */
package org.bncnn.cli;
