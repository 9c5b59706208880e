/**
 * How well a network classifies: results, immutable, apart from the text they are shown as.
 *
 * <p>Depends on DL4J only.
 */
package org.bncnn.eval;
