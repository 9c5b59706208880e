#!/usr/bin/env python3
"""Writes the first test image of each class of Fashion-MNIST as a PNG beside this script.

    make_images.py ~/.cache/bncnn/fashion-mnist
"""

import gzip
import struct
import sys
import zlib
from pathlib import Path

SIDE = 28


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(pixels):
    rows = b"".join(b"\0" + pixels[y * SIDE : (y + 1) * SIDE] for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def main():
    source = Path(sys.argv[1])
    labels = gzip.decompress((source / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    images = gzip.decompress((source / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    for label in range(10):
        at = labels.index(label) * SIDE * SIDE
        (Path(__file__).parent / f"{label}.png").write_bytes(png(images[at : at + SIDE * SIDE]))


if __name__ == "__main__":
    main()
