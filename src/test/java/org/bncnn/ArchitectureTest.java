package org.bncnn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies point one way, as ARCHITECTURE.md draws them. */
@AnalyzeClasses(packages = "org.bncnn", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule LAYERS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy("org.bncnn.cli")
            .layer("report")
            .definedBy("org.bncnn.report")
            .layer("explain")
            .definedBy("org.bncnn.explain")
            .layer("experiment")
            .definedBy("org.bncnn.experiment")
            .layer("compare")
            .definedBy("org.bncnn.compare")
            .layer("bench")
            .definedBy("org.bncnn.bench")
            .layer("train")
            .definedBy("org.bncnn.train")
            .layer("export")
            .definedBy("org.bncnn.export..")
            .layer("predict")
            .definedBy("org.bncnn.predict")
            .layer("eval")
            .definedBy("org.bncnn.eval")
            .layer("store")
            .definedBy("org.bncnn.store")
            .layer("weights")
            .definedBy("org.bncnn.weights")
            .layer("model")
            .definedBy("org.bncnn.model")
            .layer("engine")
            .definedBy("org.bncnn.engine")
            .layer("norm")
            .definedBy("org.bncnn.norm")
            .layer("data")
            .definedBy("org.bncnn.data")
            .layer("backend")
            .definedBy("org.bncnn.backend")
            .layer("text")
            .definedBy("org.bncnn.text")
            .layer("array")
            .definedBy("org.bncnn.array")
            .whereLayer("array")
            .mayNotAccessAnyLayer()
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("report")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("explain")
            .mayOnlyBeAccessedByLayers("cli", "report")
            .whereLayer("experiment")
            .mayOnlyBeAccessedByLayers("cli", "report")
            .whereLayer("compare")
            .mayOnlyBeAccessedByLayers("cli", "report")
            .whereLayer("bench")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("train")
            .mayOnlyBeAccessedByLayers("cli", "report", "compare", "experiment", "bench")
            .whereLayer("export")
            .mayOnlyBeAccessedByLayers("cli", "train")
            .whereLayer("predict")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("eval")
            .mayOnlyBeAccessedByLayers("cli", "report", "compare", "experiment", "train", "predict")
            .whereLayer("store")
            .mayOnlyBeAccessedByLayers("cli", "report", "bench", "train", "export", "predict", "weights")
            .whereLayer("weights")
            .mayOnlyBeAccessedByLayers("cli", "export")
            .whereLayer("model")
            .mayOnlyBeAccessedByLayers("cli", "report", "compare", "experiment", "bench", "train", "export")
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("cli", "compare", "experiment", "bench", "train", "export", "predict")
            .whereLayer("norm")
            .mayOnlyBeAccessedByLayers("cli", "compare", "engine", "explain", "model", "export", "eval", "store")
            .whereLayer("data")
            .mayOnlyBeAccessedByLayers("cli", "report", "compare", "experiment", "bench", "train", "export", "predict")
            .whereLayer("text")
            .mayOnlyBeAccessedByLayers(
                    "cli", "data", "report", "explain", "compare", "experiment", "bench", "eval", "store", "weights")
            .whereLayer("backend")
            .mayOnlyBeAccessedByLayers("cli", "compare", "experiment", "bench", "train");

    @ArchTest
    static final ArchRule EVERY_CLASS_IS_IN_A_LAYER = classes()
            .should()
            .resideInAnyPackage(
                    "org.bncnn.cli",
                    "org.bncnn.report",
                    "org.bncnn.explain",
                    "org.bncnn.experiment",
                    "org.bncnn.compare",
                    "org.bncnn.bench",
                    "org.bncnn.train",
                    "org.bncnn.export..",
                    "org.bncnn.predict",
                    "org.bncnn.eval",
                    "org.bncnn.store",
                    "org.bncnn.weights",
                    "org.bncnn.model",
                    "org.bncnn.engine",
                    "org.bncnn.norm",
                    "org.bncnn.data",
                    "org.bncnn.backend",
                    "org.bncnn.text",
                    "org.bncnn.array");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_NEEDS_ITS_LIBRARIES = noClasses()
            .that()
            .resideOutsideOfPackage("org.bncnn.cli")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "me.tongfei..", "org.jline..", "ch.qos.logback..");

    @ArchTest
    static final ArchRule ONLY_THE_REPORT_NEEDS_ITS_LIBRARY = noClasses()
            .that()
            .resideOutsideOfPackage("org.bncnn.report")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.samskivert..");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_PRINTS_OR_EXITS = noClasses()
            .that()
            .resideOutsideOfPackage("org.bncnn.cli")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "exit", int.class);
}
