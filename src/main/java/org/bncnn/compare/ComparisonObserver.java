package org.bncnn.compare;

import org.bncnn.model.Norm;
import org.bncnn.train.TrainingObserver;

/** Is told how a comparison goes. */
public interface ComparisonObserver {
    /** The next part begins. */
    void partStarted(String part);

    /** {@return who is told how the training with a norm goes} */
    TrainingObserver training(Norm norm);
}
