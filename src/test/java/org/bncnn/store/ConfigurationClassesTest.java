package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;
import org.nd4j.shade.jackson.databind.annotation.JsonDeserialize;

/** The list of classes is that of M2.1's jars, and nothing in it does more than hold numbers. */
class ConfigurationClassesTest {
    private static final String JAR = "(deeplearning4j-.*|nd4j-api)-1\\.0\\.0-M2\\.1\\.jar";

    /** They run whatever graph of TensorFlow they hold, or are no configuration but a part of a running layer. */
    private static final Set<String> LEFT_OUT = Set.of(
            "org.deeplearning4j.nn.modelimport.keras.layers.TFOpLayer",
            "org.deeplearning4j.nn.layers.ocnn.OCNNOutputLayer$OCNNLossFunction");

    private final Set<String> harmful = new TreeSet<>();
    private final Set<Class<?>> seen = new HashSet<>();
    private final Set<String> found = new TreeSet<>();

    @Test
    void theListIsComplete() {
        visit(MultiLayerConfiguration.class, "");
        assertThat(found)
                .as("the whole list: " + found.stream().map(this::line).collect(Collectors.joining("\n", "\n", "\n")))
                .isEqualTo(new TreeSet<>(ConfigurationClasses.ofDl4j()));
    }

    @Test
    void itsClassesHoldNumbersTextsAndOneAnother() {
        visit(MultiLayerConfiguration.class, "");
        assertThat(harmful).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"@class\":\"%s\"}",
                "[\"%s\",{}]",
                "{\"type\":\"%s\"}",
                "{\"a\":\" %s \"}",
                "{\"a\":\"java.util.List<%s>\"}",
                "{\"a\":\"X<Y, %s >\"}",
                "{\"a\":\"[L%s;\"}"
            })
    void aClassWithoutAPackage(String json) {
        for (String name : new String[] {"TrapInDefaultPackage", "TrapInDefaultPackage$Nested"}) {
            assertThatThrownBy(() -> check(json.formatted(name))).hasMessageContaining(name);
            assertThat(System.getProperty("TrapInDefaultPackage")).isNull();
        }
    }

    @Test
    void aClassWithLettersBeyondAscii() {
        assertThatThrownBy(() -> check("{\"a\":\"x " + Fälle.class.getName() + "\"}"))
                .hasMessageContaining(Fälle.class.getName());
    }

    @Test
    void aClassThatIsNotThere() {
        assertThatThrownBy(() -> check("{\"@class\":\"org.example.OwnLayer\"}"))
                .hasMessage("it names the class org.example.OwnLayer, which is not on the class path");
    }

    @Test
    void aClassOfAJarThatIsNotThere() throws Exception {
        String name = "org.deeplearning4j.nn.modelimport.keras.preprocessors.TensorFlowCnnToFeedForwardPreProcessor";
        String json = "{\"@class\":\"" + name + "\"}";
        assertThatCode(() -> check(json)).doesNotThrowAnyException();
        assertThat(withoutJar("deeplearning4j-modelimport", json))
                .isEqualTo("it names the class " + name
                        + ", which is not on the class path; add the jar deeplearning4j-modelimport");
    }

    /** {@return what a program that lacks a jar says of a configuration} */
    private static String withoutJar(String jar, String json) throws Exception {
        URL[] urls = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> !path.contains(jar))
                .map(path -> url(Path.of(path)))
                .toArray(URL[]::new);
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader without = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(without);
            Object tree =
                    method(without, "UntrustedJson", "parse", String.class).invoke(null, json);
            Object classes = declared(without.loadClass("org.bncnn.store.ConfigurationClasses"))
                    .newInstance(Set.of());
            method(without, "ConfigurationClasses", "check", without.loadClass(JsonNode.class.getName()))
                    .invoke(classes, tree);
            return "nothing";
        } catch (InvocationTargetException e) {
            return e.getCause().getMessage();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Constructor<?> declared(Class<?> type) throws NoSuchMethodException {
        Constructor<?> constructor = type.getDeclaredConstructor(Set.class);
        constructor.setAccessible(true);
        return constructor;
    }

    private static Method method(ClassLoader loader, String type, String name, Class<?> argument)
            throws ReflectiveOperationException {
        Method method = loader.loadClass("org.bncnn.store." + type).getDeclaredMethod(name, argument);
        method.setAccessible(true);
        return method;
    }

    private static void check(String json) throws IOException {
        new ConfigurationClasses(Set.of()).check(UntrustedJson.parse(json));
    }

    private static final class Fälle {}

    private String line(String name) {
        return jars().filter(jar -> holds(jar, name))
                        .map(jar -> jar.getFileName().toString().replace("-1.0.0-M2.1.jar", ""))
                        .findFirst()
                        .orElseThrow()
                + " " + name;
    }

    private static boolean holds(Path jar, String name) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getEntry(name.replace('.', '/') + ".class") != null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> jars() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName().toString().matches(JAR));
    }

    /** {@return every class in DL4J's jars} that can be loaded; none of them is initialised */
    private static Stream<Class<?>> classesOfDl4j() {
        return jars().flatMap(ConfigurationClassesTest::names).flatMap(name -> {
            try {
                return Stream.of(Class.forName(name, false, ConfigurationClassesTest.class.getClassLoader()));
            } catch (ClassNotFoundException | LinkageError e) {
                return Stream.empty();
            }
        });
    }

    private static Stream<String> names(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Follows the types of fields, and from a type that Jackson finds by a class's name to all classes that it may
     * find.
     */
    private void visit(Class<?> type, String field) {
        if (!seen.add(type)) {
            return;
        }
        if (type.isArray()) {
            visit(type.getComponentType(), field);
        } else if (isPolymorphic(type)) {
            ALL.stream().filter(type::isAssignableFrom).forEach(this::visitFields);
        } else if (type.getName().startsWith("org.deeplearning4j.") && !type.isInterface() && !type.isEnum()) {
            visitFields(type);
        } else if (!isPlain(type)) {
            harmful.add(field + " is a " + type.getName());
        }
    }

    private static final Set<Class<?>> ALL = classesOfDl4j().collect(Collectors.toUnmodifiableSet());

    private static boolean isPlain(Class<?> type) {
        return type.isPrimitive()
                || type.isEnum()
                || type == String.class
                || type == Boolean.class
                || Number.class.isAssignableFrom(type)
                || type == INDArray.class
                || type == DataFormat.class; // of which there are enums only
    }

    /** By a class's name, not by one that is registered. */
    private static boolean isPolymorphic(Class<?> type) {
        for (Class<?> above = type; above != null; above = above.getSuperclass()) {
            JsonTypeInfo info = above.getAnnotation(JsonTypeInfo.class);
            if (info != null) {
                assertThat(info.include() == JsonTypeInfo.As.PROPERTY || info.use() == JsonTypeInfo.Id.NAME)
                        .as(above + " is found by what Jackson reads as a text or by a registered name")
                        .isTrue();
                return info.use() == JsonTypeInfo.Id.CLASS;
            }
            if (Arrays.stream(above.getInterfaces()).anyMatch(ConfigurationClassesTest::isPolymorphic)) {
                return true;
            }
        }
        return false;
    }

    private void visitFields(Class<?> type) {
        if (LEFT_OUT.contains(type.getName())) {
            return;
        }
        JsonDeserialize own = type.getAnnotation(JsonDeserialize.class);
        boolean isNamed = isPolymorphic(type)
                && !Modifier.isAbstract(type.getModifiers())
                && (own == null || own.using().getPackageName().startsWith("org.nd4j.shade"));
        if (isNamed) {
            found.add(type.getName());
        }
        for (Class<?> above = type; above != null; above = above.getSuperclass()) {
            for (Field field : above.getDeclaredFields()) {
                int modifiers = field.getModifiers();
                if (!Modifier.isStatic(modifiers)
                        && !Modifier.isTransient(modifiers)
                        && !field.isAnnotationPresent(JsonIgnore.class)) {
                    visit(field.getGenericType(), type.getName() + "." + field.getName());
                }
            }
        }
    }

    private void visit(Type type, String field) {
        if (type instanceof Class<?> plain) {
            visit(plain, field);
        } else if (type instanceof GenericArrayType array) {
            visit(array.getGenericComponentType(), field);
        } else if (type instanceof WildcardType wildcard) {
            Arrays.stream(wildcard.getUpperBounds()).forEach(bound -> visit(bound, field));
        } else if (type instanceof ParameterizedType generic
                && generic.getRawType() instanceof Class<?> raw
                && (Map.class.isAssignableFrom(raw) || Collection.class.isAssignableFrom(raw))) {
            Arrays.stream(generic.getActualTypeArguments()).forEach(argument -> visit(argument, field));
        } else {
            harmful.add(field + " is a " + type);
        }
    }
}
