package org.bncnn.data;

import static org.bncnn.data.EncodedImages.GREY;
import static org.bncnn.data.EncodedImages.GREY_ALPHA;
import static org.bncnn.data.EncodedImages.PALETTE;
import static org.bncnn.data.EncodedImages.RGB;
import static org.bncnn.data.EncodedImages.RGB_ALPHA;
import static org.bncnn.data.EncodedImages.bytes;
import static org.bncnn.data.EncodedImages.chunk;
import static org.bncnn.data.EncodedImages.join;
import static org.bncnn.data.EncodedImages.segment;
import static org.bncnn.data.EncodedImages.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.bncnn.data.EncodedImages.Samples;

/** Every kind of image file that is read, and what is in it. */
public final class ImageCases {
    private static final int WIDTH = 5;
    private static final int HEIGHT = 4;
    private static final int PROFILE_EMBEDDED = 0x4D424544;

    private final List<ImageCase> cases = new ArrayList<>();

    private ImageCases() {}

    /**
     * A file and its pixels.
     *
     * @param grey whether it can hold nothing but grey
     * @param rgb {@code [height][width]}, 0xRRGGBB, laid on white and turned
     */
    public record ImageCase(String name, byte[] file, boolean grey, int[][] rgb) {
        public int height() {
            return rgb.length;
        }

        public int width() {
            return rgb[0].length;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** What an image should be. */
    @FunctionalInterface
    private interface Expected {
        int at(int x, int y);
    }

    public static List<ImageCase> all() {
        ImageCases all = new ImageCases();
        all.addPng();
        all.addJpeg();
        all.addGif();
        all.addBmp();
        return all.cases;
    }

    private void add(String name, byte[] file, boolean grey, Expected expected) {
        add(name, file, grey, WIDTH, HEIGHT, expected);
    }

    private void add(String name, byte[] file, boolean grey, int width, int height, Expected expected) {
        int[][] rgb = new int[height][width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                rgb[y][x] = expected.at(x, y);
            }
        }
        cases.add(new ImageCase(name, file, grey, rgb));
    }

    private static int grey(int value) {
        return value * 0x010101;
    }

    private static int onWhite(int rgb, int alpha) {
        int laid = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            double part = alpha / 255.0;
            laid |= (int) Math.round((rgb >> shift & 0xff) * part + 255 * (1 - part)) << shift;
        }
        return laid;
    }

    private static int value(int x, int y) {
        return 40 * x + 7 * y;
    }

    private static int colour(int x, int y) {
        return 40 * x << 16 | 60 * y << 8 | 200 - 20 * x - 10 * y;
    }

    private static int band(int rgb, int band) {
        return rgb >> 16 - 8 * band & 0xff;
    }

    private static final Samples COLOURS = (x, y, band) -> band(colour(x, y), band);

