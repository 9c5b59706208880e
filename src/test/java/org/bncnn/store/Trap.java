package org.bncnn.store;

import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.OutputStream;
import java.io.Serializable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.Normalizer;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializerStrategy;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerType;

/** Code that a hostile file wants to have run. It remembers whether it was. */
final class Trap {
    static boolean sprung;

    private Trap() {}

    /** Runs when it is read back by Java's serialization. */
    static final class SerializedObject implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) {
            sprung = true;
        }
    }

    /** Runs when it is made from a configuration that names it. */
    static final class Activation extends BaseActivationFunction {
        private static final long serialVersionUID = 1L;

        Activation() {
            sprung = true;
        }

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in;
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon, null);
        }
    }

    /** Runs when it is made from a normalizer of the type {@code CUSTOM} that names it. */
    public static final class Strategy implements NormalizerSerializerStrategy<Normalizer<?>> {
        public Strategy() {
            sprung = true;
        }

        @Override
        public void write(Normalizer<?> normalizer, OutputStream stream) {}

        @Override
        public Normalizer<?> restore(InputStream stream) {
            return null;
        }

        @Override
        public NormalizerType getSupportedType() {
            return NormalizerType.CUSTOM;
        }
    }
}
