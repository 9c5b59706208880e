package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bncnn.text.Printable;
import org.nd4j.shade.guava.io.Resources;

/**
 * The classes that a configuration may name: this program's own, and those of Deeplearning4j 1.0.0-M2.1 that hold
 * numbers, texts and objects of such classes.
 *
 * <p>Any text that names a class is checked, wherever it stands and whatever its package: Jackson takes a class from
 * {@code @class}, {@code type} or the first element of an array, and takes {@code Outer<Inner>} apart. Names of fields
 * are checked if they have a dot, although no class of DL4J takes one from there.
 */
final class ConfigurationClasses {
    /** This program's own; by name, because this package depends on none of ours. */
    private static final Set<String> OWN = Set.of("org.bncnn.norm.BatchNorm", "org.bncnn.model.HeavyBall");

    /** The jars of Deeplearning4j's classes, by class. */
    private static final Map<String, String> JARS = readList();

    static final String CLASS = "@class";

    /** Between the names in {@code Outer<Inner,Inner>}. */
    private static final Pattern TYPE_ARGUMENTS = Pattern.compile("[<,>]");

    /** Between the names in any other text, such as {@code [Lpackage.Name;}. */
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^\\p{L}\\p{N}_$.]+");

    private static final int MOST_NAMES = 20_000;
    private static final int LONGEST_TEXT = 1000;

    private final Set<String> alsoAllowed;

    /** @param alsoAllowed names of classes that the configuration may name besides DL4J's and ours */
    ConfigurationClasses(Set<String> alsoAllowed) {
        this.alsoAllowed = alsoAllowed;
    }

    private static Map<String, String> readList() {
        try {
            URL list = Resources.getResource(ConfigurationClasses.class, "configuration-classes.txt");
            return Resources.readLines(list, StandardCharsets.UTF_8).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .collect(Collectors.toUnmodifiableMap(words -> words[1], words -> words[0]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return Deeplearning4j's classes in the list} */
    static Set<String> ofDl4j() {
        return JARS.keySet();
    }

    /** {@return this program's classes that are in a JSON text} */
    static List<String> ownIn(String json) {
        return OWN.stream()
                .filter(name -> json.contains('"' + name + '"'))
                .sorted()
                .toList();
    }

    /** {@return whether Deeplearning4j or this program ships a class} */
    static boolean isKnown(String name) {
        return JARS.containsKey(name) || OWN.contains(name);
    }

    /** @throws IOException if a configuration names a class that it may not name or that is not there */
    void check(JsonNode root) throws IOException {
        Set<String> names = new TreeSet<>();
        addNames(root, names);
        for (String name : names) {
            if (name.length() > LONGEST_TEXT) {
                throw new IOException("it has a text of more than " + LONGEST_TEXT + " characters");
            }
            if (!isKnown(name) && !alsoAllowed.contains(name) && isClass(name)) {
                throw new IOException("it names the class " + Printable.excerpt(name)
                        + ", which is no part of DL4J's configurations; if it is"
                        + " your own layer's, load the model by program and allow it");
            }
        }
    }

    private static void addNames(JsonNode node, Set<String> names) throws IOException {
        node.fieldNames().forEachRemaining(field -> addDotted(field, names));
        if (node.isTextual()) {
            addNames(node.textValue(), names);
        }
        if (node.has(CLASS)) {
            checkIsThere(node.get(CLASS));
        }
        if (names.size() > MOST_NAMES) {
            throw new IOException("it has more than " + MOST_NAMES + " different texts");
        }
        for (JsonNode child : node) {
            addNames(child, names);
        }
    }

    /** Adds each class name that a text may stand for: the whole, the parts that Jackson sees, and all with a dot. */
    private static void addNames(String text, Set<String> names) {
        names.add(text);
        names.add(text.trim());
        if (TYPE_ARGUMENTS.matcher(text).find()) {
            TYPE_ARGUMENTS.splitAsStream(text).map(String::trim).forEach(names::add);
        }
        addDotted(text, names);
    }

    private static void addDotted(String text, Set<String> names) {
        if (text.contains(".")) {
            NOT_IN_NAMES.splitAsStream(text).filter(name -> name.contains(".")).forEach(names::add);
        }
    }

    private static void checkIsThere(JsonNode name) throws IOException {
        if (!name.isTextual()) {
            throw new IOException(
                    "it has a class that is " + Printable.excerpt(name.toString()) + " instead of a name");
        }
        if (!isClass(name.textValue())) {
            String jar = JARS.get(name.textValue());
            throw new IOException("it names the class " + Printable.excerpt(name.textValue())
                    + ", which is not on the class path" + (jar == null ? "" : "; add the jar " + jar));
        }
    }

    /** Jackson asks the thread's class loader first. */
    private static boolean isClass(String name) {
        ClassLoader own = ConfigurationClasses.class.getClassLoader();
        ClassLoader first = Thread.currentThread().getContextClassLoader();
        return isClass(name, own) || first != own && isClass(name, first);
    }

    private static boolean isClass(String name, ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
