package org.bncnn.report;

import java.util.List;
import java.util.Locale;
import org.bncnn.train.EpochResult;

/** An {@link EpochResult} as a table shows it; loss and accuracy are empty where they were not measured. */
record EpochRow(int epoch, String trainLoss, String loss, String accuracy, String seconds, String imagesPerSecond) {
    static List<EpochRow> of(List<EpochResult> epochs) {
        return epochs.stream()
                .map(epoch -> new EpochRow(
                        epoch.epoch(),
                        number("%.4f", epoch.trainLoss()),
                        epoch.measured() == null
                                ? ""
                                : number("%.4f", epoch.measured().loss()),
                        epoch.measured() == null
                                ? ""
                                : number("%.2f %%", 100 * epoch.measured().accuracy()),
                        number("%.1f", epoch.seconds()),
                        number("%,.0f", epoch.imagesPerSecond())))
                .toList();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
