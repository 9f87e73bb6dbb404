"""PyTorch as its performance tuning guide has it for a CPU: examples in memory as tensors and batches by index instead
of a DataLoader, gradients set to None, inference mode; convolutions in channels-last memory and with the fused Adam.
The fused SGD was no quicker than the plain one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ..nets import channels_first
from .net import Array, Weights


def set_threads(n: int) -> None:
    torch.set_num_threads(n)


class Model:
    def __init__(self, net: nn.Module, weights: Weights, optimizer: Callable[[Any], torch.optim.Optimizer]) -> None:
        with torch.no_grad():
            for parameter, weight in zip(net.parameters(), weights, strict=True):
                parameter.copy_(torch.from_numpy(weight.T if weight.ndim == 2 else weight))
        self.net, self.optimizer = net, optimizer(net.parameters())

    def tensor(self, x: Array) -> torch.Tensor:
        x = torch.from_numpy(x)
        return x.permute(0, 3, 1, 2) if x.ndim == 4 else x  # a view: what lies in memory stays channels-last

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.y, self.rng = self.tensor(x), torch.from_numpy(y), np.random.default_rng(seed)

    def train(self, batch_size: int, epochs: int) -> None:
        self.net.train()
        for _ in range(epochs):
            for rows in torch.from_numpy(self.rng.permutation(len(self.x))).split(batch_size):
                self.optimizer.zero_grad(set_to_none=True)
                functional.cross_entropy(self.net(self.x[rows]), self.y[rows]).backward()
                self.optimizer.step()
        self.net.eval()

    @torch.inference_mode()
    def scores(self, x: Array) -> Array:
        return self.net(self.tensor(x)).numpy()

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        image = self.tensor(x)

        def probabilities() -> torch.Tensor:
            with torch.inference_mode():
                return functional.softmax(self.net(image), dim=1)

        return {"": probabilities}


def mlp(weights: Weights, learning_rate: float) -> Model:
    layers: list[nn.Module] = []
    for kernel in weights[::2]:
        layers += [nn.Linear(*kernel.shape), nn.ReLU()]
    return Model(nn.Sequential(*layers[:-1]), weights, lambda parameters: torch.optim.SGD(parameters, learning_rate))


def conv(weights: Weights, learning_rate: float) -> Model:
    k1, _, k2, _, w1, _, w2, _ = weights = channels_first(weights)
    net = nn.Sequential(
        nn.Conv2d(k1.shape[1], k1.shape[0], 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(k2.shape[1], k2.shape[0], 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(*w1.shape),
        nn.ReLU(),
        nn.Linear(*w2.shape),
    ).to(memory_format=torch.channels_last)
    return Model(net, weights, lambda parameters: torch.optim.Adam(parameters, learning_rate, fused=True))
