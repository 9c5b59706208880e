package org.bncnn.export.onnx;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bncnn.norm.BatchNormFolding;

/** Whole networks of whatever layers, sizes, modes and parameters. */
class OnnxNetworkProperties {
    @Property(tries = 200, seed = "1")
    void givesWhatDl4jGives(
            @ForAll @IntRange(max = 1_000_000) int seed, @ForAll @IntRange(min = 2, max = 5) int examples)
            throws Exception {
        RandomNetwork random = new RandomNetwork(seed);
        OnnxParity.hold(random.network(), random.input(examples), new OnnxOptions(false, random.inputShape()));
    }

    @Property(tries = 50, seed = "1")
    void andSoDoesItFolded(@ForAll @IntRange(max = 1_000_000) int seed) throws Exception {
        RandomNetwork random = new RandomNetwork(seed);
        OnnxParity.hold(
                BatchNormFolding.fold(random.network()), random.input(2), new OnnxOptions(false, random.inputShape()));
    }
}
