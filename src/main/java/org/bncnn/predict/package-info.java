/** From a model file and an image to the most probable classes. */
package org.bncnn.predict;
