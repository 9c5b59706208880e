/**
 * Files the program leaves behind and reads again, and files of weights from PyTorch: written whole or not at all, and checked before they are used.
 *
 * <p>Depends on DL4J and {@code text} only.
 */
package org.bncnn.store;
