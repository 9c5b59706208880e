package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bncnn.data.ClassFolders.Labelled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which file is of which class and in which set. Nothing is decoded, so the files are empty. */
class FolderDatasetTest {
    @TempDir
    private Path folder;

    private final Notes notes = new Notes();

    @AfterEach
    void stopListening() {
        notes.close();
    }

    @Test
    void everySixthImageOfAClassIsHeldOut() throws IOException {
        for (int i = 0; i < 12; i++) {
            write("bag/" + (char) ('a' + i) + ".png");
            write("shoe/" + (char) ('a' + i) + ".png");
        }
        FolderDataset files = FolderDataset.in(folder);
        assertThat(files.classNames()).containsExactly("bag", "shoe");
        assertThat(files.train()).hasSize(20);
        assertThat(files.validation()).isEmpty();
        assertThat(files.test())
                .containsExactly(
                        image("bag/f.png", 0), image("bag/l.png", 0), image("shoe/f.png", 1), image("shoe/l.png", 1));
        assertThat(notes.lines()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "train, test",
        "Train, Test",
        "TRAIN, TEST",
        "training, testing",
        "Training, Test",
        "training_set, test_set",
        "trainset, testset"
    })
    void foldersOfSetsAreKnownByTheirNames(String train, String test) throws IOException {
        write(
                train + "/bag/a.png",
                train + "/shoe/a.png",
                train + "/shoe/b.png",
                test + "/bag/a.png",
                test + "/shoe/c.png");
        FolderDataset files = FolderDataset.in(folder);
        assertThat(files.classNames()).containsExactly("bag", "shoe");
        assertThat(files.train())
                .containsExactly(
                        image(train + "/bag/a.png", 0),
                        image(train + "/shoe/a.png", 1),
                        image(train + "/shoe/b.png", 1));
        assertThat(files.test()).containsExactly(image(test + "/bag/a.png", 0), image(test + "/shoe/c.png", 1));
        assertThat(files.validation()).isEmpty();
        assertThat(notes.lines()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"val", "Val", "valid", "validation", "VALIDATION"})
    void validationImagesAreASetBesideTheTestImages(String name) throws IOException {
        writeSets("train", name, "test");
        FolderDataset files = FolderDataset.in(folder);
        assertThat(files.validation()).containsExactly(image(name + "/bag/a.png", 0), image(name + "/shoe/a.png", 1));
        assertThat(files.test()).containsExactly(image("test/bag/a.png", 0), image("test/shoe/a.png", 1));
    }

    @Test
    void withoutTestImagesTheValidationImagesAreThese() throws IOException {
        writeSets("train", "val");
        FolderDataset files = FolderDataset.in(folder);
        assertThat(files.test()).containsExactly(image("val/bag/a.png", 0), image("val/shoe/a.png", 1));
        assertThat(files.validation()).isEmpty();
        assertThat(notes.lines())
                .containsExactly(folder.resolve("val") + ": is used as the test set, because there is no folder test");
    }

    @Test
    void aSetMayLieWithinAFolderOfItsOwn() throws IOException {
        writeSets("training_set/training_set", "test_set/test_set");
        assertThat(FolderDataset.in(folder).train()).hasSize(2);
    }

    @Test
    void aClassMayBeCalledAsASetIs() throws IOException {
        for (int i = 0; i < 6; i++) {
            write("bus/" + i + ".png", "train/" + i + ".png");
        }
        assertThat(FolderDataset.in(folder).classNames()).containsExactly("bus", "train");
    }

    @Test
    void otherFoldersOfImagesBesideTheSetsAreTold() throws IOException {
        writeSets("train", "test", "pred");
        Files.createDirectory(folder.resolve("annotations"));
        FolderDataset.in(folder);
        assertThat(notes.lines())
                .containsExactly(folder.resolve("pred")
                        + ": its images are not used; only folders named train, val and test are");
    }

    @Test
    void imagesBesideTheFoldersOfClassesAreTold() throws IOException {
        writeSets("train", "test");
        write("train/a.png", "train/b.png");
        FolderDataset.in(folder);
        assertThat(notes.lines())
                .containsExactly(
                        folder.resolve("train") + ": its 2 images beside the folders of the classes are not used");
    }

    @Test
    void namesEndInAnyCapitals() throws IOException {
        write("train/bag/a.PNG", "train/bag/b.Jpg", "train/bag/c.jpeg", "train/bag/d.GIF", "train/bag/e.bmp");
        write("train/shoe/a.png");
        writeSets("test");
        assertThat(FolderDataset.in(folder).train()).hasSize(6);
    }

