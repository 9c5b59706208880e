package org.bncnn.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class NativeBuildTest {
    @Test
    void theOneDnnBuildIsTakenWhereTheCpuHasAvx2() {
        assertThat(NativeBuild.extensionFor(OptionalInt.of(3))).isEqualTo(NativeBuild.ONEDNN_AVX2);
        assertThat(NativeBuild.extensionFor(OptionalInt.of(2))).isEqualTo(NativeBuild.ONEDNN_AVX2);
    }

    @Test
    void thePlainBuildIsTakenElsewhere() {
        assertThat(NativeBuild.extensionFor(OptionalInt.of(1))).isEqualTo(NativeBuild.PLAIN);
        assertThat(NativeBuild.extensionFor(OptionalInt.empty())).isEqualTo(NativeBuild.PLAIN);
    }
}
