/**
 * What results are shown with: numbers, lines and tables as text, and text that others wrote, such as names of files
 * and classes, made fit for a terminal.
 */
package org.bncnn.text;
