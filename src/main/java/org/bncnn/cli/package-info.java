/**
 * The command line: one picocli command per class, and how results, progress and errors are shown.
 *
 * <p>Results go to standard output, everything else to standard error, both through a {@code TerminalWriter}, which
 * stops what a terminal would obey.
 */
package org.bncnn.cli;
