/**
 * Files of weights that PyTorch's users exchange: safetensors, read and written, and files of {@code torch.save}, read.
 * Nothing in them is run, and their claims are checked before memory is allocated.
 */
package org.bncnn.weights;
