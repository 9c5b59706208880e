package org.bncnn.bench;

import org.bncnn.model.Norm;

/**
 * A contender with a norm.
 *
 * @param contender its id
 * @param norm {@code builtin} is the contender's own batch normalization
 */
public record Entry(String contender, Norm norm) {}
