#!/usr/bin/env python3
"""Makes the sample of Fashion-MNIST in this folder: 2,000 training and 1,000 test images, equally many of each class.

    make_sample.py FOLDER_WITH_THE_FOUR_FILES

Each class gives its images at even distances over the whole file, and they keep the file's order, so the sample is the same each time.
"""

import gzip
import struct
import sys
from pathlib import Path

CLASSES = 10
HERE = Path(__file__).parent


def read(path, rank):
    content = gzip.decompress(path.read_bytes())
    shape = struct.unpack(f">{rank}i", content[4 : 4 + 4 * rank])
    return shape, content[4 + 4 * rank :]


def write(path, shape, data):
    header = struct.pack(f">BBBB{len(shape)}i", 0, 0, 8, len(shape), *shape)
    path.write_bytes(gzip.compress(header + data, compresslevel=9, mtime=0))


def sample(source, prefix, size):
    (_, height, width), images = read(source / f"{prefix}-images-idx3-ubyte.gz", 3)
    _, labels = read(source / f"{prefix}-labels-idx1-ubyte.gz", 1)
    per_class = size // CLASSES
    chosen = []
    for c in range(CLASSES):
        members = [i for i, label in enumerate(labels) if label == c]
        chosen += [members[k * len(members) // per_class] for k in range(per_class)]
    chosen.sort()
    pixels = height * width
    write(
        HERE / f"{prefix}-images-idx3-ubyte.gz",
        (size, height, width),
        b"".join(images[i * pixels : (i + 1) * pixels] for i in chosen),
    )
    write(HERE / f"{prefix}-labels-idx1-ubyte.gz", (size,), bytes(labels[i] for i in chosen))


if __name__ == "__main__":
    sample(Path(sys.argv[1]), "train", 2000)
    sample(Path(sys.argv[1]), "t10k", 1000)
