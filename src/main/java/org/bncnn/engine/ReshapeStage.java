package org.bncnn.engine;

/** Flattens images, or makes images of vectors: the same values in the same order in another shape. */
final class ReshapeStage implements Stage {
    private final Assembly assembly;
    private final long[] dstShape;

    private long[] srcShape;

    ReshapeStage(Assembly assembly, long... dstShape) {
        this.assembly = assembly;
        this.dstShape = dstShape;
    }

    @Override
    public Tensor forward(Tensor src) {
        srcShape = src.shape();
        return plain(src, assembly.forward()).reshaped(assembly.natives(), dstShape);
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        return wanted ? plain(diffDst, assembly.backward()).reshaped(assembly.natives(), srcShape) : null;
    }

    private Tensor plain(Tensor tensor, Program program) {
        return assembly.natives().inLayout(tensor, assembly.natives().plain(tensor.shape()), program);
    }

    @Override
    public double bound(double src) {
        return src;
    }

    @Override
    public String implementation() {
        return "reshape";
    }
}
