"""Optimizers that divide each gradient by the root of its squares so far, or of those of late."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array, Parameter
from .averages import SHARE, is_share, running_mean, running_mean_square
from .base import AT_LEAST_0, LearningRate, Optimizer, registry


@registry.register
class Adagrad(Optimizer):
    """w -= lr g / √(s + ε) with s the sum of all g² so far, which starts at initial_accumulator_value.

    initial_accumulator_value: of s, at least 0; the larger, the smaller the first steps.
    epsilon: added under the root, at least 0; it limits the steps where gradients are tiny.

    Raises ArgumentError for an initial value or ε below 0. Source: Duchi et al. 2011; ε inside of the root as in
    Keras. The paper's own learning rate is 1.

    >>> Adagrad(0.1)
    Adagrad(learning_rate=0.1)
    """

    slot_names = ("accumulator",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
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
        value = initial_accumulator_value
        require(is_number(value, 0), self, "initial_accumulator_value", value, AT_LEAST_0)
        require(is_number(epsilon, 0), self, "epsilon", epsilon, AT_LEAST_0)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def slot_start(self, name: str, parameter: Parameter) -> float | Array:
        return self.initial_accumulator_value if name == "accumulator" else super().slot_start(name, parameter)

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        for w, g, accumulator, scratch in self.blocks(value, grad, self.slots["accumulator"]):
            accumulator += np.multiply(g, g, out=scratch)
            np.add(accumulator, self.epsilon, out=scratch)
            np.sqrt(scratch, out=scratch)
            np.divide(g, scratch, out=scratch)
            scratch *= learning_rate
            w -= scratch


@registry.register(name="rmsprop")
class RMSprop(Optimizer):
    """w -= lr g / √(v + ε) with v a running mean of g², less the squared mean of g where centered.

    With momentum, that step goes into a velocity: m = momentum · m + step, w -= m.

    rho: how much of the running means stays at every step, in [0, 1).
    momentum: how much of the velocity stays at every step, in [0, 1]; 0 for none.
    epsilon: added under the root, at least 0; it limits the steps where gradients are tiny.
    centered: whether v is the variance of g, not the mean of g²; costs another vector.

    Raises ArgumentError for rho outside of [0, 1), momentum outside of [0, 1] or ε < 0.
    Source: Hinton 2012; ε inside of the root as in Keras.

    >>> RMSprop(rho=0.95)
    RMSprop(rho=0.95)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        require(is_share(rho), self, "rho", rho, SHARE)
        require(is_number(momentum, 0, 1), self, "momentum", momentum, "a number between 0 and 1")
        require(is_number(epsilon, 0), self, "epsilon", epsilon, AT_LEAST_0)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered
        self.slot_names = ("velocity",) + ("momentum",) * bool(momentum) + ("average_gradient",) * bool(centered)

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        # What there is no slot for is not looked at below; v takes its place.
        average = self.slots["average_gradient" if self.centered else "velocity"]
        momentum = self.slots["momentum" if self.momentum else "velocity"]
        for w, g, v, mean, m, scratch in self.blocks(value, grad, self.slots["velocity"], average, momentum):
            running_mean_square(v, g, self.rho, scratch)
            if self.centered:
                running_mean(mean, g, self.rho, scratch)
                np.multiply(mean, mean, out=scratch)
                np.subtract(v, scratch, out=scratch)
                np.maximum(scratch, 0, out=scratch)  # a variance, which rounding may take below zero
                scratch += self.epsilon
            else:
                np.add(v, self.epsilon, out=scratch)
            np.sqrt(scratch, out=scratch)
            np.divide(g, scratch, out=scratch)
            scratch *= learning_rate
            if self.momentum:
                m *= self.momentum
                m += scratch
                w -= m
            else:
                w -= scratch


@registry.register
class Adadelta(Optimizer):
    """w -= lr d with d = √(u + ε) g / √(v + ε), v a running mean of g² and u one of d².

    Steps have the size of those of late, so that a learning rate of 1, as in the paper, needs no tuning.

    rho: how much of both running means stays at every step, in [0, 1).
    epsilon: added under both roots, at least 0; it also sets the size of the very first steps.

    Raises ArgumentError for rho outside of [0, 1) or ε < 0. Source: Zeiler 2012, arXiv 1212.5701.

    >>> Adadelta(1.0)
    Adadelta(learning_rate=1.0)
    """

    slot_names = ("accumulated_grad", "accumulated_delta_var")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
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
        require(is_share(rho), self, "rho", rho, SHARE)
        require(is_number(epsilon, 0), self, "epsilon", epsilon, AT_LEAST_0)
        self.rho = rho
        self.epsilon = epsilon

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        v_and_u = self.slots["accumulated_grad"], self.slots["accumulated_delta_var"]
        for w, g, v, u, delta, scratch in self.blocks(value, grad, *v_and_u, scratch=2):
            running_mean_square(v, g, self.rho, scratch)
            np.add(v, self.epsilon, out=scratch)
            np.add(u, self.epsilon, out=delta)
            delta /= scratch
            np.sqrt(delta, out=delta)
            delta *= g
            running_mean_square(u, delta, self.rho, scratch)
            delta *= learning_rate
            w -= delta