    @Test
    void whatSystemsLeaveBehindIsNotOfTheDataset() throws IOException {
        writeSets("train", "test");
        write(
                "__MACOSX/train/bag/._a.png",
                "train/__MACOSX/bag/._a.png",
                "train/bag/._a.png",
                "train/bag/.DS_Store",
                "train/bag/Thumbs.db",
                "train/bag/desktop.ini",
                "train/bag/README.txt",
                "train/bag/@eaDir/a.png/thumb.jpg",
                "train/.ipynb_checkpoints/a.png",
                "test/@eaDir/a.png");
        FolderDataset files = FolderDataset.in(folder);
        assertThat(files.train()).containsExactly(image("train/bag/a.png", 0), image("train/shoe/a.png", 1));
        assertThat(files.test()).hasSize(2);
        assertThat(notes.lines()).isEmpty();
    }

    @Test
    void imagesOfOtherFormatsAreCountedAndLeftOut() throws IOException {
        writeSets("train", "test");
        write("train/bag/b.webp", "train/shoe/c.TIF", "train/shoe/d.webp");
        assertThat(FolderDataset.in(folder).train()).hasSize(2);
        assertThat(notes.lines())
                .containsExactly(
                        folder.resolve("train")
                                + ": 3 images are left out, because their formats cannot be read (tif, webp); convert them to PNG");
    }

    @Test
    void aClassOfOtherFormatsAloneIsRefused() throws IOException {
        writeSets("train", "test");
        write("train/hat/a.tif", "train/hat/b.webp");
        assertRefused("train/hat: holds only images of formats that cannot be read (tif, webp); convert them to PNG");
    }

    @Test
    void aClassMissingFromTheTestImagesIsTold() throws IOException {
        write("train/bag/a.png", "train/hat/a.png", "train/shoe/a.png", "test/shoe/a.png");
        Files.createDirectory(folder.resolve("test/hat"));
        FolderDataset files = FolderDataset.in(folder);
        assertThat(files.test()).containsExactly(image("test/shoe/a.png", 2));
        assertThat(notes.lines()).containsExactly(folder.resolve("test") + ": holds no image of class bag, hat");
    }

    @Test
    void aTestClassThatTrainingNeverShowsIsRefused() throws IOException {
        writeSets("train", "test");
        write("test/hat/a.png", "test/Bag/a.png");
        assertRefused("test: has classes that the training images do not have (Bag, hat); they have bag, shoe");
    }

    @Test
    void trainingImagesAloneAreRefused() throws IOException {
        writeSets("Train");
        assertRefused(": has a folder Train but neither test nor val; add one, or pass --data " + folder
                + "/Train to hold out every sixth image for test");
    }

    @Test
    void testImagesAloneAreRefused() throws IOException {
        writeSets("test", "val");
        assertRefused(": has a folder test, val but no folder train; add it");
    }

    @Test
    void aSetWithoutImagesIsRefused() throws IOException {
        writeSets("train", "val");
        Files.createDirectory(folder.resolve("test"));
        assertRefused("test: holds no image (PNG, JPEG, GIF or BMP) in a class folder; add images, or remove test");
    }

    @Test
    void twoFoldersForOneSetAreRefused() throws IOException {
        writeSets("train", "test", "testing");
        assertRefused("test: is the same set of images as testing, by its name; keep one of them");
    }

    @ParameterizedTest
    @ValueSource(strings = {"test", "val"})
    void imagesInASetWithoutClassesAreRefused(String unlabelled) throws IOException {
        writeSets("train");
        write(unlabelled + "/a.png", unlabelled + "/b.png");
        assertRefused(unlabelled + ": holds 2 images, but no folder for each class; put the images of each class into a"
                + " folder named after it");
    }

    /** Not two classes called train and val. */
    @Test
    void setsOfImagesWithoutClassesAreRefused() throws IOException {
        for (int i = 0; i < 6; i++) {
            write("train/" + i + ".png", "val/" + i + ".png");
        }
        assertRefused("train: holds 6 images, but no folder for each class");
    }

    @Test
    void classesWithoutImagesAreRefused() throws IOException {
        write("bag/a.png", "bag/b.txt");
        for (int i = 10; i < 17; i++) {
            Files.createDirectory(folder.resolve("c" + i));
        }
        assertRefused(
                ": holds no image (PNG, JPEG, GIF or BMP) of class c10, c11, c12, c13, c14 and 2 more; add images,"
                        + " or delete the folder of such a class");
    }

