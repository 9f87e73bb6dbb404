"""Adam with Nesterov's momentum."""

from __future__ import annotations

import numpy as np

from ..parameters import Array
from .adam import check_moments
from .averages import running_mean, running_mean_square
from .base import LearningRate, Optimizer, registry


@registry.register
class Nadam(Optimizer):
    """w -= lr m̂ / (√v̂ + ε) with m̂ = μₜ₊₁ m / (1 - μ₁⋯μₜ₊₁) + (1 - μₜ) g / (1 - μ₁⋯μₜ), v̂ = v / (1 - β₂ᵗ).

    m and v are running means of g and g² (β₁, β₂), and the momentum grows: μₜ = β₁ (1 - 0.96ᵗ / 2).

    beta_1: how much of the running mean of the gradients stays in the long run, in [0, 1); less in the first steps.
    beta_2: how much of the running mean of their squares stays at every step, in [0, 1).
    epsilon: added to the divisor, at least 0; it limits the steps where gradients are tiny.

    Raises ArgumentError for β outside of [0, 1) or ε < 0. Source: Dozat 2015, as in Keras.

    >>> Nadam(beta_2=0.99)
    Nadam(beta_2=0.99)
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
        self._known_product = (0, 1.0)

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        t = self.iterations + 1
        now, following = self._momentum(t), self._momentum(t + 1)
        product = self._momentum_product(t)
        root = (1 - self.beta_2**t) ** -0.5  # √v̂ = root · √v: what the other factors take in
        of_m = learning_rate * following / (1 - product * following) / root
        of_g = learning_rate * (1 - now) / (1 - product) / root
        epsilon = self.epsilon / root
        for w, g, m, v, step, scratch in self.blocks(value, grad, self.slots["m"], self.slots["v"], scratch=2):
            running_mean(m, g, self.beta_1, scratch)
            running_mean_square(v, g, self.beta_2, scratch)
            np.multiply(m, of_m, out=step)
            step += np.multiply(g, of_g, out=scratch)
            np.sqrt(v, out=scratch)
            scratch += epsilon
            step /= scratch
            w -= step

    def _momentum(self, t: int) -> float:
        return float(self.beta_1 * (1 - 0.5 * 0.96**t))

    def _momentum_product(self, t: int) -> float:
        """μ₁⋯μₜ: no state, since t says it all, but from one step to the next it takes one multiplication."""
        known, product = self._known_product
        if known > t:
            known, product = 0, 1.0
        for i in range(known + 1, t + 1):
            product *= self._momentum(i)
        self._known_product = (t, product)
        return product
