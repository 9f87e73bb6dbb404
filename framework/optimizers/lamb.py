"""Adam whose steps are as long as each parameter is large, for big batches."""

from __future__ import annotations

import numpy as np

from ..parameters import Array
from .adam import check_moments
from .averages import running_mean, running_mean_square
from .base import LearningRate, Optimizer, registry


@registry.register
class Lamb(Optimizer):
    """w -= lr (‖w‖ / ‖d‖) d with d = m̂ / (√v̂ + ε), for each parameter (kernel, bias, ...) by itself.

    m̂ and v̂ are the running means of g and g², divided by 1 - βᵗ. Where either norm is 0, the ratio is 1.

    beta_1: how much of the running mean of the gradients stays at every step, in [0, 1).
    beta_2: how much of the running mean of their squares stays at every step, in [0, 1).
    epsilon: added to the divisor, at least 0; it limits the steps where gradients are tiny.

    Raises ArgumentError for β outside of [0, 1) or ε < 0. Source: You et al. 2019, arXiv 1904.00962.

    >>> Lamb(0.01)
    Lamb(learning_rate=0.01)
    """

    slot_names = ("m", "v")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
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
        check_moments(self, beta_1, beta_2, epsilon)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        t = self.iterations + 1
        mean, root = 1 / (1 - self.beta_1**t), (1 - self.beta_2**t) ** -0.5  # m̂ = mean · m and √v̂ = root · √v
        epsilon, direction = self.epsilon / root, self.scratch
        for g, m, v, d in self.blocks(grad, self.slots["m"], self.slots["v"], direction, scratch=0):
            running_mean(m, g, self.beta_1, d)
            running_mean_square(v, g, self.beta_2, d)
            np.sqrt(v, out=d)
            d += epsilon
            np.divide(m, d, out=d)
        for _, place in self.vector.places():
            w, d = value[place], direction[place]
            d *= learning_rate * _trust_ratio(w, d, mean / root)
            w -= d


def _trust_ratio(weights: Array, direction: Array, scale: float) -> float:
    """‖weights‖ / ‖direction‖; where one of them is 0, the `scale` that is missing to the direction instead."""
    squares = float(np.vdot(weights, weights)), float(np.vdot(direction, direction))
    return (squares[0] / squares[1]) ** 0.5 if min(squares) > 0 else scale
