import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Code in the default package that a hostile file wants to have run; it leaves a system property. */
public final class TrapInDefaultPackage extends BaseActivationFunction {
    private static final long serialVersionUID = 1L;

    static {
        spring();
    }

    /** The same, in a class whose name has no dot either. */
    public static final class Nested extends BaseActivationFunction {
        private static final long serialVersionUID = 1L;

        static {
            spring();
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

    private static void spring() {
        System.setProperty("TrapInDefaultPackage", "sprung");
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
