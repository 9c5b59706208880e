package org.bncnn.weights;

import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bncnn.store.UntrustedJson;
import org.bncnn.text.Printable;
import org.bncnn.weights.PyTorchTensor.Storage;
import org.nd4j.shade.guava.primitives.Bytes;

/**
 * Reads Python's pickle format as far as {@code torch.save} writes weights in it, and runs nothing: a pickle is a
 * program for a stack machine, and this machine makes only plain values. It knows the operations in {@link Opcode} and
 * the names in {@link PickleGlobal}; any other is refused by its name.
 *
 * <p>Values are null, {@link Boolean}, {@link Long}, {@link BigInteger}, {@link Double}, {@link String}, {@link Tuple},
 * {@link Items}, {@link Dict}, {@link PickleGlobal}, {@link Storage} and {@link PyTorchTensor}. A value may contain
 * itself, or be nested as deeply as the pickle is long: never walk through all of one, compare it or print it.
 */
final class PickleMachine {
    /** A tensor takes about 40, so there is room for 25,000. An operation takes at most about 100 bytes of memory. */
    private static final int MOST_OPERATIONS = 1 << 20;

    private static final int PROTOCOL = 2;
    private static final int LONGEST_GLOBAL = 200;

    static final String ADVICE = "in Python, torch.save(net.state_dict(), \"weights.pt\") saves weights alone";

    private final ByteBuffer in;
    private final List<Object> stack = new ArrayList<>();
    /** How high the stack was at each MARK that is open. */
    private final List<Integer> marks = new ArrayList<>();

    private final Map<Integer, Object> memo = new HashMap<>();

