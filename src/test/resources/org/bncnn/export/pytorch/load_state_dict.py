#!/usr/bin/env python3
"""Loads a safetensors file into the article's network, as strictly as PyTorch can, and prints what the network then gives, as JSON.

    load_state_dict.py FILE            (Debian: apt-get install python3-torch)
"""

import json
import sys

import torch
from make_state_dict import Cnn, load, measured

if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors = load(sys.argv[1])
    net = Cnn(norm="bn1.weight" in tensors)
    net.load_state_dict(tensors, strict=True)
    print(json.dumps(measured(net)))
