"""Stochastic gradient descent."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import LearningRate, Optimizer, registry


@registry.register
class SGD(Optimizer):
    """w += m with m = momentum · m - lr · g; with nesterov w += momentum · m - lr · g after that.

    Without momentum: w -= lr · g. The learning rate is inside of the velocity m, as in Keras.

    momentum: how much of the velocity stays at every step, in [0, 1]; 0 for none.
    nesterov: whether the step looks ahead along the velocity; without effect when momentum is 0.

    Raises ArgumentError for a momentum outside of [0, 1].

    >>> SGD(momentum=0.9, nesterov=True)
    SGD(momentum=0.9, nesterov=True)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        require(is_number(momentum, 0, 1), self, "momentum", momentum, "a number between 0 and 1")
        self.momentum = momentum
        self.nesterov = nesterov
        self.slot_names = ("momentum",) if momentum else ()

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        if not self.momentum:
            for w, g, step in self.blocks(value, grad):
                w -= np.multiply(g, learning_rate, out=step)
            return
        for w, g, velocity, step in self.blocks(value, grad, self.slots["momentum"]):
            velocity *= self.momentum
            velocity -= np.multiply(g, learning_rate, out=step)
            if self.nesterov:
                w -= step
                w += np.multiply(velocity, self.momentum, out=step)
            else:
                w += velocity
