package org.bncnn.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The classes of an IDX dataset: the values of its training labels, in their order. They need not begin at 0, and may
 * have gaps.
 *
 * @param values the label of each class
 * @param names of the classes
 */
record IdxClasses(List<Integer> values, List<String> names) {
    private static final Pattern MAPPING_LINE = Pattern.compile("\\s*(\\d{1,3})((?:\\s+\\d{1,7})+)\\s*");
    private static final int LONGEST_MAPPING = 1 << 16;

    /**
     * {@return the classes of a dataset}
     *
     * @param labels of the training images
     * @param mapping EMNIST's file of names: a line for each label, with the code points of its characters. Without the
     *     file, a class has its label for a name
     * @throws DatasetException if there is one class only, or the mapping is malformed
     */
    static IdxClasses of(IdxFile labels, Path mapping) throws DatasetException {
        List<Integer> values = values(labels);
        if (values.size() < 2) {
            throw new DatasetException(
                    labels.name() + ": every label is " + values.get(0) + "; at least two classes are needed");
        }
        Map<Integer, String> names = Files.exists(mapping) ? names(mapping) : Map.of();
        return new IdxClasses(
                values,
                values.stream()
                        .map(value -> names.getOrDefault(value, value.toString()))
                        .toList());
    }

    /**
     * {@return labels as the numbers of their classes, from 0}
     *
     * @throws DatasetException if a label has no class
     */
    IdxFile numbered(IdxFile labels) throws DatasetException {
        List<Integer> unknown = new ArrayList<>(values(labels));
        unknown.removeAll(values);
        if (!unknown.isEmpty()) {
            throw new DatasetException(labels.name() + ": has labels that no training image has ("
                    + DatasetException.shortened(unknown) + "); put files of one dataset together");
        }
        byte[] numbers = new byte[256];
        IntStream.range(0, values.size()).forEach(number -> numbers[values.get(number)] = (byte) number);
        byte[] data = new byte[labels.data().length];
        for (int i = 0; i < data.length; i++) {
            data[i] = numbers[labels.data()[i] & 0xff];
        }
        return new IdxFile(labels.name(), labels.shape(), data, labels.sha256());
    }

    /** {@return whether the labels are the numbers of the classes already} */
    boolean areNumbers() {
        return values.get(values.size() - 1) == values.size() - 1;
    }

    private static List<Integer> values(IdxFile labels) {
        boolean[] present = new boolean[256];
        for (byte label : labels.data()) {
            present[label & 0xff] = true;
        }
        return IntStream.range(0, present.length)
                .filter(value -> present[value])
                .boxed()
                .toList();
    }

    private static Map<Integer, String> names(Path mapping) throws DatasetException {
        Map<Integer, String> names = new TreeMap<>();
        try {
            if (!Files.isRegularFile(mapping) || Files.size(mapping) > LONGEST_MAPPING) {
                throw new IOException("not a short file");
            }
            for (String line : Files.readAllLines(mapping, StandardCharsets.US_ASCII)) {
                Matcher entry = MAPPING_LINE.matcher(line);
                if (!entry.matches()) {
                    throw new IOException(line);
                }
                names.put(Integer.valueOf(entry.group(1)), characters(entry.group(2)));
            }
            return names;
        } catch (IOException | IllegalArgumentException e) {
            throw new DatasetException(
                    mapping + ": is not a line for each label with the codes of its characters, such as \"1 65 97\";"
                            + " fetch it again or delete it",
                    e);
        }
    }

    /** {@return characters; two, such as {@code A/a}, where EMNIST does not tell capitals from small letters} */
    private static String characters(String codePoints) {
        return Arrays.stream(codePoints.strip().split("\\s+"))
                .map(codePoint -> Character.toString(Integer.parseInt(codePoint)))
                .collect(Collectors.joining("/"));
    }
}
