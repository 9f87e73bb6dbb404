"""Five steps along made-up gradients, for comparison with numbers computed with Keras 3.15."""

from __future__ import annotations

from framework import ParameterVector
from framework.optimizers import Optimizer

FIRST = [[[1.0, -2.0, 0.5], [0.25, -0.75, 3.0]], [0.1, -0.2, 0.3]]


def gradients(step: int) -> list[float]:
    t = step + 1
    return [0.5 * t, -1.0, 0.25, 2.0 / t, -0.125 * t, 1.5, 0.3 * t - 1.0, -0.6, 0.05 * t]


def walk(optimizer: Optimizer, steps: int = 5) -> list[float]:
    vector = ParameterVector.from_arrays(FIRST)
    optimizer.bind(vector)
    for step in range(steps):
        vector.grad[...] = gradients(step)
        optimizer.step()
    return vector.value.tolist()
