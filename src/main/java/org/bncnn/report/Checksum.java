package org.bncnn.report;

import java.util.List;
import org.bncnn.train.Provenance;

/** A file of a dataset and its content's SHA-256, as {@code provenance.mustache} shows them. */
record Checksum(String file, String sha256) {
    static List<Checksum> of(Provenance provenance) {
        return provenance.datasetSha256().entrySet().stream()
                .map(each -> new Checksum(each.getKey(), each.getValue()))
                .toList();
    }
}
