package org.bncnn.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchesTest {
    @Test
    void allImagesAreInBatchesAndNoneIsAloneUnlessItIsTheOnlyOne() {
        for (int batchSize = 1; batchSize <= 5; batchSize++) {
            for (int images = 1; images <= 23; images++) {
                int batches = 0;
                for (int left = images; left > 0; batches++) {
                    int size = Batches.nextSize(left, batchSize);
                    assertThat(size).isBetween(1, Math.max(batchSize + 1, 1));
                    assertThat(size > 1 || batchSize == 1 || images == 1)
                            .as("%d images in batches of %d", images, batchSize)
                            .isTrue();
                    left -= size;
                }
                assertThat(Batches.count(images, batchSize))
                        .as("%d images in batches of %d", images, batchSize)
                        .isEqualTo(batches);
            }
        }
    }
}
