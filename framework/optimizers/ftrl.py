"""Follow the regularized leader, for sparse linear models."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array, Parameter
from .base import AT_LEAST_0, LearningRate, Optimizer, registry


@registry.register
class Ftrl(Optimizer):
    """w = (clip(z, -l1, l1) - z) / ((nᵖ + β) / lr + 2 l2) with z += g + 2 shrinkage · w - (nᵖ - n₀ᵖ) / lr · w.

    n is the sum of all g², n₀ what it was before the step, and p = -learning_rate_power. Weights whose |z|
    stays below l1 are exactly 0. A learning rate of 0, where the formula divides by it, leaves all as it is.

    learning_rate_power: at most 0; 0 keeps the rate, -0.5 lets it fall like Adagrad's.
    initial_accumulator_value: the first n; with 0, and neither l2 nor beta, a gradient of 0 makes the weight NaN.
    l1_regularization_strength: l1, at least 0; the larger, the more weights are exactly 0.
    l2_regularization_strength: l2, at least 0; pulls all weights towards 0.
    l2_shrinkage_regularization_strength: of an L2 penalty on the loss, at least 0.
    beta: β of the paper, at least 0; added to nᵖ, it makes the first steps smaller.

    Raises ArgumentError for a negative number, or a power above 0. Source: McMahan et al. 2013, as in Keras.

    >>> Ftrl(0.1, l1_regularization_strength=0.01)
    Ftrl(learning_rate=0.1, l1_regularization_strength=0.01)
    """

    slot_names = ("accumulator", "linear")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        require(
            is_number(learning_rate_power) and learning_rate_power <= 0,
            self,
            "learning_rate_power",
            learning_rate_power,
            "a number of at most 0",
        )
        for argument, number in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
            ("beta", beta),
        ):
            require(is_number(number, 0), self, argument, number, AT_LEAST_0)
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def slot_start(self, name: str, parameter: Parameter) -> float | Array:
        return self.initial_accumulator_value if name == "accumulator" else super().slot_start(name, parameter)

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        if learning_rate == 0:
            return
        l1, l2, shrinkage = (
            self.l1_regularization_strength,
            self.l2_regularization_strength,
            self.l2_shrinkage_regularization_strength,
        )
        n_and_z = self.slots["accumulator"], self.slots["linear"]
        for w, g, n, z, denominator, scratch in self.blocks(value, grad, *n_and_z, scratch=2):
            n_power = self._power(n, scratch)
            n += np.multiply(g, g, out=denominator)
            self._power(n, denominator)
            growth = np.subtract(denominator, n_power, out=scratch)
            growth *= w
            growth *= 1 / learning_rate
            z -= growth
            z += g
            if shrinkage:
                z += np.multiply(w, 2 * shrinkage, out=scratch)
            denominator += self.beta + 2 * l2 * learning_rate
            denominator *= 1 / learning_rate
            np.clip(z, -l1, l1, out=w)
            w -= z
            w /= denominator

    def _power(self, n: Array, out: Array) -> Array:
        if self.learning_rate_power == -0.5:  # the default; roots are much faster than powers
            return np.sqrt(n, out=out)
        return np.power(n, -self.learning_rate_power, out=out)
