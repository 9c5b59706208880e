#!/usr/bin/env python3
"""Turns what `bncnn predict MODEL *.png --top 10 --json FILE`, called in this folder, found into lines of probabilities, by class number.

    make_expected.py FILE > expected-MODEL.csv
"""

import json
import sys

CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


def main():
    for image in json.load(open(sys.argv[1], encoding="utf-8")):
        probabilities = {found["name"]: found["probability"] for found in image["classes"]}
        print(image["image"], *(repr(probabilities[name]) for name in CLASSES), sep=",")


if __name__ == "__main__":
    main()
