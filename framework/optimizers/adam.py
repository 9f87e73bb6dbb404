"""Adam and its variants: running means of the gradient and of its size, corrected for their start at zero."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from ..registry import ArgumentError
from .averages import SHARE, is_share, running_mean, running_mean_square
from .base import AT_LEAST_0, LearningRate, Optimizer, registry


def check_moments(optimizer: Optimizer, beta_1: float, beta_2: float, epsilon: float) -> None:
    """Raises ArgumentError for β outside of [0, 1) or ε < 0.

    >>> check_moments(Adam(), 0.9, 0.999, 1e-7)
    """
    require(is_share(beta_1), optimizer, "beta_1", beta_1, SHARE)
    require(is_share(beta_2), optimizer, "beta_2", beta_2, SHARE)
    require(is_number(epsilon, 0), optimizer, "epsilon", epsilon, AT_LEAST_0)


@registry.register
class Adam(Optimizer):
    """w -= α m / (√v + ε) with α = lr √(1 - β₂ᵗ) / (1 - β₁ᵗ), m and v running means of g and g².

    ε stands outside of the bias correction, as in Keras (section 2.1 of the paper), not in PyTorch.
    amsgrad: whether to divide by the largest v so far. Raises ArgumentError for β outside of [0, 1) or ε < 0.

    beta_1: how much of the running mean of the gradients stays at every step, in [0, 1).
    beta_2: how much of the running mean of their squares stays at every step, in [0, 1).
    epsilon: added to the divisor, at least 0; it limits the steps where gradients are tiny.

    Source: Kingma & Ba 2014, arXiv 1412.6980; Reddi et al. 2018 for amsgrad.

    >>> Adam(1e-3, beta_1=0.8)
    Adam(beta_1=0.8)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad
        self.slot_names = ("m", "v", "v_hat") if amsgrad else ("m", "v")

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        t = self.iterations + 1
        alpha = learning_rate * (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        slots, divisor = self.slots, "v_hat" if self.amsgrad else "v"
        for w, g, m, v, v_hat, scratch in self.blocks(value, grad, slots["m"], slots["v"], slots[divisor]):
            running_mean(m, g, self.beta_1, scratch)
            running_mean_square(v, g, self.beta_2, scratch)
            if self.amsgrad:
                np.maximum(v_hat, v, out=v_hat)
            np.sqrt(v_hat, out=scratch)
            scratch += self.epsilon
            np.divide(m, scratch, out=scratch)
            scratch *= alpha
            w -= scratch


@registry.register(name="adamw")
class AdamW(Adam):
    """Adam with decoupled weight decay: w -= w · weight_decay · lr before each step.

    weight_decay: the share, times the learning rate, by which every weight shrinks at each step; at least 0.

    Raises ArgumentError when weight_decay is None, and for what Adam refuses.
    Source: Loshchilov & Hutter 2019, arXiv 1711.05101.

    >>> AdamW().weight_decay
    0.004
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW: weight_decay must be a number; without decay use Adam", "weight_decay")
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
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


@registry.register
class Adamax(Optimizer):
    """w -= lr / (1 - β₁ᵗ) · m / (u + ε), m the running mean of g and u = max(β₂ u, |g|).

    Adam with the largest |g| of late in place of the root of v; a gradient that is zero for long is forgotten.

    beta_1: how much of the running mean of the gradients stays at every step, in [0, 1).
    beta_2: by how much the largest |g| fades at every step, in [0, 1): the nearer to 1, the slower.
    epsilon: added to the divisor, at least 0; it limits the steps where gradients are tiny.

    Raises ArgumentError for β outside of [0, 1) or ε < 0. Source: Kingma & Ba 2014, section 7.1.

    >>> Adamax(0.002)
    Adamax(learning_rate=0.002)
    """

    slot_names = ("m", "u")

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
        alpha = learning_rate / (1 - self.beta_1 ** (self.iterations + 1))
        for w, g, m, u, scratch in self.blocks(value, grad, self.slots["m"], self.slots["u"]):
            running_mean(m, g, self.beta_1, scratch)
            u *= self.beta_2
            np.maximum(u, np.abs(g, out=scratch), out=u)
            np.add(u, self.epsilon, out=scratch)
            np.divide(m, scratch, out=scratch)
            scratch *= alpha
            w -= scratch