    @Test
    void aSingleClassIsRefused() throws IOException {
        write("bag/a.png");
        assertRefused(": has a single class, bag; add a folder for each other class");
    }

    @Test
    void imagesAloneAreRefused() throws IOException {
        write("a.png", "b.png", "c.gif");
        assertRefused(": holds 3 images, but no folder for each class");
    }

    @Test
    void anEmptyFolderIsRefused() {
        assertRefused(": holds neither IDX files");
    }

    @Test
    void tooFewImagesToHoldOneOutAreRefused() throws IOException {
        write("bag/a.png", "shoe/a.png");
        assertRefused(": has no class of 6 images, so none can be held out");
    }

    @Test
    void foldersOfImagesWithinAClassAreRefused() throws IOException {
        write("fruit/apple/red/a.png", "vegetable/leek/a.png");
        assertRefused("fruit/apple: holds images inside a class folder; move them up into it");
    }

    @Test
    void foldersWithoutImagesWithinAClassAreLeft() throws IOException {
        writeSets("train", "test");
        write("train/bag/notes.png/read.me");
        assertThat(FolderDataset.in(folder).train()).hasSize(2);
    }

    @Test
    void aThousandClassesAreNoTrouble() throws IOException {
        for (int i = 0; i < 1000; i++) {
            write("train/c%03d/a.png".formatted(i));
        }
        write("test/c999/a.png");
        FolderDataset files = FolderDataset.in(folder);
        assertThat(files.train().stream().map(Labelled::label))
                .containsExactlyElementsOf(IntStream.range(0, 1000).boxed().toList());
        assertThat(files.test()).containsExactly(image("test/c999/a.png", 999));
        assertThat(notes.lines())
                .containsExactly(
                        folder.resolve("test") + ": holds no image of class c000, c001, c002, c003, c004 and 994 more");
    }

    @Test
    void aLinkToNothingIsRefused() throws IOException {
        writeSets("train", "test");
        link("train/bag/b.png", "/nonexistent");
        assertRefused("train/bag/b.png: links to a file that does not exist; remove it");
    }

    @Test
    void aLinkToNothingInThePlaceOfAClassIsRefused() throws IOException {
        writeSets("train", "test");
        link("train/hat", "/nonexistent");
        assertRefused("train/hat: links to a file that does not exist; remove it");
    }

    @Test
    void aDeviceIsRefused() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/zero")));
        writeSets("train", "test");
        link("train/bag/b.png", "/dev/zero");
        assertRefused("train/bag/b.png: is a pipe or device, not an image file; remove it");
    }

    @Test
    void aPipeIsRefused() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
        writeSets("train", "test");
        Path pipe = folder.resolve("train/bag/b.png");
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertRefused("train/bag/b.png: is a pipe or device, not an image file; remove it");
    }

    @Test
    void linksThatLeadRoundInACircleAreRefused() throws IOException {
        writeSets("train", "test");
        Files.createDirectory(folder.resolve("train/bag/more"));
        link("train/bag/more/round", "..");
        assertRefused("train/bag/more: holds images inside a class folder");
        Files.delete(folder.resolve("train/bag/more/round"));
        link("train/bag/more/round", ".");
        assertRefused("train/bag/more: cannot be searched for images (");
    }

    @Test
    void linksToImagesAndFoldersAreFollowed() throws IOException {
        writeSets("elsewhere/train", "elsewhere/test");
        Path linked = Files.createDirectory(folder.resolve("linked"));
        Files.createSymbolicLink(linked.resolve("train"), folder.resolve("elsewhere/train"));
        Files.createSymbolicLink(linked.resolve("test"), folder.resolve("elsewhere/test"));
        Files.createSymbolicLink(
                folder.resolve("elsewhere/train/bag/b.png"), folder.resolve("elsewhere/train/bag/a.png"));
        assertThat(FolderDataset.in(linked).train()).hasSize(3);
    }

    private void assertRefused(String complaint) {
        assertThatThrownBy(() -> FolderDataset.in(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageContaining(complaint);
        assertThat(notes.lines()).isEmpty();
    }

    private Labelled image(String name, int label) {
        return new Labelled(folder.resolve(name), label);
    }

    private void writeSets(String... sets) throws IOException {
        List<String> names = new ArrayList<>();
        for (String set : sets) {
            names.add(set + "/bag/a.png");
            names.add(set + "/shoe/a.png");
        }
        write(names.toArray(String[]::new));
    }

    private void write(String... names) throws IOException {
        for (String name : names) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.createFile(folder.resolve(name));
        }
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(folder.resolve(name), Path.of(target));
    }
}
