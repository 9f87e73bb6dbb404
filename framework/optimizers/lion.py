"""Steps of one size, of which momentum decides the direction only."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .averages import SHARE, is_share, running_mean
from .base import LearningRate, Optimizer, registry


@registry.register
class Lion(Optimizer):
    """w -= lr sign(β₁ m + (1 - β₁) g), and then m = β₂ m + (1 - β₂) g.

    Every weight moves by the learning rate, whatever the size of its gradient: take a rate three to ten times
    lower than Adam's, and a weight decay as much higher. Raises ArgumentError for β₁ outside of (0, 1] or β₂
    outside of [0, 1). Source: Chen et al. 2023, arXiv 2302.06675.

    beta_1: the part of the running mean m in the direction of a step, in (0, 1].
    beta_2: how much of m itself stays at every step, in [0, 1).

    >>> Lion(1e-4, weight_decay=0.1)
    Lion(learning_rate=0.0001, weight_decay=0.1)
    """

    slot_names = ("momentum",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
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
        require(is_number(beta_1, 0, 1) and beta_1 > 0, self, "beta_1", beta_1, "a number above 0 and at most 1")
        require(is_share(beta_2), self, "beta_2", beta_2, SHARE)
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        share = (1 - self.beta_1) / self.beta_1  # only the sign of what is added up here counts
        for w, g, m, direction, sign in self.blocks(value, grad, self.slots["momentum"], scratch=2):
            np.multiply(g, share, out=direction)
            direction += m
            np.sign(direction, out=sign)  # in place it takes ten times as long
            sign *= learning_rate
            w -= sign
            running_mean(m, g, self.beta_2, sign)
