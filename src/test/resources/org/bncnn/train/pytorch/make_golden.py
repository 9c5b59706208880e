#!/usr/bin/env python3
"""Makes the golden files in this folder: the reference CNN trained by PyTorch for 50 steps, without and with batch normalization.

    make_golden.py            (Debian: apt-get install python3-torch)

Both networks start from the same weights, initial.npy: all parameters of the network without BN, flattened, in PyTorch's order. The
one with BN has no biases but the last. Batch k holds the images 64·k … 64·k + 63 of the sample's training set, modulo its size; the
logits at the end are those of the sample's first 10 test images.

The arithmetic is double. In single precision PyTorch's own losses stray from these, with BN, by up to 5e-4 of their value within the 50
steps, depending on the number of threads and on whether it uses oneDNN: images share large areas of one value, which a rounding error
can carry over ReLU's kink or to another maximum all at once.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent
SAMPLE = HERE.parents[5] / "main/resources/org/bncnn/data/sample"
STEPS, BATCH = 50, 64


class ReferenceCnn(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, bias=not norm)
        self.conv2 = nn.Conv2d(16, 32, 5, bias=not norm)
        self.fc1 = nn.Linear(512, 128, bias=not norm)
        self.fc2 = nn.Linear(128, 10)
        self.bn1 = nn.BatchNorm2d(16) if norm else nn.Identity()
        self.bn2 = nn.BatchNorm2d(32) if norm else nn.Identity()
        self.bn3 = nn.BatchNorm1d(128) if norm else nn.Identity()

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        x = nn.functional.max_pool2d(torch.relu(self.bn2(self.conv2(x))), 2)
        x = torch.relu(self.bn3(self.fc1(x.flatten(1))))
        return self.fc2(x)


def idx(name, rank):
    content = gzip.decompress((SAMPLE / name).read_bytes())
    shape = np.frombuffer(content, ">i4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def images(name):
    return torch.from_numpy((idx(name, 3)[:, None] / 255.0 - 0.5) / 0.5)


def train(net):
    x, y = images("train-images-idx3-ubyte.gz"), torch.from_numpy(idx("train-labels-idx1-ubyte.gz", 1).astype(np.int64))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    losses = []
    for step in range(STEPS):
        batch = (torch.arange(BATCH) + BATCH * step) % len(x)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def golden(net):
    result = {"torch": torch.__version__, "losses": train(net)}
    net.eval()
    with torch.no_grad():
        result["logits"] = net(images("t10k-images-idx3-ubyte.gz")[:10]).tolist()
    for name, buffer in net.named_buffers():
        if "running" in name:
            result[name] = buffer.tolist()
    return result


if __name__ == "__main__":
    torch.manual_seed(1)
    torch.set_num_threads(1)
    without, with_bn = ReferenceCnn(norm=False), ReferenceCnn(norm=True)
    with_bn.load_state_dict(without.state_dict(), strict=False)
    np.save(HERE / "initial.npy", torch.cat([p.detach().flatten() for p in without.parameters()]).numpy())
    for name, net in (("none", without), ("bn", with_bn)):
        (HERE / f"{name}.json").write_text(json.dumps(golden(net.double()), indent=1) + "\n")