    private void addPng() {
        for (boolean interlaced : new boolean[] {false, true}) {
            String way = interlaced ? ", interlaced" : "";
            for (int bits : new int[] {1, 2, 4}) {
                int largest = (1 << bits) - 1;
                Samples small = (x, y, band) -> 3 * x + y & largest;
                add(
                        "PNG grey " + bits + way,
                        EncodedImages.png(WIDTH, HEIGHT, bits, GREY, interlaced, small),
                        true,
                        (x, y) -> grey(small.at(x, y, 0) * 255 / largest));
                add(
                        "PNG grey " + bits + " with a transparent value" + way,
                        EncodedImages.png(WIDTH, HEIGHT, bits, GREY, interlaced, small, chunk("tRNS", 0, 0)),
                        true,
                        (x, y) -> small.at(x, y, 0) == 0 ? 0xFFFFFF : grey(small.at(x, y, 0) * 255 / largest));
                add(
                        "PNG palette " + bits + way,
                        EncodedImages.png(WIDTH, HEIGHT, bits, PALETTE, interlaced, small, palette(1 << bits)),
                        false,
                        (x, y) -> entry(small.at(x, y, 0)));
            }
            add(
                    "PNG grey 8" + way,
                    EncodedImages.png(WIDTH, HEIGHT, 8, GREY, interlaced, (x, y, band) -> value(x, y)),
                    true,
                    (x, y) -> grey(value(x, y)));
            add(
                    "PNG grey 16" + way,
                    EncodedImages.png(WIDTH, HEIGHT, 16, GREY, interlaced, (x, y, band) -> value(x, y) << 8 | 0xFE),
                    true,
                    (x, y) -> grey(value(x, y)));
            add(
                    "PNG RGB 8" + way,
                    EncodedImages.png(WIDTH, HEIGHT, 8, RGB, interlaced, COLOURS),
                    false,
                    ImageCases::colour);
            add(
                    "PNG RGB 16" + way,
                    EncodedImages.png(
                            WIDTH, HEIGHT, 16, RGB, interlaced, (x, y, band) -> COLOURS.at(x, y, band) << 8 | 0x80 + x),
                    false,
                    ImageCases::colour);
            for (int bits : new int[] {8, 16}) {
                add(
                        "PNG grey with alpha " + bits + way,
                        EncodedImages.png(
                                WIDTH,
                                HEIGHT,
                                bits,
                                GREY_ALPHA,
                                interlaced,
                                (x, y, band) -> (band == 0 ? value(x, y) : 85 * y) << bits - 8),
                        true,
                        (x, y) -> onWhite(grey(value(x, y)), 85 * y));
                add(
                        "PNG RGB with alpha " + bits + way,
                        EncodedImages.png(
                                WIDTH,
                                HEIGHT,
                                bits,
                                RGB_ALPHA,
                                interlaced,
                                (x, y, band) -> (band < 3 ? COLOURS.at(x, y, band) : 63 * x) << bits - 8),
                        false,
                        (x, y) -> onWhite(colour(x, y), 63 * x));
            }
            add(
                    "PNG palette 8 with transparency" + way,
                    EncodedImages.png(
                            WIDTH,
                            HEIGHT,
                            8,
                            PALETTE,
                            interlaced,
                            (x, y, band) -> x + 5 * y,
                            palette(20),
                            chunk("tRNS", 0, 128, 255, 3)),
                    false,
                    (x, y) -> onWhite(entry(x + 5 * y), x + 5 * y < 4 ? new int[] {0, 128, 255, 3}[x + 5 * y] : 255));
            add(
                    "PNG grey 8 with a transparent value" + way,
                    EncodedImages.png(
                            WIDTH, HEIGHT, 8, GREY, interlaced, (x, y, band) -> value(x, y), chunk("tRNS", 0, 47)),
                    true,
                    (x, y) -> value(x, y) == 47 ? 0xFFFFFF : grey(value(x, y)));
            add(
                    "PNG grey 16 with a transparent value" + way,
                    EncodedImages.png(
                            WIDTH, HEIGHT, 16, GREY, interlaced, (x, y, band) -> 0x4000 + x, chunk("tRNS", 0x40, 2)),
                    true,
                    (x, y) -> x == 2 ? 0xFFFFFF : grey(0x40));
            add(
                    "PNG RGB 8 with a transparent colour" + way,
                    EncodedImages.png(WIDTH, HEIGHT, 8, RGB, interlaced, COLOURS, chunk("tRNS", 0, 40, 0, 60, 0, 170)),
                    false,
                    (x, y) -> x == 1 && y == 1 ? 0xFFFFFF : colour(x, y));
            add(
                    "PNG RGB 16 with a transparent colour" + way,
                    EncodedImages.png(
                            WIDTH,
                            HEIGHT,
                            16,
                            RGB,
                            interlaced,
                            (x, y, band) -> 0x1000 * (band + 1) + x,
                            chunk("tRNS", 0x10, 3, 0x20, 3, 0x30, 3)),
                    false,
                    (x, y) -> x == 3 ? 0xFFFFFF : 0x102030);
        }
        add(
                "PNG palette of greys",
                EncodedImages.png(
                        WIDTH,
                        HEIGHT,
                        8,
                        PALETTE,
                        (x, y, band) -> x,
                        chunk("PLTE", 9, 9, 9, 99, 99, 99, 7, 7, 7, 0, 0, 0, 8, 8, 8)),
                true,
                (x, y) -> grey(new int[] {9, 99, 7, 0, 8}[x]));
        byte[][] notes = {
            chunk("gAMA", 0, 0, 0xB1, 0x8F),
            chunk("cHRM", new byte[32]),
            chunk("iCCP", join(text("broken\0\0"), EncodedImages.deflate(text("no profile")))),
            chunk("zTXt", text("broken\0\0no deflated text")),
            chunk("acTL", 0, 0, 0, 2, 0, 0, 0, 0)
        };
        add(
                "PNG grey with gamma and a broken profile",
                EncodedImages.png(WIDTH, HEIGHT, 8, GREY, (x, y, band) -> value(x, y), notes),
                true,
                (x, y) -> grey(value(x, y)));
        add(
                "PNG palette with gamma and a broken profile",
                EncodedImages.png(WIDTH, HEIGHT, 8, PALETTE, (x, y, band) -> x, join(join(notes), palette(5))),
                false,
                (x, y) -> entry(x));
        add(
                "PNG RGB with gamma and a broken profile",
                EncodedImages.png(WIDTH, HEIGHT, 8, RGB, COLOURS, notes),
                false,
                ImageCases::colour);
        add(
                "PNG turned by Exif",
                EncodedImages.png(
                        WIDTH, HEIGHT, 8, RGB, COLOURS, chunk("eXIf", EncodedImages.exif(6, ByteOrder.LITTLE_ENDIAN))),
                false,
                HEIGHT,
                WIDTH,
                (x, y) -> colour(y, HEIGHT - 1 - x));
        add(
                "PNG with broken Exif",
                EncodedImages.png(WIDTH, HEIGHT, 8, RGB, COLOURS, chunk("eXIf", 'I', 'I', 42, 0, 255, 255, 255, 127)),
                false,
                ImageCases::colour);
    }

