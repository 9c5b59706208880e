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

/**
 * Reads Python's pickle format as far as {@code torch.save} writes weights in it, and runs nothing: a pickle is a program for a machine with a
 * stack, and this machine makes nothing but plain values. It knows the operations in {@link Opcode} and the names in
 * {@link PickleGlobal}; any other is refused by its name.
 *
 * <p>Values are null, {@link Boolean}, {@link Long}, {@link BigInteger}, {@link Double}, {@link String}, {@link Tuple}, {@link Items},
 * {@link Dict}, {@link PickleGlobal}, {@link PyTorchTensor.Storage} and {@link PyTorchTensor}. A value may contain itself, or be nested as deeply as the
 * pickle is long: never walk through all of one, compare it or print it.
 */
final class PickleMachine {
    /** A tensor takes about 40: room for 25,000. Each operation takes at most about 100 bytes of memory. */
    private static final int MOST_OPERATIONS = 1 << 20;

    private static final int PROTOCOL = 2;
    private static final int LONGEST_GLOBAL = 200;
    private static final int LONGEST_SHOWN = 60;

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
            int code = Byte.toUnsignedInt(take(1).get());
            Opcode opcode = Opcode.of(code);
            if (opcode == Opcode.STOP) {
                Object value = pop();
                if (!stack.isEmpty() || in.hasRemaining()) {
                    throw new IOException("something is left over at its end");
                }
                return value;
            }
            if (opcode == null || !execute(opcode)) {
                throw new IOException("its operation " + (opcode == null ? "0x" + Integer.toHexString(code) : opcode)
                        + " is not one of PyTorch's weights; " + ADVICE);
            }
        }
        throw new IOException("it has more than " + MOST_OPERATIONS + " operations");
    }

    /** {@return whether the operation is one that weights are made by} */
    private boolean execute(Opcode opcode) throws IOException {
        switch (opcode) {
            case PROTO -> checkProtocol(Byte.toUnsignedInt(take(1).get()));
            case MARK -> marks.add(stack.size());
            case NONE -> stack.add(null);
            case NEWTRUE -> stack.add(true);
            case NEWFALSE -> stack.add(false);
            case BININT -> stack.add((long) take(Integer.BYTES).getInt());
            case BININT1 -> stack.add((long) Byte.toUnsignedInt(take(1).get()));
            case BININT2 ->
                stack.add((long) Short.toUnsignedInt(take(Short.BYTES).getShort()));
            case LONG1 -> stack.add(integer());
            case BINFLOAT ->
                stack.add(Double.longBitsToDouble(
                        Long.reverseBytes(take(Double.BYTES).getLong())));
            case BINUNICODE -> stack.add(text());
            case EMPTY_TUPLE -> stack.add(new Tuple(List.of()));
            case TUPLE1 -> stack.add(tuple(pop(1)));
            case TUPLE2 -> stack.add(tuple(pop(2)));
            case TUPLE3 -> stack.add(tuple(pop(3)));
            case TUPLE -> stack.add(tuple(popToMark()));
            case EMPTY_LIST -> stack.add(new Items(new ArrayList<>()));
            case APPEND -> append(pop(1));
            case APPENDS -> append(popToMark());
            case EMPTY_DICT -> stack.add(new Dict(new LinkedHashMap<>()));
            case SETITEM -> setItems(pop(2));
            case SETITEMS -> setItems(popToMark());
            case BINPUT -> memo.put(Byte.toUnsignedInt(take(1).get()), top());
            case LONG_BINPUT -> memo.put(take(Integer.BYTES).getInt(), top());
            case BINGET -> stack.add(remembered(Byte.toUnsignedInt(take(1).get())));
            case LONG_BINGET -> stack.add(remembered(take(Integer.BYTES).getInt()));
            case GLOBAL -> stack.add(global());
            case REDUCE -> stack.add(reduced(pop(2)));
            case BUILD -> checkBuilt(pop());
            case BINPERSID -> stack.add(PyTorchTensor.Storage.of(pop()));
            default -> {
                return false;
            }
        }
        return true;
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
        byte[] littleEndian = new byte[Byte.toUnsignedInt(take(1).get())];
        take(littleEndian.length).get(littleEndian);
        byte[] bigEndian = new byte[littleEndian.length + 1];
        for (int i = 0; i < littleEndian.length; i++) {
            bigEndian[bigEndian.length - 1 - i] = littleEndian[i];
        }
        bigEndian[0] = (byte) (bigEndian.length > 1 && bigEndian[1] < 0 ? -1 : 0);
        BigInteger value = new BigInteger(bigEndian);
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }

    private String text() throws IOException {
        byte[] bytes = new byte
                [take(Integer.toUnsignedLong(take(Integer.BYTES).getInt())).remaining()];
        in.get(in.position() - bytes.length, bytes);
        return UntrustedJson.decode(bytes);
    }

    private PickleGlobal global() throws IOException {
        PickleGlobal global = new PickleGlobal(line() + "." + line());
        if (!global.isAllowed()) {
            String shown = Printable.excerpt(
                    global.name().length() > LONGEST_SHOWN
                            ? global.name().substring(0, LONGEST_SHOWN) + "…"
                            : global.name());
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
        if (functionAndArguments.get(0) instanceof PickleGlobal function
                && functionAndArguments.get(1) instanceof Tuple arguments) {
            if (function.valueType() != null) {
                return new PickleGlobal(function.valueType());
            }
            switch (function.name()) {
                case PickleGlobal.ORDERED_DICT -> {
                    if (arguments.values().isEmpty()) {
                        return new Dict(new LinkedHashMap<>());
                    }
                }
                case PickleGlobal.TENSOR -> {
                    return PyTorchTensor.of(arguments.values());
                }
                case PickleGlobal.PARAMETER -> {
                    if (arguments.values().size() == 3 && arguments.values().get(0) instanceof PyTorchTensor tensor) {
                        return tensor;
                    }
                }
                default -> throw new IOException("it calls " + function.name() + ", which is not a function");
            }
            throw new IOException("it calls " + function.name() + " with other arguments than PyTorch does");
        }
        throw new IOException("it calls what is not a function");
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

    /**
     * The operations of pickle's protocol 2 (Python's {@code pickletools}): first those that {@code torch.save} writes, then those that are
     * known by name only, to refuse them.
     */
    private enum Opcode {
        PROTO(0x80),
        STOP('.'),
        MARK('('),
        NONE('N'),
        NEWTRUE(0x88),
        NEWFALSE(0x89),
        BININT('J'),
        BININT1('K'),
        BININT2('M'),
        LONG1(0x8a),
        BINFLOAT('G'),
        BINUNICODE('X'),
        EMPTY_TUPLE(')'),
        TUPLE1(0x85),
        TUPLE2(0x86),
        TUPLE3(0x87),
        TUPLE('t'),
        EMPTY_LIST(']'),
        APPEND('a'),
        APPENDS('e'),
        EMPTY_DICT('}'),
        SETITEM('s'),
        SETITEMS('u'),
        BINPUT('q'),
        LONG_BINPUT('r'),
        BINGET('h'),
        LONG_BINGET('j'),
        GLOBAL('c'),
        REDUCE('R'),
        BUILD('b'),
        BINPERSID('Q'),

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

        Opcode(int code) {
            this.code = code;
        }

        /** {@return the operation of a code}; null if it is not one of these */
        static Opcode of(int code) {
            return BY_CODE.get(code);
        }
    }
}
