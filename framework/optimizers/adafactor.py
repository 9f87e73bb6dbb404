"""Adaptive steps at the memory of one row and one column for each matrix."""

from __future__ import annotations

import math

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array, Shape
from .base import AT_LEAST_0, LearningRate, Optimizer, registry


@registry.register
class Adafactor(Optimizer):
    """w -= α u / max(1, rms(u) / clip_threshold) with u = g / √v and α = max(ε₂, rms(w)) min(lr, 1/√t).

    v is a running mean of g² + ε₁ with the decay 1 - tᵇ, b = beta_2_decay. Of a parameter with two axes or more
    only the means over its last axis (r, "row") and over the one before (c, "column") are kept, and v is taken
    to be r c / mean(r); rms is the root of the mean square over the parameter.

    relative_step: stored and without effect, as in Keras, where the rate never exceeds 1/√t in any case.

    beta_2_decay: b, at most 0; the lower, the sooner v remembers for long.
    epsilon_1: added to g², at least 0; it limits u where gradients are tiny.
    epsilon_2: the least scale of the steps, at least 0; weights around 0 could not move without it.
    clip_threshold: the largest root mean square of an update u, above 0.

    Raises ArgumentError for a negative ε, a threshold that is not positive or a decay above 0.
    Source: Shazeer & Stern 2018, arXiv 1804.04235, as in Keras.

    >>> Adafactor(0.01)
    Adafactor(learning_rate=0.01)
    """

    slot_names = ("row", "column", "velocity")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            gradient_accumulation_steps,
            name,
        )
        falls = is_number(beta_2_decay) and beta_2_decay <= 0
        require(falls, self, "beta_2_decay", beta_2_decay, "a number of at most 0")
        require(is_number(epsilon_1, 0), self, "epsilon_1", epsilon_1, AT_LEAST_0)
        require(is_number(epsilon_2, 0), self, "epsilon_2", epsilon_2, AT_LEAST_0)
        positive = is_number(clip_threshold, 0) and clip_threshold > 0
        require(positive, self, "clip_threshold", clip_threshold, "a number above 0")
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def slot_shape(self, name: str, shape: Shape) -> Shape:
        factored = len(shape) >= 2
        if name == "row":
            return shape[:-1] if factored else (0,)
        if name == "column":
            return (*shape[:-2], shape[-1]) if factored else (0,)
        if name == "velocity":
            return (0,) if factored else shape
        return super().slot_shape(name, shape)

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        t = self.iterations + 1
        decay = 1 - t**self.beta_2_decay
        rate = min(learning_rate, t**-0.5)
        scratch = self.buffer("scratch", (max((p.size for p in self.vector), default=0),), value.dtype)
        for (parameter, row), (_, column), (_, velocity) in zip(*map(self.parts, self.slot_names), strict=True):
            if parameter.size == 0:
                continue
            w, g, u = parameter.value, parameter.grad, scratch[: parameter.size].reshape(parameter.shape)
            np.multiply(g, g, out=u)
            if g.ndim >= 2:  # 1 / √v is the product of one factor for each row and one for each column
                rows, columns = g.shape[-2:]
                _move_towards(row, u @ _mean(columns, u) + self.epsilon_1, decay)
                _move_towards(column, _mean(rows, u) @ u + self.epsilon_1, decay)
                share = row / row.mean(axis=-1, keepdims=True)
                np.multiply((share**-0.5)[..., None], (column**-0.5)[..., None, :], out=u)
                u *= g
            else:
                u += self.epsilon_1
                _move_towards(velocity, u, decay)
                np.sqrt(velocity, out=u)
                np.divide(g, u, out=u)
            alpha = max(self.epsilon_2, _rms(w)) * rate
            u *= alpha / max(1.0, _rms(u) / self.clip_threshold)
            w -= u


def _move_towards(mean: Array, sample: Array, decay: float) -> None:
    """mean = decay · mean + (1 - decay) · sample; the sample is overwritten."""
    mean *= decay
    sample *= 1 - decay
    mean += sample


def _mean(n: int, x: Array) -> Array:
    """What a product with takes the mean over an axis of n, much faster than `mean`."""
    return np.full(n, 1 / n, x.dtype)


def _rms(array: Array) -> float:
    return math.sqrt(float(np.vdot(array, array)) / array.size)
