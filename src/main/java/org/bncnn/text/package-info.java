/**
 * Text that others wrote, such as names of files and classes, made fit to be shown on a terminal.
 *
 * <p>Depends on nothing.
 */
package org.bncnn.text;
