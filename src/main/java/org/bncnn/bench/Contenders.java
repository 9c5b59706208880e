package org.bncnn.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The contenders that are on the class path. */
public final class Contenders {
    /** What the others are compared with, beside Deeplearning4j itself. */
    static final String PYTORCH = "pytorch";

    /** Come with Maven's profile {@code bench} only. */
    private static final List<String> PEERS = List.of(PYTORCH, "onnxruntime");

    private Contenders() {}

    /** {@return all of them: Deeplearning4j's ways, then others} */
    public static List<Contender> all() {
        List<Contender> all = new ArrayList<>(Dl4jContender.all());
        ServiceLoader.load(Contender.class).forEach(all::add);
        return all;
    }

    /** {@return the ids of the peers that are missing, because the program was not started in a way that brings them} */
    public static List<String> missing() {
        List<String> found = all().stream().map(Contender::id).toList();
        return PEERS.stream().filter(peer -> !found.contains(peer)).toList();
    }
}
