package org.bncnn.train;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;

/**
 * Spreads a share of each label evenly over all classes: {@code y ← (1 − ε)·y + ε/K}. Szegedy et al. (2016), "Rethinking the Inception
 * Architecture for Computer Vision", §7.
 *
 * @param share ε, in [0, 1)
 */
public record LabelSmoothing(double share) implements DataSetPreProcessor {
    @Override
    public void preProcess(DataSet data) {
        INDArray labels = data.getLabels();
        labels.muli(1 - share).addi(share / labels.size(1));
    }
}
