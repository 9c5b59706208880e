/** The native library that Deeplearning4j runs on: which build of ND4J this CPU can take, and DL4J's own oneDNN helpers. */
package org.bncnn.backend;
