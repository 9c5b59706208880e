package org.bncnn.engine;

import org.bncnn.array.Floats;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/** A loss with the activation before it: its sum over a batch, and its gradient by the activation's input. */
interface Loss {
    /**
     * {@return the sum over the batch}
     *
     * @param z the activation's input, {@code [N, C]}; replaced by ∂ℓ/∂z
     * @param labels {@code [N, C]}, in 'c' order
     * @param units C
     */
    double evaluate(float[] z, INDArray labels, int units);

    /** {@return the loss of an output layer}: of the usual pairs in Java, of others DL4J's own. */
    static Loss of(ILossFunction function, IActivation activation) {
        Class<?> type = function.getClass(); // sub-classes may compute anything
        if (type == LossMCXENT.class
                && activation instanceof ActivationSoftmax
                && ((LossMCXENT) function).getWeights() == null) {
            return new SoftmaxCrossEntropy(((LossMCXENT) function).getSoftmaxClipEps());
        }
        if (type == LossBinaryXENT.class
                && activation instanceof ActivationSigmoid
                && ((LossBinaryXENT) function).getWeights() == null) {
            return new SigmoidCrossEntropy(((LossBinaryXENT) function).getClipEps());
        }
        if (type == LossMSE.class
                && activation instanceof ActivationIdentity
                && ((LossMSE) function).getWeights() == null) {
            return Loss::meanSquaredError;
        }
        return (z, labels, units) -> dl4j(function, activation, z, labels, units);
    }

    private static double meanSquaredError(float[] z, INDArray labels, int units) {
        float[] y = Floats.copyOf(labels);
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            double difference = z[i] - y[i];
            sum += difference * difference;
            z[i] = (float) (2 * difference / units);
        }
        return sum / units;
    }

    private static double dl4j(ILossFunction function, IActivation activation, float[] z, INDArray labels, int units) {
        INDArray preOutput = Nd4j.createFromArray(z).reshape(z.length / units, units);
        double sum = function.computeScore(labels, preOutput.dup(), activation, null, false);
        INDArray gradient = function.computeGradient(labels, preOutput, activation, null);
        Floats.of(Floats.plain(gradient)).read(0, z, 0, z.length);
        return sum;
    }

    /**
     * Softmax and multi-class cross-entropy.
     *
     * @param clip probabilities are kept this far from 0 and 1 in the sum, but not in the gradient
     */
    record SoftmaxCrossEntropy(double clip) implements Loss {
        @Override
        public double evaluate(float[] z, INDArray labels, int units) {
            float[] y = Floats.copyOf(labels);
            double[] exp = new double[units];
            double sum = 0;
            for (int row = 0; row < z.length; row += units) {
                float max = z[row];
                for (int i = 1; i < units; i++) {
                    max = Math.max(max, z[row + i]);
                }
                double total = 0;
                for (int i = 0; i < units; i++) {
                    exp[i] = Math.exp(z[row + i] - max);
                    total += exp[i];
                }
                for (int i = 0; i < units; i++) {
                    double p = exp[i] / total;
                    if (y[row + i] != 0) {
                        sum -= y[row + i] * Math.log(Math.min(Math.max(p, clip), 1 - clip));
                    }
                    z[row + i] = (float) (p - y[row + i]);
                }
            }
            return sum;
        }
    }

    /**
     * Sigmoid and binary cross-entropy.
     *
     * @param clip probabilities are kept this far from 0 and 1
     */
    record SigmoidCrossEntropy(double clip) implements Loss {
        @Override
        public double evaluate(float[] z, INDArray labels, int units) {
            float[] y = Floats.copyOf(labels);
            double sum = 0;
            for (int i = 0; i < z.length; i++) {
                double p = 1 / (1 + Math.exp(-z[i]));
                double clipped = Math.min(Math.max(p, clip), 1 - clip);
                sum -= y[i] * Math.log(clipped) + (1 - y[i]) * Math.log(1 - clipped);
                // The derivative of the sigmoid is not clipped in DL4J, that of the entropy is.
                z[i] = (float) ((clipped - y[i]) / (clipped * (1 - clipped)) * p * (1 - p));
            }
            return sum;
        }
    }
}
