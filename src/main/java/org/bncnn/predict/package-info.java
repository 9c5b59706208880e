/**
 * Images of the world brought into the form that a model takes: what its file says of its images, applied to image files and datasets.
 *
 * <p>Depends on {@code store} and {@code data} only.
 */
package org.bncnn.predict;
