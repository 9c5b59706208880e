#!/usr/bin/env python3
"""The article's training, as its readers run it: PyTorch, torchvision's dataset and transforms, DataLoader, ten epochs.

    article.py [--data DIR] [--epochs N] [--workers N]      (Debian: apt-get install python3-torch python3-torchvision)

`bncnn train --norm none` is compared with it from start to exit: the same network, batches, optimiser, progress lines and final
measurement, on Fashion-MNIST's IDX files as `bncnn data --fetch` leaves them. Nothing of it is tuned; --workers 0 reads in the training's
own process, which is the faster choice where two cores train. See CONTRIBUTING.md for how it is timed.
"""

import argparse
import gzip
import shutil
import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import FashionMNIST

REPORT_EVERY = 200


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5)
        self.pool1 = nn.MaxPool2d(kernel_size=2)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=5)
        self.pool2 = nn.MaxPool2d(kernel_size=2)
        self.fc1 = nn.Linear(512, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = self.pool1(torch.relu(self.conv1(x)))
        x = self.pool2(torch.relu(self.conv2(x)))
        return self.fc2(torch.relu(self.fc1(x.view(-1, 512))))


def unpack(source, root):
    """Lays the files out as torchvision looks for them."""
    raw = Path(root) / "FashionMNIST/raw"
    raw.mkdir(parents=True)
    for file in source.glob("*-ubyte.gz"):
        with gzip.open(file) as packed, open(raw / file.stem, "wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)


def loader(root, train, workers):
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    images = FashionMNIST(root, train=train, transform=transform)
    return DataLoader(images, batch_size=64, shuffle=train, num_workers=workers)


def train(net, batches, epochs):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(epochs):
        running = 0.0
        for i, (images, labels) in enumerate(batches, 1):
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
            if i % REPORT_EVERY == 0:
                print(f"epoch[{epoch + 1}, {i:5d}] loss: {running / REPORT_EVERY:.3f}", flush=True)
                running = 0.0


def accuracy(net, batches):
    correct = total = 0
    with torch.no_grad():
        for images, labels in batches:
            correct += (net(images).argmax(1) == labels).sum().item()
            total += len(labels)
    return correct / total


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path.home() / ".cache/bncnn/fashion-mnist")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2, help="processes that read images; the article has 2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        unpack(options.data, root)
        net = Cnn()
        train(net, loader(root, True, options.workers), options.epochs)
        print(f"Accuracy on test set: {100 * accuracy(net, loader(root, False, options.workers)):.2f} %")


if __name__ == "__main__":
    main()
