#!/usr/bin/env python3
"""Makes none.onnx and bn.onnx in this folder: the reference CNN, as PyTorch exports it, without its weights.

    make_onnx.py            (Debian: apt-get install python3-torch python3-onnx)

The batch size is open. The weights are declared as external data, under the names of PyTorch's state_dict, in a file that does not
exist: whoever loads a model supplies them. So any weights can be used, and ONNX Runtime still knows them when it optimises. The last
node is a softmax. BN is left as it is, for ONNX Runtime to fold.
"""

import tempfile
from pathlib import Path

import onnx
import torch
from onnx import external_data_helper
from torch import nn

HERE = Path(__file__).parent


class ReferenceCnn(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, bias=not norm)
        self.bn1 = nn.BatchNorm2d(16) if norm else nn.Identity()
        self.conv2 = nn.Conv2d(16, 32, 5, bias=not norm)
        self.bn2 = nn.BatchNorm2d(32) if norm else nn.Identity()
        self.fc1 = nn.Linear(512, 128, bias=not norm)
        self.bn3 = nn.BatchNorm1d(128) if norm else nn.Identity()
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        x = nn.functional.max_pool2d(torch.relu(self.bn2(self.conv2(x))), 2)
        x = torch.relu(self.bn3(self.fc1(x.flatten(1))))
        return self.fc2(x).softmax(1)


def export(name, norm):
    net = ReferenceCnn(norm).eval()
    for tensor in net.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)  # weights that are alike would be exported as one
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            net,
            torch.zeros(2, 1, 28, 28),
            whole,
            opset_version=13,
            training=torch.onnx.TrainingMode.PRESERVE,  # otherwise BN is folded here, and its weights are gone
            do_constant_folding=False,
            input_names=["images"],
            output_names=["probabilities"],
            dynamic_axes={"images": {0: "n"}, "probabilities": {0: "n"}},
        )
        model = onnx.load(whole)
    onnx.checker.check_model(model)
    external_data_helper.convert_model_to_external_data(model, location="weights", size_threshold=0)
    for tensor in model.graph.initializer:
        if tensor.HasField("raw_data") and external_data_helper.uses_external_data(tensor):
            tensor.ClearField("raw_data")
    (HERE / name).write_bytes(model.SerializeToString())
    print(name, [tensor.name for tensor in model.graph.initializer])


export("none.onnx", norm=False)
export("bn.onnx", norm=True)
