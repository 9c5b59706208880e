package org.bncnn.bench;

/**
 * What could not be measured.
 *
 * @param entry which contender, with which norm
 * @param title of the contender, as tables show it
 * @param reason why, in words that follow its name
 */
public record Omission(Entry entry, String title, String reason) {}
