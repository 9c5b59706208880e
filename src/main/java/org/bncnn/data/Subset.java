package org.bncnn.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** The sets that a folder of images may be divided into, known by the names people give their folders, whatever the capitals. */
enum Subset {
    TRAIN("train(ing)?"),
    VALIDATION("val(id(ation)?)?"),
    TEST("test(ing)?");

    private final Pattern names;

    Subset(String names) {
        this.names = Pattern.compile("(?i)" + names + "([-_ ]?set)?");
    }

    /** {@return the set that a folder is named after}; empty if it is named otherwise */
    static Optional<Subset> of(Path folder) {
        String name = FolderListing.nameOf(folder);
        return Arrays.stream(values())
                .filter(set -> set.names.matcher(name).matches())
                .findFirst();
    }
}
