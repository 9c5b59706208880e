#!/usr/bin/env python3
"""Makes the fixtures in this folder: the article's network, trained by PyTorch, without and with batch normalization.

    make_state_dict.py            (Debian: apt-get install python3-torch)

Each is trained for one epoch on the sample's training images. NORM.safetensors is its state_dict, as safetensors.torch.save_file writes
it; NORM.json has the probabilities of the sample's first 10 test images and how many of all test images it gets right. types.safetensors
holds the same few numbers in each type, types.json what PyTorch reads them as. load_state_dict.py beside this goes the other way.

Debian has no package of safetensors for Python, so the format is written and read here, in a few lines of its own.
"""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent
SAMPLE = HERE.parents[5] / "main/resources/org/bncnn/data/sample"
SHOWN = 10
# The types of a state_dict, those with the widest values first, which is how the format's library orders tensors.
TYPES = {torch.int64: "I64", torch.float64: "F64", torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}
# NumPy has no bfloat16, so bits are handed over as integers.
BITS = {"I64": np.int64, "F64": np.int64, "F32": np.int32, "BF16": np.int16, "F16": np.int16}
TORCH_BITS = {np.int64: torch.int64, np.int32: torch.int32, np.int16: torch.int16}


class Cnn(nn.Module):
    """The article's network; with BN, the three linear maps before it have no bias, which BN would cancel."""

    def __init__(self, norm):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5, bias=not norm)
        self.bn1 = nn.BatchNorm2d(16) if norm else nn.Identity()
        self.conv2 = nn.Conv2d(16, 32, kernel_size=5, bias=not norm)
        self.bn2 = nn.BatchNorm2d(32) if norm else nn.Identity()
        self.fc1 = nn.Linear(512, 128, bias=not norm)
        self.bn3 = nn.BatchNorm1d(128) if norm else nn.Identity()
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        x = nn.functional.max_pool2d(torch.relu(self.bn2(self.conv2(x))), 2)
        return self.fc2(torch.relu(self.bn3(self.fc1(x.flatten(1)))))


def save(tensors, path):
    """Writes tensors as safetensors.torch.save_file does."""
    order = list(TYPES)
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in sorted(tensors.items(), key=lambda each: (order.index(each[1].dtype), each[0])):
        kind = TYPES[tensor.dtype]
        bits = tensor.detach().reshape(-1).view(TORCH_BITS[BITS[kind]]).numpy()
        values = bits.astype(np.dtype(BITS[kind]).newbyteorder("<")).tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def load(path):
    """Reads tensors as safetensors.torch.load_file does."""
    content = Path(path).read_bytes()
    length = struct.unpack_from("<Q", content)[0]
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    types = {name: kind for kind, name in TYPES.items()}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        bits = np.frombuffer(content[8 + length + begin : 8 + length + end], np.dtype(BITS[entry["dtype"]]).newbyteorder("<"))
        values = torch.from_numpy(bits.astype(BITS[entry["dtype"]])).view(types[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def idx(name, rank):
    content = gzip.decompress((SAMPLE / name).read_bytes())
    shape = np.frombuffer(content, ">i4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def images(part):
    return torch.from_numpy(((idx(f"{part}-images-idx3-ubyte.gz", 3)[:, None] / 255.0 - 0.5) / 0.5).astype(np.float32))


def labels(part):
    return torch.from_numpy(idx(f"{part}-labels-idx1-ubyte.gz", 1).astype(np.int64))


def train(net):
    x, y = images("train"), labels("train")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for batch in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
        optimizer.step()


def measured(net):
    net.eval()
    with torch.no_grad():
        probabilities = torch.softmax(net(images("t10k")), 1)
    return {
        "torch": torch.__version__,
        "correct": (probabilities.argmax(1) == labels("t10k")).sum().item(),
        "probabilities": probabilities[:SHOWN].tolist(),
    }


def every_type():
    numbers = torch.tensor([[0.1, -2.5, 1 / 3], [65504, 6e-8, -0.0]], dtype=torch.float64)
    tensors = {TYPES[kind].lower(): numbers.to(kind) for kind in TYPES if kind.is_floating_point}
    return tensors | {"i64": torch.tensor([1 << 40, -1])}


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, norm in (("none", False), ("bn", True)):
        torch.manual_seed(1)
        net = Cnn(norm)
        train(net)
        save(net.state_dict(), HERE / f"{name}.safetensors")
        (HERE / f"{name}.json").write_text(json.dumps(measured(net), indent=1) + "\n")
    numbers = every_type()
    save(numbers, HERE / "types.safetensors")
    (HERE / "types.json").write_text(json.dumps({name: each.double().flatten().tolist() for name, each in numbers.items()}) + "\n")