    private static int entry(int index) {
        return 12 * index << 16 | 250 - 12 * index << 8 | (index & 1) * 255;
    }

    private static byte[] palette(int entries) {
        int[] colours = new int[3 * entries];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = band(entry(i / 3), i % 3);
        }
        return chunk("PLTE", colours);
    }

    private void addJpeg() {
        Samples greys = (x, y, band) -> 30 + 50 * x + 20 * y;
        Expected grey = (x, y) -> grey(30 + 50 * (x / 8) + 20 * (y / 8));
        for (boolean progressive : new boolean[] {false, true}) {
            String way = progressive ? ", progressive" : "";
            addBlocks(
                    "JPEG grey" + way, EncodedImages.jpeg(3, 2, 1, progressive, greys, EncodedImages.JFIF), true, grey);
            addBlocks(
                    "JPEG YCbCr" + way,
                    EncodedImages.jpeg(3, 2, 3, progressive, ImageCases::yCbCr, EncodedImages.JFIF),
                    false,
                    ImageCases::fromYCbCr);
            addBlocks(
                    "JPEG RGB" + way,
                    EncodedImages.jpeg(3, 2, 3, progressive, COLOURS, EncodedImages.ADOBE_RGB),
                    false,
                    (x, y) -> colour(x / 8, y / 8));
        }
        addBlocks(
                "JPEG that does not say how its colours are stored",
                EncodedImages.jpeg(3, 2, 3, false, ImageCases::yCbCr),
                false,
                ImageCases::fromYCbCr);
        byte[] profile = segment(0xE2, join(text("ICC_PROFILE\0"), bytes(1, 1), text("broken")));
        byte[] xmp = segment(0xE1, text("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta"));
        byte[] preview = segment(0xE0, text("JFXX\0\20broken"));
        byte[] comment = segment(0xFE, text("a comment"));
        addBlocks(
                "JPEG with a broken profile",
                EncodedImages.jpeg(
                        3, 2, 3, false, ImageCases::yCbCr, EncodedImages.JFIF, preview, xmp, profile, comment),
                false,
                ImageCases::fromYCbCr);
        addBlocks("JPEG grey with a broken profile", EncodedImages.jpeg(3, 2, 1, false, greys, profile), true, grey);
        addBlocks(
                "JPEG with something behind its end",
                join(EncodedImages.jpeg(3, 2, 1, false, greys, EncodedImages.JFIF), text("a film")),
                true,
                grey);
        // What is to be seen of   a b c
        //                         d e f   if it was taken so:
        String[][] turned = {
            {"abc", "def"},
            {"cba", "fed"},
            {"fed", "cba"},
            {"def", "abc"},
            {"ad", "be", "cf"},
            {"da", "eb", "fc"},
            {"fc", "eb", "da"},
            {"cf", "be", "ad"}
        };
        for (int i = 0; i < turned.length; i++) {
            String[] rows = turned[i];
            for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                byte[] exif = EncodedImages.exifSegment(i + 1, order);
                add(
                        "JPEG grey, orientation " + (i + 1) + ", " + order,
                        EncodedImages.jpeg(
                                3, 2, 1, false, (x, y, band) -> 40 * (x + 3 * y), EncodedImages.JFIF, xmp, exif),
                        true,
                        8 * rows[0].length(),
                        8 * rows.length,
                        (x, y) -> grey(40 * (rows[y / 8].charAt(x / 8) - 'a')));
                add(
                        "JPEG YCbCr with Exif alone, orientation " + (i + 1) + ", " + order,
                        EncodedImages.jpeg(3, 2, 3, false, (x, y, band) -> band == 0 ? 40 * (x + 3 * y) : 128, exif),
                        false,
                        8 * rows[0].length(),
                        8 * rows.length,
                        (x, y) -> grey(40 * (rows[y / 8].charAt(x / 8) - 'a')));
            }
        }
        addBlocks(
                "JPEG YCbCr with Exif alone, components numbered from 0",
                EncodedImages.numberedFromZero(EncodedImages.jpeg(
                        3, 2, 3, false, ImageCases::yCbCr, EncodedImages.exifSegment(1, ByteOrder.BIG_ENDIAN))),
                false,
                ImageCases::fromYCbCr);
        addBlocks(
                "JPEG RGB with Exif",
                EncodedImages.jpeg(
                        3,
                        2,
                        3,
                        false,
                        COLOURS,
                        EncodedImages.exifSegment(1, ByteOrder.BIG_ENDIAN),
                        EncodedImages.ADOBE_RGB),
                false,
                (x, y) -> colour(x / 8, y / 8));
    }

    private void addBlocks(String name, byte[] file, boolean grey, Expected expected) {
        add(name, file, grey, 24, 16, expected);
    }

    private static int yCbCr(int x, int y, int band) {
        return new int[] {100 + 10 * x, 118 + 10 * y, 138 - 5 * x}[band];
    }

    /** ITU-T T.871. */
    private static int fromYCbCr(int x, int y) {
        double luma = yCbCr(x / 8, y / 8, 0);
        double cb = yCbCr(x / 8, y / 8, 1) - 128;
        double cr = yCbCr(x / 8, y / 8, 2) - 128;
        long red = Math.round(luma + 1.402 * cr);
        long green = Math.round(luma - (0.114 * 1.772 * cb + 0.299 * 1.402 * cr) / 0.587);
        long blue = Math.round(luma + 1.772 * cb);
        return (int) (red << 16 | green << 8 | blue);
    }

    private void addGif() {
        int[] colours = new int[256];
        int[] others = new int[256];
        for (int i = 0; i < 20; i++) {
            colours[i] = entry(i);
            others[i] = entry(19 - i);
        }
        Samples indices = (x, y, band) -> x + WIDTH * y;
        int tall = 9;
        for (int i = 20; i < WIDTH * tall; i++) {
            colours[i] = grey(i);
        }
        byte[] screen = EncodedImages.gifScreen(WIDTH, HEIGHT, colours);
        for (boolean interlaced : new boolean[] {false, true}) {
            byte[] tallScreen = EncodedImages.gifScreen(WIDTH, tall, colours);
            byte[] frame = EncodedImages.gifFrame(0, 0, WIDTH, tall, null, interlaced, indices);
            String way = interlaced ? ", interlaced" : "";
            add(
                    "GIF" + way,
                    join(tallScreen, frame, EncodedImages.GIF_END),
                    false,
                    WIDTH,
                    tall,
                    (x, y) -> colours[x + WIDTH * y]);
            add(
                    "GIF with a transparent colour" + way,
                    join(tallScreen, EncodedImages.gifTransparency(7), frame, EncodedImages.GIF_END),
                    false,
                    WIDTH,
                    tall,
                    (x, y) -> x + WIDTH * y == 7 ? 0xFFFFFF : colours[x + WIDTH * y]);
        }
        byte[] local = EncodedImages.gifFrame(0, 0, WIDTH, HEIGHT, others, false, indices);
        add(
                "GIF with a palette of the frame",
                join(EncodedImages.gifScreen(WIDTH, HEIGHT, null), local, EncodedImages.GIF_END),
                false,
                (x, y) -> entry(19 - x - WIDTH * y));
        add(
                "GIF with two palettes, two frames and notes",
                join(
                        screen,
                        bytes(0x21, 0xFE, 4),
                        text("note"),
                        bytes(0),
                        local,
                        EncodedImages.gifFrame(0, 0, WIDTH, HEIGHT, null, false, indices),
                        EncodedImages.GIF_END),
                false,
                (x, y) -> entry(19 - x - WIDTH * y));
        add(
                "GIF whose frame is smaller than the image",
                join(
                        screen,
                        EncodedImages.gifFrame(2, 1, 2, 3, null, false, (x, y, band) -> 1 + x + 2 * y),
                        EncodedImages.GIF_END),
                false,
                (x, y) -> x >= 2 && x < 4 && y >= 1 ? entry(1 + x - 2 + 2 * (y - 1)) : 0xFFFFFF);
        add(
                "GIF whose frame is larger than the image",
                join(
                        EncodedImages.gifScreen(0, 0, colours),
                        EncodedImages.gifFrame(0, 0, WIDTH, HEIGHT, null, false, indices),
                        EncodedImages.GIF_END),
                false,
                (x, y) -> entry(x + WIDTH * y));
        int[] greys = new int[256];
        for (int i = 0; i < 256; i++) {
            greys[i] = grey(255 - i);
        }
        add(
                "GIF of greys",
                join(
                        EncodedImages.gifScreen(WIDTH, HEIGHT, greys),
                        EncodedImages.gifFrame(0, 0, WIDTH, HEIGHT, null, false, (x, y, band) -> value(x, y)),
                        EncodedImages.GIF_END),
                true,
                (x, y) -> grey(255 - value(x, y)));
    }

    private void addBmp() {
        byte[] none = {};
        int[] noPalette = {};
        for (int bits : new int[] {1, 4, 8}) {
            int entries = Math.min(1 << bits, 20);
            Samples indices = (x, y, band) -> (x + WIDTH * y) % entries;
            int[] palette = new int[entries];
            for (int i = 0; i < entries; i++) {
                palette[i] = entry(i);
            }
            add(
                    "BMP " + bits,
                    EncodedImages.bmp(
                            WIDTH,
                            HEIGHT,
                            bits,
                            0,
                            40,
                            none,
                            palette,
                            EncodedImages.bmpRows(WIDTH, HEIGHT, bits, indices)),
                    false,
                    (x, y) -> entry(indices.at(x, y, 0)));
        }
        int[] greys = new int[256];
        for (int i = 0; i < 256; i++) {
            greys[i] = grey(i);
        }
        add(
                "BMP of greys",
                EncodedImages.bmp(
                        WIDTH,
                        HEIGHT,
                        8,
                        0,
                        40,
                        none,
                        greys,
                        EncodedImages.bmpRows(WIDTH, HEIGHT, 8, (x, y, band) -> value(x, y))),
                true,
                (x, y) -> grey(value(x, y)));
        Samples fives = (x, y, band) -> 7 * x << 10 | 10 * y << 5 | 31 - x;
        add(
                "BMP 16",
                EncodedImages.bmp(
                        WIDTH, HEIGHT, 16, 0, 40, none, noPalette, EncodedImages.bmpRows(WIDTH, HEIGHT, 16, fives)),
                false,
                (x, y) -> scaled(7 * x, 31) << 16 | scaled(10 * y, 31) << 8 | scaled(31 - x, 31));
        add(
                "BMP 16 with masks",
                EncodedImages.bmp(
                        WIDTH,
                        HEIGHT,
                        16,
                        3,
                        40,
                        little(0xF800, 0x07E0, 0x001F),
                        noPalette,
                        EncodedImages.bmpRows(WIDTH, HEIGHT, 16, (x, y, band) -> 7 * x << 11 | 20 * y << 5 | 31 - x)),
                false,
                (x, y) -> scaled(7 * x, 31) << 16 | scaled(20 * y, 63) << 8 | scaled(31 - x, 31));
        byte[] rows = EncodedImages.bmpRows(WIDTH, HEIGHT, 24, (x, y, band) -> colour(x, y));
        add("BMP 24", EncodedImages.bmp(WIDTH, HEIGHT, 24, 0, 40, none, noPalette, rows), false, ImageCases::colour);
        add(
                "BMP 24, first row first",
                EncodedImages.bmp(WIDTH, -HEIGHT, 24, 0, 40, none, noPalette, rows),
                false,
                (x, y) -> colour(x, HEIGHT - 1 - y));
        add(
                "BMP 24 with a broken profile",
                EncodedImages.bmp(
                        WIDTH,
                        HEIGHT,
                        24,
                        0,
                        124,
                        little(0, 0, 0, 0, PROFILE_EMBEDDED, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 124, 20, 0),
                        noPalette,
                        rows),
                false,
                ImageCases::colour);
        add(
                "BMP 24 of OS/2",
                join(text("BM"), little(26 + rows.length, 0, 26, 12), bytes(WIDTH, 0, HEIGHT, 0, 1, 0, 24, 0), rows),
                false,
                ImageCases::colour);
        byte[] four = EncodedImages.bmpRows(WIDTH, HEIGHT, 32, (x, y, band) -> 63 * x << 24 | colour(x, y));
        add("BMP 32", EncodedImages.bmp(WIDTH, HEIGHT, 32, 0, 40, none, noPalette, four), false, ImageCases::colour);
        byte[] masks = join(little(0xFF0000, 0xFF00, 0xFF, 0xFF000000, 0x73524742), new byte[48]);
        add(
                "BMP 32 with alpha",
                EncodedImages.bmp(WIDTH, HEIGHT, 32, 3, 108, masks, noPalette, four),
                false,
                (x, y) -> onWhite(colour(x, y), 63 * x));
        int[] palette = new int[16];
        for (int i = 0; i < 16; i++) {
            palette[i] = entry(i);
        }
        // Three of colour 9 and two single ones; a row of one colour; an end of the line at once; and the end.
        add(
                "BMP in runs of 8",
                EncodedImages.bmp(
                        WIDTH,
                        HEIGHT,
                        8,
                        1,
                        40,
                        none,
                        palette,
                        bytes(3, 9, 1, 2, 1, 3, 0, 0, 5, 4, 0, 0, 0, 3, 5, 6, 7, 0, 2, 8, 0, 0, 5, 1, 0, 1)),
                false,
                (x, y) ->
                        entry(new int[][] {{1, 1, 1, 1, 1}, {5, 6, 7, 8, 8}, {4, 4, 4, 4, 4}, {9, 9, 9, 2, 3}}[y][x]));
        add(
                "BMP in runs of 4",
                EncodedImages.bmp(
                        WIDTH,
                        HEIGHT,
                        4,
                        2,
                        40,
                        none,
                        palette,
                        bytes(5, 0x12, 0, 0, 5, 0x44, 0, 0, 0, 5, 0x56, 0x78, 0x90, 0, 0, 0, 5, 0xEF, 0, 1)),
                false,
                (x, y) -> entry(
                        new int[][] {{14, 15, 14, 15, 14}, {5, 6, 7, 8, 9}, {4, 4, 4, 4, 4}, {1, 2, 1, 2, 1}}[y][x]));
    }

    private static int scaled(int value, int largest) {
        return (int) Math.round(value * 255.0 / largest);
    }

    private static byte[] little(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }
}
