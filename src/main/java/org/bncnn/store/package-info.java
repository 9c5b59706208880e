/**
 * Files the program leaves behind and reads again: written whole or not at all, and checked before they are used.
 *
 * <p>Depends on DL4J and {@code text} only.
 */
package org.bncnn.store;
