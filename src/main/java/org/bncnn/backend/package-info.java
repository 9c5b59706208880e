/** The native library that Deeplearning4j runs on: the build of ND4J for this CPU, and DL4J's oneDNN helpers. */
package org.bncnn.backend;
