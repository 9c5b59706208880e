package org.bncnn.bench.layer;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.util.Locale;
import org.bncnn.store.BuildInfo;
import org.bncnn.train.Provenance;

/** The machine and the versions a run was made with. */
final class Setting {
    private Setting() {}

    static String describe() throws IOException {
        BuildInfo build = BuildInfo.load();
        return String.format(
                Locale.ROOT,
                """
                CPU      %s, %d cores
                OS       %s %s %s
                JDK      %s (%s)
                threads  %s
                DL4J     %s
                PyTorch  %s, through DJL %s
                commit   %s
                """,
                Provenance.cpuModel(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch"),
                System.getProperty("java.version"),
                System.getProperty("java.vendor"),
                System.getenv("OMP_NUM_THREADS"),
                build.dl4j(),
                Engine.getInstance().getVersion(),
                Engine.getDjlVersion(),
                build.commit());
    }
}
