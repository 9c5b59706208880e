/**
 * Files of weights that PyTorch's users exchange: safetensors, read and written, and files of {@code torch.save}, read. Nothing in them is run,
 * and what they claim is checked before memory is allocated for it. Which parameter of a network a tensor belongs to is not decided here.
 */
package org.bncnn.weights;
