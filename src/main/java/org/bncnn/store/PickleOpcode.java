package org.bncnn.store;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The operations of pickle's protocol 2 (Python's {@code pickletools}): first those that {@code torch.save} writes, then those that are
 * known by name only, to refuse them.
 */
enum PickleOpcode {
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

    private static final Map<Integer, PickleOpcode> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toMap(each -> each.code, Function.identity()));

    private final int code;

    PickleOpcode(int code) {
        this.code = code;
    }

    /** {@return the operation of a code}; null if it is not one of these */
    static PickleOpcode of(int code) {
        return BY_CODE.get(code);
    }
}
