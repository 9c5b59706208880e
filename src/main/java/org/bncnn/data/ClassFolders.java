package org.bncnn.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with one sub-folder for each class, which holds the images of the class.
 *
 * @param folder that holds them
 * @param folders of the classes, in the order of their names
 */
record ClassFolders(Path folder, List<Path> folders) {
    private static final Logger log = LoggerFactory.getLogger(ClassFolders.class);

    /** An image file and the number of its class. */
    record Labelled(Path file, int label) {}

    /**
     * {@return the classes of a folder, of which there may be none}
     *
     * @throws DatasetException if there are images instead, or a name cannot be read
     */
    static ClassFolders in(Path folder) throws DatasetException {
        List<Path> folders = FolderListing.folders(folder);
        for (Path sub : folders) {
            FolderListing.requireReadableName(sub);
        }
        List<Path> images = imagesAmong(FolderListing.of(folder));
        if (!images.isEmpty() && folders.isEmpty()) {
            throw new DatasetException(folder + ": holds " + images.size()
                    + " images, but no folder for each class; put the images of each class into a folder named"
                    + " after it, or remove them if their classes are not known");
        }
        if (!images.isEmpty()) {
            log.warn("{}: its {} images beside the folders of the classes are not used", folder, images.size());
        }
        return new ClassFolders(folder, folders);
    }

    List<String> names() {
        return folders.stream().map(FolderListing::nameOf).toList();
    }

    /**
     * {@return all images of all classes, class by class, in the order of their names}
     *
     * @param classNames in the order of their numbers, with all classes of this folder among them
     * @throws DatasetException if a class holds folders of images, only images of other formats, or something other
     *     than a file
     */
    List<Labelled> images(List<String> classNames) throws DatasetException {
        List<Labelled> images = new ArrayList<>();
        Collection<Path> unreadable = new TreeSet<>();
        for (Path sub : folders) {
            List<Path> entries = FolderListing.of(sub);
            List<Path> others = entries.stream()
                    .filter(FolderListing::isOtherImage)
                    .filter(Files::isRegularFile)
                    .toList();
            List<Path> ofClass = imagesAmong(entries);
            if (ofClass.isEmpty() && !others.isEmpty()) {
                throw new DatasetException(sub + ": holds only images of formats that cannot be read ("
                        + FolderListing.endings(others) + "); convert them to PNG");
            }
            for (Path entry : entries) {
                if (Files.isDirectory(entry) && FolderListing.holdsImages(entry)) {
                    throw new DatasetException(
                            entry + ": holds images inside a class folder; move them up into it, or name the"
                                    + " folders of sets train, val and test");
                }
            }
            int label = classNames.indexOf(FolderListing.nameOf(sub));
            ofClass.forEach(file -> images.add(new Labelled(file, label)));
            unreadable.addAll(others);
        }
        if (!unreadable.isEmpty()) {
            log.warn(
                    "{}: {} images are left out, because their formats cannot be read ({}); convert them to PNG",
                    folder,
                    unreadable.size(),
                    FolderListing.endings(unreadable));
        }
        return images;
    }

    /** {@return the names of the classes that have none of these images} */
    List<String> without(List<Labelled> images) {
        TreeSet<String> names = new TreeSet<>(names());
        images.forEach(image -> names.remove(FolderListing.nameOf(image.file().getParent())));
        return List.copyOf(names);
    }

    private static List<Path> imagesAmong(List<Path> entries) throws DatasetException {
        List<Path> images = new ArrayList<>();
        for (Path entry : entries) {
            if (Files.isRegularFile(entry)) {
                if (FolderListing.isImage(entry)) {
                    images.add(entry);
                }
            } else if (Files.isSymbolicLink(entry) && Files.notExists(entry)) {
                throw new DatasetException(entry + ": links to a file that does not exist; remove it");
            } else if (FolderListing.isImage(entry)) {
                throw new DatasetException(entry + ": is a pipe or device, not an image file; remove it");
            }
        }
        return images;
    }
}
