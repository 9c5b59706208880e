#!/usr/bin/env python3
"""Writes golden.json beside itself: what torch.nn.BatchNorm1d, 2d and 3d make of small random inputs.

Needs PyTorch only (Debian: python3-torch). All arithmetic is double. Each case is ten training steps without an optimizer, each
with another input and another upstream gradient, then one step in evaluation mode:

  name, shape                            of the input, channels second
  affine, relu, momentum (null: cumulative average), weight, bias
  train: [{x, dy, y, dx, dweight, dbias, running_mean, running_var}, ...]
  eval:  {x, dy, y, dx, dweight, dbias}

Arrays are flat, in C order. dweight and dbias are those of one step, sums over the batch.
"""
import json
import pathlib

import torch

STEPS = 10

torch.set_default_dtype(torch.float64)
torch.manual_seed(20261123)


def rounded(tensor):
    """Inputs with few digits, so that the file is small and any reader gets the same number."""
    return torch.round(tensor * 1000) / 1000


def numbers(tensor):
    return [float(v) for v in tensor.detach().flatten()]


def step(layer, shape, relu, offset):
    x = rounded(torch.randn(shape) * 2 + offset).requires_grad_()
    dy = rounded(torch.randn(shape))
    layer.zero_grad()
    y = layer(x)
    if relu:
        y = torch.relu(y)
    y.backward(dy)
    result = {"x": numbers(x), "dy": numbers(dy), "y": numbers(y), "dx": numbers(x.grad)}
    if layer.affine:
        result["dweight"] = numbers(layer.weight.grad)
        result["dbias"] = numbers(layer.bias.grad)
    return result


def case(name, kind, shape, affine=True, relu=False, momentum=0.1):
    channels = shape[1]
    layer = kind(channels, affine=affine, momentum=momentum)
    golden = {"name": name, "shape": shape, "affine": affine, "relu": relu, "momentum": momentum}
    if affine:
        with torch.no_grad():
            layer.weight.copy_(rounded(torch.randn(channels)))
            layer.bias.copy_(rounded(torch.randn(channels)))
        golden["weight"] = numbers(layer.weight)
        golden["bias"] = numbers(layer.bias)
    golden["train"] = []
    for number in range(STEPS):
        result = step(layer, shape, relu, offset=0.3 * number)
        result["running_mean"] = numbers(layer.running_mean)
        result["running_var"] = numbers(layer.running_var)
        golden["train"].append(result)
    layer.eval()
    golden["eval"] = step(layer, shape, relu, offset=1)
    return golden


cases = [
    case("1d", torch.nn.BatchNorm1d, [6, 4]),
    case("1d, affine off", torch.nn.BatchNorm1d, [5, 3], affine=False),
    case("1d, series", torch.nn.BatchNorm1d, [3, 2, 5]),
    case("2d", torch.nn.BatchNorm2d, [2, 3, 3, 2]),
    case("2d, affine off", torch.nn.BatchNorm2d, [2, 3, 3, 2], affine=False),
    case("2d, one example", torch.nn.BatchNorm2d, [1, 2, 3, 3]),
    case("2d, cumulative average", torch.nn.BatchNorm2d, [2, 2, 2, 3], momentum=None),
    case("2d, then relu", torch.nn.BatchNorm2d, [2, 3, 3, 3], relu=True),
    case("3d", torch.nn.BatchNorm3d, [2, 2, 2, 3, 2]),
]
pathlib.Path(__file__).with_name("golden.json").write_text(
    "[\n" + ",\n".join(json.dumps(golden) for golden in cases) + "\n]\n")
