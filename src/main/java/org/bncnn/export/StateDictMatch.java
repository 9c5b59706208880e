package org.bncnn.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bncnn.text.Printable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The tensors of a file under the names that a network has for them.
 *
 * @param tensors the network's, and those left over
 * @param notes the changes to the file's names and values, a line each
 */
record StateDictMatch(Map<String, INDArray> tensors, List<String> notes) {
    /** A tensor of a layer in an {@code nn.Sequential}. */
    private static final Pattern NUMBERED = Pattern.compile("(?:.*\\.)?[0-9]{1,9}\\.[^.]*");

    private static final int LONGEST_PREFIX = 10;

    private static final String BY_POSITION = "layers matched by position: ";
    private static final int MOST_NAMED = 3;

    /**
     * @throws IllegalArgumentException if layers can only be matched by position, and their number is not the network's
     */
    static StateDictMatch of(StateDictLayout layout, Map<String, INDArray> file) {
        StateDictMatch match = new StateDictMatch(new LinkedHashMap<>(), new ArrayList<>());
        String prefix = prefix(layout.names(), file.keySet());
        if (prefix != null) {
            file.forEach((name, tensor) -> match.tensors.put(name.substring(prefix.length()), tensor));
            if (!prefix.isEmpty()) {
                match.notes.add("prefix " + prefix + " removed from all names");
            }
        } else if (file.keySet().stream()
                .allMatch(name -> NUMBERED.matcher(name).matches())) {
            match.addByPosition(layout.layers(), file);
        } else {
            match.tensors.putAll(file);
        }
        match.foldBiases(layout.foldable());
        match.addZeroBiases(layout);
        return match;
    }

    /** {@return the shortest prefix of all names without which one of them is the network's}; null if there is none */
    private static String prefix(Set<String> known, Set<String> names) {
        String first = names.isEmpty() ? "" : names.iterator().next();
        int end = 0;
        for (int parts = 0; parts <= LONGEST_PREFIX && (parts == 0 || end > 0); parts++) {
            String prefix = first.substring(0, end);
            if (names.stream().allMatch(name -> name.startsWith(prefix))
                    && names.stream().anyMatch(name -> known.contains(name.substring(prefix.length())))) {
                return prefix;
            }
            end = first.indexOf('.', end) + 1;
        }
        return null;
    }

    /** {@return the layer that a tensor belongs to}, its name up to the last dot */
    private static String layer(String tensor) {
        return tensor.substring(0, Math.max(0, tensor.lastIndexOf('.')));
    }

    /**
     * Layers of one {@code nn.Sequential} are in the order of their numbers, because safetensors has 10 before 2;
     * several {@code nn.Sequential}s in the order of the file.
     */
    private void addByPosition(List<String> layers, Map<String, INDArray> file) {
        Map<String, List<String>> sequentials = file.keySet().stream()
                .map(StateDictMatch::layer)
                .distinct()
                .collect(Collectors.groupingBy(StateDictMatch::layer, LinkedHashMap::new, Collectors.toList()));
        List<String> numbered = sequentials.values().stream()
                .flatMap(each -> each.stream().sorted(Comparator.comparingInt(StateDictMatch::number)))
                .toList();
        if (numbered.size() != layers.size()) {
            throw new IllegalArgumentException("its " + numbered.size() + " layers, " + some(numbered)
                    + ", cannot be matched by position with the network's " + layers.size() + ", " + some(layers));
        }
        Map<String, String> layerOf = new LinkedHashMap<>();
        for (int i = 0; i < layers.size(); i++) {
            layerOf.put(numbered.get(i), layers.get(i));
        }
        file.forEach((name, tensor) -> tensors.put(
                layerOf.get(layer(name)) + name.substring(layer(name).length()), tensor));
        notes.add(BY_POSITION
                + layerOf.entrySet().stream()
                        .map(each -> each.getKey() + " is " + each.getValue())
                        .collect(Collectors.joining(", ")));
    }

    private static int number(String layer) {
        return Integer.parseInt(layer.substring(layer.lastIndexOf('.') + 1));
    }