    private PickleMachine(byte[] pickle) {
        in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A Python tuple. */
    record Tuple(List<Object> values) {}

    /** A Python list. */
    record Items(List<Object> values) {}

    /** A Python dict or OrderedDict. Its keys are null, booleans, numbers and texts. */
    record Dict(Map<Object, Object> values) {}

    /**
     * {@return the value of a pickle}
     *
     * @throws IOException if it is cut short, not made by {@code torch.save} of weights, or too large
     */
    static Object read(byte[] pickle) throws IOException {
        return new PickleMachine(pickle).read();
    }

    private Object read() throws IOException {
        for (int operations = 0; operations < MOST_OPERATIONS; operations++) {
            int code = unsignedByte();
            Opcode opcode = Opcode.BY_CODE.get(code);
            if (opcode == Opcode.STOP) {
                Object value = pop();
                if (!stack.isEmpty() || in.hasRemaining()) {
                    throw new IOException("something is left over at its end");
                }
                return value;
            }
            if (opcode == null || opcode.operation == null) {
                throw new IOException("its operation " + (opcode == null ? "0x" + Integer.toHexString(code) : opcode)
                        + " is not one of PyTorch's weights; " + ADVICE);
            }
            opcode.operation.run(this);
        }
        throw new IOException("it has more than " + MOST_OPERATIONS + " operations");
    }

    /** Changes the machine's stack or memo. */
    @FunctionalInterface
    private interface Operation {
        void run(PickleMachine machine) throws IOException;
    }

    /**
     * The operations of pickle's protocol 2 (Python's {@code pickletools}): first those that {@code torch.save} writes,
     * then those that are refused by name.
     */
    private enum Opcode {
        PROTO(0x80, machine -> checkProtocol(machine.unsignedByte())),
        STOP('.'),
        MARK('(', machine -> machine.marks.add(machine.stack.size())),
        NONE('N', machine -> machine.push(null)),
        NEWTRUE(0x88, machine -> machine.push(true)),
        NEWFALSE(0x89, machine -> machine.push(false)),
        BININT('J', machine -> machine.push((long) machine.int32())),
        BININT1('K', machine -> machine.push((long) machine.unsignedByte())),
        BININT2(
                'M',
                machine -> machine.push(
                        (long) Short.toUnsignedInt(machine.take(Short.BYTES).getShort()))),
        LONG1(0x8a, machine -> machine.push(machine.integer())),
        BINFLOAT(
                'G',
                machine -> machine.push(
                        machine.take(Double.BYTES).order(ByteOrder.BIG_ENDIAN).getDouble())),
        BINUNICODE('X', machine -> machine.push(machine.text())),
        EMPTY_TUPLE(')', machine -> machine.push(tuple(List.of()))),
        TUPLE1(0x85, machine -> machine.push(tuple(machine.pop(1)))),
        TUPLE2(0x86, machine -> machine.push(tuple(machine.pop(2)))),
        TUPLE3(0x87, machine -> machine.push(tuple(machine.pop(3)))),
        TUPLE('t', machine -> machine.push(tuple(machine.popToMark()))),
        EMPTY_LIST(']', machine -> machine.push(new Items(new ArrayList<>()))),
        APPEND('a', machine -> machine.append(machine.pop(1))),
        APPENDS('e', machine -> machine.append(machine.popToMark())),
        EMPTY_DICT('}', machine -> machine.push(new Dict(new LinkedHashMap<>()))),
        SETITEM('s', machine -> machine.setItems(machine.pop(2))),
        SETITEMS('u', machine -> machine.setItems(machine.popToMark())),
        BINPUT('q', machine -> machine.memo.put(machine.unsignedByte(), machine.top())),
        LONG_BINPUT('r', machine -> machine.memo.put(machine.int32(), machine.top())),
        BINGET('h', machine -> machine.push(machine.remembered(machine.unsignedByte()))),
        LONG_BINGET('j', machine -> machine.push(machine.remembered(machine.int32()))),
        GLOBAL('c', machine -> machine.push(machine.global())),
        REDUCE('R', machine -> machine.push(reduced(machine.pop(2)))),
        BUILD('b', machine -> machine.checkBuilt(machine.pop())),
        BINPERSID('Q', machine -> machine.push(Storage.of(machine.pop()))),

        INST('i'),
        OBJ('o'),
        NEWOBJ(0x81),
        NEWOBJ_EX(0x92),
        STACK_GLOBAL(0x93),
        PERSID('P'),
        EXT1(0x82),
        EXT2(0x83),
        EXT4(0x84),
        LONG4(0x8b),
        FRAME(0x95);

        private static final Map<Integer, Opcode> BY_CODE =
                Arrays.stream(values()).collect(Collectors.toMap(each -> each.code, Function.identity()));

        private final int code;
        private final Operation operation;

        Opcode(int code, Operation operation) {
            this.code = code;
            this.operation = operation;
        }

        Opcode(int code) {
            this(code, null);
        }
    }

    private void push(Object value) {
        stack.add(value);
    }

    private int unsignedByte() throws EOFException {
        return Byte.toUnsignedInt(take(1).get());
    }

    private int int32() throws EOFException {
        return take(Integer.BYTES).getInt();
    }

    private ByteBuffer take(long bytes) throws EOFException {
        if (bytes > in.remaining()) {
            throw new EOFException();
        }
        ByteBuffer taken = in.slice(in.position(), (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) bytes);
        return taken;
    }

    private static void checkProtocol(int protocol) throws IOException {
        if (protocol != PROTOCOL) {
            throw new IOException(
                    "it is of pickle's protocol " + protocol + ", torch.save writes 2 unless it is told otherwise");
        }
    }

    private Number integer() throws IOException {
        byte[] bytes = new byte[unsignedByte()];
        take(bytes.length).get(bytes);
        Collections.reverse(Bytes.asList(bytes));
        BigInteger value = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }

    private String text() throws IOException {
        ByteBuffer text = take(Integer.toUnsignedLong(int32())); // before an array is made, so that there is as much
        byte[] bytes = new byte[text.remaining()];
        text.get(bytes);
        return UntrustedJson.decode(bytes);
    }

    private PickleGlobal global() throws IOException {
        PickleGlobal global = new PickleGlobal(line() + "." + line());
        if (!global.isAllowed()) {
            String shown = Printable.excerpt(TensorLimits.shown(global.name()));
            throw new IOException((stack.isEmpty() && marks.isEmpty()
                            ? "it is a pickled " + shown + ", not weights; "
                            : "it names " + shown + ", which is not read; ")
                    + ADVICE);
        }
        return global;
    }

    private String line() throws IOException {
        int begin = in.position();
        while (take(1).get() != '\n') {
            if (in.position() - begin > LONGEST_GLOBAL) {
                throw new IOException("it names something by more than " + LONGEST_GLOBAL + " characters");
            }
        }
        return new String(in.array(), begin, in.position() - begin - 1, StandardCharsets.UTF_8);
    }

    private static Object reduced(List<Object> functionAndArguments) throws IOException {
        if (!(functionAndArguments.get(0) instanceof PickleGlobal function)
                || !(functionAndArguments.get(1) instanceof Tuple arguments)) {
            throw new IOException("it calls what is not a function");
        }
        List<Object> values = arguments.values();
        if (function.valueType() != null) {
            return new PickleGlobal(function.valueType());
        }
        if (function.name().equals(PickleGlobal.TENSOR)) {
            return PyTorchTensor.of(values);
        }
        if (function.name().equals(PickleGlobal.ORDERED_DICT) && values.isEmpty()) {
            return new Dict(new LinkedHashMap<>());
        }
        if (function.name().equals(PickleGlobal.PARAMETER)
                && values.size() == 3
                && values.get(0) instanceof PyTorchTensor tensor) {
            return tensor;
        }
        throw new IOException("it calls " + function.name() + " otherwise than PyTorch does");
    }

    /** An OrderedDict's attribute {@code _metadata}, versions of PyTorch's classes, is dropped. */
    private void checkBuilt(Object state) throws IOException {
        if (!(top() instanceof Dict)
                || !(state instanceof Dict attributes)
                || !attributes.values().keySet().equals(Set.of("_metadata"))) {
            throw new IOException("it sets other attributes than the _metadata of an OrderedDict; " + ADVICE);
        }
    }

    private void append(List<Object> values) throws IOException {
        if (!(top() instanceof Items list)) {
            throw new IOException("it appends to something other than a list");
        }
        list.values().addAll(values);
    }

    private void setItems(List<Object> keysAndValues) throws IOException {
        if (!(top() instanceof Dict dict) || keysAndValues.size() % 2 != 0) {
            throw new IOException("it sets items of something other than a dict");
        }
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            Object key = keysAndValues.get(i);
            if (key != null && !(key instanceof String) && !(key instanceof Number) && !(key instanceof Boolean)) {
                throw new IOException("a dict has a key that is neither a text nor a number");
            }
            if (dict.values().containsKey(key)) {
                throw new IOException(
                        "a dict has the key " + Printable.excerpt(TensorLimits.shown("" + key)) + " twice");
            }
            dict.values().put(key, keysAndValues.get(i + 1));
        }
    }

    private Object remembered(int index) throws IOException {
        if (!memo.containsKey(index)) {
            throw new IOException("it asks for value " + Integer.toUnsignedString(index) + " before there is one");
        }
        return memo.get(index);
    }

    private static Tuple tuple(List<Object> values) {
        return new Tuple(Collections.unmodifiableList(values));
    }

    private List<Object> popToMark() throws IOException {
        if (marks.isEmpty()) {
            throw new IOException("it takes values back to a mark that it did not set");
        }
        return pop(stack.size() - marks.remove(marks.size() - 1));
    }

    /** {@return the last values of the stack}, taken off, in their order */
    private List<Object> pop(int count) throws IOException {
        requireValues(count);
        List<Object> last = stack.subList(stack.size() - count, stack.size());
        List<Object> popped = new ArrayList<>(last);
        last.clear();
        return popped;
    }

    private void requireValues(int count) throws IOException {
        if (stack.size() - count < (marks.isEmpty() ? 0 : marks.get(marks.size() - 1))) {
            throw new IOException("it takes a value from an empty stack");
        }
    }

    private Object pop() throws IOException {
        return pop(1).get(0);
    }

    private Object top() throws IOException {
        requireValues(1);
        return stack.get(stack.size() - 1);
    }
}
