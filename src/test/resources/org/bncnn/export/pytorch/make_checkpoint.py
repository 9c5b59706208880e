#!/usr/bin/env python3
"""Makes the fixtures in the folder checkpoint: files of torch.save, of a small network with a bias before each batch normalization.

    make_checkpoint.py            (Debian: apt-get install python3-torch)

double.pt, float.pt        the network's state_dict; golden.json has images, what the network gives for them, the losses of three steps of
                           gradient descent on them, and what it gives then
checkpoint.pt              float.pt's in a checkpoint, beside the state of an optimizer and of a scheduler and other values
data_parallel.pt           the same, of DataParallel(net) and torch.compile(net): all names begin with _orig_mod.module.
sequential.pt              the same layers as one nn.Sequential, from 0 to 10; sequential.safetensors has them in that format's order
types.pt, types.json       the same few numbers in each type, and what PyTorch reads them as
views.pt, views.json       tensors that are parts of others, turned round, repeated, tied or empty
no_stats.pt, no_affine.pt  with track_running_stats=False and with affine=False
module.pt, script.pt, legacy.pt
                           the whole network pickled, the network as TorchScript, and the format from before PyTorch 1.6
"""

import json
from pathlib import Path

import make_state_dict
import torch
from torch import nn

FOLDER = Path(__file__).parent / "checkpoint"
IMAGES, CLASSES = 6, 3


class Net(nn.Module):
    """Batch normalization as most people write it: the layers before it keep their biases."""

    def __init__(self, **norm):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3)
        self.bn1 = nn.BatchNorm2d(3, **norm)
        self.conv2 = nn.Conv2d(3, 4, 2)
        self.bn2 = nn.BatchNorm2d(4, **norm)
        self.fc1 = nn.Linear(16, 5)
        self.bn3 = nn.BatchNorm1d(5, **norm)
        self.fc2 = nn.Linear(5, CLASSES)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.fc2(torch.relu(self.bn3(self.fc1(x.flatten(1)))))


def sequential(net):
    return nn.Sequential(
        net.conv1, net.bn1, nn.ReLU(), nn.MaxPool2d(2), net.conv2, net.bn2, nn.Flatten(), net.fc1, net.bn3, nn.ReLU(), net.fc2
    )


def made(**norm):
    """A network whose numbers all differ from those that a new one has."""
    torch.manual_seed(1)
    net = Net(**norm).double()
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand_like(tensor) + 0.5 if name.endswith("var") else torch.randn_like(tensor) * 0.5)
            else:
                tensor.fill_(7)
    return net


def probabilities(net, images):
    net.eval()
    with torch.no_grad():
        return torch.softmax(net(images), 1).tolist()


def golden():
    net = made()
    images, labels = torch.randn(IMAGES, 1, 8, 8, dtype=torch.float64), torch.arange(IMAGES) % CLASSES
    result = {"torch": torch.__version__, "images": images.flatten().tolist(), "before": probabilities(net, images)}
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    result["losses"] = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(images), labels)
        loss.backward()
        optimizer.step()
        result["losses"].append(loss.item())
    return result | {"after": probabilities(net, images)}


def checkpoint(net):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [30, 60])
    saved = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    net(torch.randn(IMAGES, 1, 8, 8)).sum().backward()
    optimizer.step()
    scheduler.step()
    return {
        "epoch": 3,
        "model_state_dict": saved,
        "optimizer_state_dict": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "loss": 0.25,
        "seed": 2**64 - 1,
        "best": None,
        "classes": ["a", "b", "c"],
        "shape": torch.Size([1, 8, 8]),
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "digest": b"\x00\xff",
    }


def views():
    base = torch.arange(24, dtype=torch.float32)
    matrix = base.reshape(4, 6)
    tied = torch.tensor([1.5, 2.5])
    return {
        "transposed": matrix.t(),
        "row": matrix[2],
        "column": matrix[:, 1],
        "steps": matrix[1:, ::2],
        "channels_last": base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
        "expanded": torch.tensor([[3.0], [4.0]]).expand(2, 3),
        "scalar": torch.tensor(5.0),
        "last": base[23],
        "tied": tied,
        "tied_too": tied,
        "empty": torch.empty(0, 3),
        "empty_part": base[24:],
        "one": torch.ones(1, 1, 1),
        "parameter": nn.Parameter(torch.tensor([6.0])),
    }


def every_type():
    numbers = make_state_dict.every_type()
    for kind in (torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool):
        numbers[str(kind)] = torch.tensor([0, 1, 100]).to(kind)
    return numbers


def save_with_json(tensors, name):
    torch.save(tensors, FOLDER / f"{name}.pt")
    values = {key: {"shape": list(each.shape), "values": each.double().flatten().tolist()} for key, each in tensors.items()}
    (FOLDER / f"{name}.json").write_text(json.dumps(values) + "\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    (FOLDER / "golden.json").write_text(json.dumps(golden()) + "\n")
    torch.save(made().state_dict(), FOLDER / "double.pt")
    net = made().float()
    torch.save(net.state_dict(), FOLDER / "float.pt")
    wrapped = {f"_orig_mod.{name}": tensor for name, tensor in nn.DataParallel(net).state_dict().items()}
    torch.save(wrapped, FOLDER / "data_parallel.pt")
    torch.save(sequential(net).state_dict(), FOLDER / "sequential.pt")
    make_state_dict.save(sequential(net).state_dict(), FOLDER / "sequential.safetensors")
    torch.save(made(track_running_stats=False).state_dict(), FOLDER / "no_stats.pt")
    torch.save(made(affine=False).state_dict(), FOLDER / "no_affine.pt")
    torch.save(sequential(net), FOLDER / "module.pt")
    torch.jit.script(nn.Linear(1, 1)).save(str(FOLDER / "script.pt"))
    torch.save(net.state_dict(), FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    save_with_json(every_type(), "types")
    save_with_json(views(), "views")
    torch.save(checkpoint(net), FOLDER / "checkpoint.pt")
