package org.bncnn.export.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.LongStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TensorShapeProto.Dimension;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/** An ONNX graph that grows node by node; each takes the output of the one before. Every name in it is used once. */
final class Graph {
    /** Name of the first dimension of inputs and outputs, which has any size. */
    private static final String BATCH = "N";

    private static final String PROBABILITIES = "probabilities";
    private static final String OUTPUT = "output";

    private final GraphProto.Builder proto = GraphProto.newBuilder().setName("bncnn");
    private final Set<String> names = new HashSet<>(List.of(PROBABILITIES, OUTPUT));

    /** What the last node gives. */
    private String tensor;

    /** Its shape, for a batch of one. */
    private long[] shape;

    /**
     * Starts with the graph's input.
     *
     * @param batchOfOne its shape, {@code [1, C, H, W]} or {@code [1, units]}
     */
    void input(DataType type, long... batchOfOne) {
        becomes(batchOfOne);
        tensor = isImage() ? "images" : "input";
        names.add(tensor);
        proto.addInput(value(type));
    }

    /** {@return what the last node gives}, for a node that takes it although it is not the next */
    String tensor() {
        return tensor;
    }

    /** {@return the shape of what the last node gives}, for a batch of one */
    long[] shape() {
        return shape.clone();
    }

    /** {@return whether the last node gives images, and not vectors} */
    boolean isImage() {
        return shape.length == 4;
    }

    /** Sets the shape of what the last node gives, for a batch of one. */
    void becomes(long... shape) {
        this.shape = shape.clone();
    }

    /**
     * Adds a node.
     *
     * @param name of its layer; the node has it if it is the layer's first, otherwise with the operator behind it
     */
    void add(String name, String operator, AttributeProto... attributes) {
        add(name, operator, List.of(), attributes);
    }

    /** @param parameters what it takes after what the last node gives */
    void add(String name, String operator, List<String> parameters, AttributeProto... attributes) {
        String unique = unique(names.contains(name) ? name + "." + operator.toLowerCase(Locale.ROOT) : name);
        proto.addNode(NodeProto.newBuilder()
                .setName(unique)
                .setOpType(operator)
                .addInput(tensor)
                .addAllInput(parameters)
                .addOutput(unique)
                .addAllAttribute(List.of(attributes)));
        tensor = unique;
    }

    /** {@return the name of new values}, which is the one asked for unless that is taken */
    String floats(String name, float[] values, long... shape) {
        ByteBuffer bytes = littleEndian(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        return constant(name, DataType.FLOAT, bytes, shape);
    }

    /** {@return the name of new values}, as {@link #floats} has it */
    String longs(String name, long... values) {
        ByteBuffer bytes = littleEndian(values.length * Long.BYTES);
        bytes.asLongBuffer().put(values);
        return constant(name, DataType.INT64, bytes, values.length);
    }

    private String constant(String name, DataType type, ByteBuffer bytes, long... shape) {
        String unique = unique(name);
        proto.addInitializer(TensorProto.newBuilder()
                .setName(unique)
                .setDataType(type.getNumber())
                .addAllDims(LongStream.of(shape).boxed().toList())
                .setRawData(ByteString.copyFrom(bytes)));
        return unique;
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private String unique(String name) {
        String unique = name;
        for (int i = 2; !names.add(unique); i++) {
            unique = name + "_" + i;
        }
        return unique;
    }

    /**
     * {@return the graph, which gives what its last node gives}
     *
     * @param probabilities whether that is probabilities
     */
    GraphProto finish(boolean probabilities) {
        if (proto.getNodeCount() == 0) {
            add("identity", "Identity");
        }
        tensor = probabilities ? PROBABILITIES : OUTPUT;
        proto.getNodeBuilder(proto.getNodeCount() - 1).setOutput(0, tensor);
        return proto.addOutput(value(DataType.FLOAT)).build();
    }

    /** {@return what the last node gives, declared for batches of any size} */
    private ValueInfoProto value(DataType type) {
        TensorShapeProto.Builder sizes =
                TensorShapeProto.newBuilder().addDim(Dimension.newBuilder().setDimParam(BATCH));
        LongStream.of(shape)
                .skip(1)
                .forEach(size -> sizes.addDim(Dimension.newBuilder().setDimValue(size)));
        return ValueInfoProto.newBuilder()
                .setName(tensor)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(sizes)))
                .build();
    }

    static AttributeProto integer(String name, long value) {
        return attribute(name, AttributeType.INT).setI(value).build();
    }

    static AttributeProto integers(String name, long... values) {
        return attribute(name, AttributeType.INTS)
                .addAllInts(LongStream.of(values).boxed().toList())
                .build();
    }

    static AttributeProto real(String name, double value) {
        return attribute(name, AttributeType.FLOAT).setF((float) value).build();
    }

    private static AttributeProto.Builder attribute(String name, AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }
}
