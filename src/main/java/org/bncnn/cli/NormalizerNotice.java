package org.bncnn.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.bncnn.store.ModelFile;

/** Says that a model has no normalizer: if its application has one elsewhere, as is usual in DL4J, its results here are worthless. */
final class NormalizerNotice {
    private NormalizerNotice() {}

    static void print(Path file, ModelFile model, PrintWriter err) {
        if (model.normalizer() == null) {
            err.println("bncnn: " + file + ": has no normalizer; pixels go in as they are, 0 to 255");
        }
    }
}