    /** y = γ·(x + b − μ)/σ + β is y of x without b, if μ − b replaces μ. */
    private void foldBiases(Map<String, String> foldable) {
        List<String> folded = new ArrayList<>();
        foldable.forEach((biasName, meanName) -> {
            INDArray bias = tensors.get(biasName);
            INDArray mean = tensors.get(meanName);
            if (bias == null || mean == null) {
                return;
            }
            if (!Arrays.equals(bias.shape(), mean.shape())
                    || !bias.dataType().isFPType()
                    || !mean.dataType().isFPType()) {
                throw new IllegalArgumentException(biasName + " cannot be subtracted from " + meanName
                        + ": they have the shapes " + Arrays.toString(bias.shape()) + " and "
                        + Arrays.toString(mean.shape()) + " and are of " + bias.dataType() + " and " + mean.dataType());
            }
            tensors.put(meanName, mean.castTo(DataType.DOUBLE).sub(bias.castTo(DataType.DOUBLE)));
            tensors.remove(biasName);
            folded.add(biasName);
        });
        if (!folded.isEmpty()) {
            notes.add("biases subtracted from the running means of the batch normalization behind them,"
                    + " with equal outputs: "
                    + String.join(", ", folded));
        }
    }

    /**
     * With {@code bias=False} in PyTorch, a bias of 0 is exact. A batch normalization has weight and bias or neither.
     */
    private void addZeroBiases(StateDictLayout layout) {
        List<String> zeros = new ArrayList<>();
        for (StateDictEntry entry : layout.entries()) {
            String layer = layer(entry.name());
            INDArray weight = tensors.get(layer + StateDictLayout.WEIGHT);
            if (entry.name().equals(layer + StateDictLayout.BIAS)
                    && !layout.names().contains(layer + StateDictLayout.RUNNING_MEAN)
                    && !tensors.containsKey(entry.name())
                    && weight != null) {
                tensors.put(
                        entry.name(),
                        Nd4j.zeros(weight.dataType(), entry.parameter().length()));
                zeros.add(entry.name());
            }
        }
        if (!zeros.isEmpty()) {
            notes.add("biases of 0, because the file has none (bias=False), with equal outputs: "
                    + String.join(", ", zeros));
        }
    }

    /** {@return the layers that were matched by position}, for complaints about one of them; null if none were */
    String byPosition() {
        return notes.stream()
                .filter(note -> note.startsWith(BY_POSITION))
                .findFirst()
                .orElse(null);
    }

    /**
     * Checks that the tensors are all that the network has, and notes what is left out.
     *
     * @param strict whether tensors of layers that the network does not have are refused; otherwise they are left out
     * @throws IllegalArgumentException if a parameter has no tensor, or a tensor no place
     */
    void requireAll(StateDictLayout layout, boolean strict) {
        Set<String> extra = new TreeSet<>(tensors.keySet());
        extra.removeAll(layout.names());
        for (StateDictEntry entry : layout.entries()) {
            if (!tensors.containsKey(entry.name())) {
                throw new IllegalArgumentException(missing(entry.name(), extra));
            }
        }
        Set<String> refused = new TreeSet<>(extra);
        refused.removeIf(name -> !layout.layers().contains(layer(name)));
        if (refused.isEmpty() && strict) {
            refused = extra;
        }
        if (!refused.isEmpty()) {
            throw new IllegalArgumentException("the network has no place for " + some(refused));
        }
        if (!extra.isEmpty()) {
            notes.add("left out, because the network has no such layers: " + some(extra));
        }
    }

    private String missing(String name, Set<String> extra) {
        String layer = layer(name);
        INDArray scale = tensors.get(layer + StateDictLayout.WEIGHT);
        boolean averaged = tensors.containsKey(layer + StateDictLayout.RUNNING_MEAN);
        if (!averaged && scale != null && scale.rank() == 1 && name.equals(layer + StateDictLayout.RUNNING_MEAN)) {
            return layer
                    + " has no running_mean and running_var: it was saved with track_running_stats=False, and without"
                    + " them the network cannot normalize one image; train it with track_running_stats=True";
        }
        if (averaged && scale == null && !tensors.containsKey(layer + StateDictLayout.BIAS)) {
            return layer
                    + " has no weight and bias: it was saved with affine=False, which is a network whose γ and β are"
                    + " locked";
        }
        return name + " is missing" + (extra.isEmpty() ? "" : "; left over: " + some(extra));
    }

    private static String some(Collection<String> names) {
        return Printable.shortened(names, MOST_NAMED, name -> name);
    }
}
