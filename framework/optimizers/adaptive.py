"""Optimizers that scale each parameter's step by the size of its gradients."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from ..registry import ArgumentError
from ..schedules import ScheduleSpec
from .base import AT_LEAST_0, Optimizer, registry

SHARE = "a number of at least 0 and below 1"


@registry.register
class Adam(Optimizer):
    """w -= α m / (√v + ε) with α = lr √(1 - β₂ᵗ) / (1 - β₁ᵗ), m and v running means of g and g².

    ε stands outside of the bias correction, as in Keras (section 2.1 of the paper), not in PyTorch.
    amsgrad: divides by the largest v so far. Raises ArgumentError for β outside of [0, 1) or ε < 0.
    Source: Kingma & Ba 2014, arXiv 1412.6980; Reddi et al. 2018 for amsgrad.

    >>> Adam(1e-3, beta_1=0.8)
    Adam(beta_1=0.8)
    """

    def __init__(
        self,
        learning_rate: float | ScheduleSpec = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = "adam",
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name)
        for argument, value in (("beta_1", beta_1), ("beta_2", beta_2)):
            require(_is_share(value), self, argument, value, SHARE)
        require(is_number(epsilon, 0), self, "epsilon", epsilon, AT_LEAST_0)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.slot_names = ("m", "v", "v_hat") if amsgrad else ("m", "v")

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        t = self.iterations + 1
        alpha = learning_rate * (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        m, v, scratch = self.slots["m"], self.slots["v"], self.scratch
        m *= self.beta_1
        m += np.multiply(grad, 1 - self.beta_1, out=scratch)
        v *= self.beta_2
        np.multiply(grad, grad, out=scratch)
        scratch *= 1 - self.beta_2
        v += scratch
        if self.amsgrad:
            v = np.maximum(self.slots["v_hat"], v, out=self.slots["v_hat"])
        np.sqrt(v, out=scratch)
        scratch += self.epsilon
        np.divide(m, scratch, out=scratch)
        scratch *= alpha
        value -= scratch


@registry.register(name="adamw")
class AdamW(Adam):
    """Adam with decoupled weight decay: w -= w · weight_decay · lr before each step.

    Raises ArgumentError when weight_decay is None. Source: Loshchilov & Hutter 2019, arXiv 1711.05101.

    >>> AdamW().weight_decay
    0.004
    """

    def __init__(
        self,
        learning_rate: float | ScheduleSpec = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = "adamw",
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW: weight_decay must be a number; without decay use Adam", "weight_decay")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm, clipvalue, global_clipnorm, name
        )


@registry.register(name="rmsprop")
class RMSprop(Optimizer):
    """w -= lr g / √(v + ε) with v a running mean of g², less the squared mean of g where centered.

    With momentum, that step goes into a velocity: m = momentum · m + step, w -= m.
    Raises ArgumentError for rho outside of [0, 1), momentum outside of [0, 1] or ε < 0.
    Source: Hinton 2012; ε inside of the root as in Keras.

    >>> RMSprop(rho=0.95)
    RMSprop(rho=0.95)
    """

    def __init__(
        self,
        learning_rate: float | ScheduleSpec = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = "rmsprop",
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name)
        require(_is_share(rho), self, "rho", rho, SHARE)
        require(is_number(momentum, 0, 1), self, "momentum", momentum, "a number between 0 and 1")
        require(is_number(epsilon, 0), self, "epsilon", epsilon, AT_LEAST_0)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered
        self.slot_names = ("velocity",) + ("momentum",) * bool(momentum) + ("average",) * centered

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        v, scratch = self.slots["velocity"], self.scratch
        v *= self.rho
        np.multiply(grad, grad, out=scratch)
        scratch *= 1 - self.rho
        v += scratch
        if self.centered:
            average = self.slots["average"]
            average *= self.rho
            average += np.multiply(grad, 1 - self.rho, out=scratch)
            np.multiply(average, average, out=scratch)
            np.subtract(v, scratch, out=scratch)
            np.maximum(scratch, 0, out=scratch)  # a variance, which rounding may take below zero
            scratch += self.epsilon
        else:
            np.add(v, self.epsilon, out=scratch)
        np.sqrt(scratch, out=scratch)
        np.divide(grad, scratch, out=scratch)
        scratch *= learning_rate
        if self.momentum:
            momentum = self.slots["momentum"]
            momentum *= self.momentum
            momentum += scratch
            value -= momentum
        else:
            value -= scratch


def _is_share(value: float) -> bool:
    return is_number(value, 0, 1) and value < 1
