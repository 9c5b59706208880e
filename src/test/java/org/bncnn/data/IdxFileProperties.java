package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;

/** Whatever happens to an IDX file, it is read as what it says, or refused as a dataset that cannot be read. */
class IdxFileProperties {
    private static final byte[] PLAIN = IdxBytes.images(5, 6, 7);
    private static final byte[] GZIPPED = IdxBytes.gzip(PLAIN);

    @Provide
    Arbitrary<byte[]> files() {
        return Arbitraries.of(PLAIN, GZIPPED);
    }

    @Property
    void aChangedByteIsNoticedOrHarmless(
            @ForAll("files") byte[] file, @ForAll int position, @ForAll @ByteRange(min = 1, max = 127) byte change) {
        byte[] changed = file.clone();
        changed[Math.floorMod(position, file.length)] ^= change;
        isRead(changed);
    }

    @Property
    void aCutFileIsRefused(@ForAll("files") byte[] file, @ForAll @IntRange(max = 100_000) int length) {
        assertThat(isRead(Arrays.copyOf(file, length % file.length))).isFalse();
    }

    @Property
    void anyBytesAreReadWholeOrRefused(@ForAll byte[] bytes) {
        isRead(bytes);
    }

    @Property
    void anyHeaderIsReadWholeOrRefused(@ForAll int n, @ForAll int height, @ForAll int width, @ForAll byte[] data) {
        isRead(IdxBytes.file(0x803, new int[] {n, height, width}, data));
        isRead(IdxBytes.gzip(IdxBytes.file(0x803, new int[] {n, height, width}, data)));
    }

    private static void isReadWholeOrRefused(byte[] bytes) {
        isRead(bytes);
    }

    private static boolean isRead(byte[] bytes) {
        try {
            IdxFile file = IdxFile.parse("mutant", bytes, 3);
            assertThat(file.shape()).hasSize(3);
            assertThat((long) file.shape()[0] * file.shape()[1] * file.shape()[2])
                    .isEqualTo(file.data().length);
            return true;
        } catch (DatasetException e) {
            assertThat(e).hasMessageStartingWith("mutant: ");
            return false;
        }
    }
}
