/**
 * The native library that Deeplearning4j runs on: which build of ND4J this CPU can take, and DL4J's own oneDNN helpers.
 *
 * <p>Everything here acts before or below the network. It depends on DL4J and ND4J only, and on nothing else of ours.
 */
package org.bncnn.backend;
