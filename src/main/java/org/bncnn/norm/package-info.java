/**
 * The custom batch normalization layer: configuration, parameters, runtime and kernels.
 *
 * <p>Depends on DL4J only and on nothing else of ours, so that an application can use it by itself.
 */
package org.bncnn.norm;
