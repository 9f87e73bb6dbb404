"""The contract of an optimizer: it sees two flat vectors and a step count, never a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np

from .. import schedules
from ..arguments import is_number, require
from ..parameters import Array, Parameter, ParameterVector
from ..registry import ArgumentError, Configurable, Registry
from ..schedules import LearningRateSchedule, ScheduleSpec

AT_LEAST_0 = "a number of at least 0"


class Optimizer(Configurable):
    """Moves parameters against their gradients, in place.

    A step, in Keras's order: clip the gradient, shrink the weights (`weight_decay`), `update`, count.
    An optimizer of your own defines `update(value, grad, learning_rate)` and names the vectors it keeps
    between steps in `slot_names`; everything is a vector operation on all parameters at once.

    learning_rate: a number of at least 0, or a schedule. weight_decay: decoupled, value -= value · decay · lr.
    clipnorm limits the norm of each parameter's gradient, global_clipnorm that of all together, clipvalue
    each single number; at most one of the three. Raises ArgumentError for values that make no sense.

    >>> from framework.optimizers import SGD
    >>> vector = ParameterVector.from_arrays([[1.0, 2.0]])
    >>> sgd = SGD(learning_rate=0.5)
    >>> sgd.bind(vector)
    >>> vector.grad[...] = 1.0
    >>> sgd.step()
    >>> vector.value
    array([0.5, 1.5], dtype=float32)
    """

    slot_names: tuple[str, ...] = ()
    """Vectors like the parameters, zero at first, that `update` finds in `self.slots`."""

    iterations: int
    """How many steps have been made."""
    slots: dict[str, Array]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        optimizer = super().__new__(cls)
        optimizer.iterations = 0
        optimizer.slots = {}
        optimizer._vector = None
        return optimizer

    _vector: ParameterVector | None
    _learning_rate: Any

    def __init__(
        self,
        learning_rate: float | ScheduleSpec,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        self._learning_rate = self._checked_learning_rate(learning_rate)
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        require(weight_decay is None or is_number(weight_decay, 0), self, "weight_decay", weight_decay, AT_LEAST_0)
        for argument, value in clips.items():
            require(value is None or (is_number(value) and value > 0), self, argument, value, "a number above 0")
        given = [argument for argument, value in clips.items() if value is not None]
        if len(given) > 1:
            raise ArgumentError(
                f"{type(self).__name__}: use one of clipnorm, clipvalue and global_clipnorm, not {' and '.join(given)}",
                given[1],
            )
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.name = name

    # What an optimizer defines.

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        """One step: changes `value` in place, given the gradient; `self.scratch` is free to use."""
        raise NotImplementedError(f"{type(self).__name__} must define update(value, grad, learning_rate)")

    # What trainers call.

    def bind(self, vector: ParameterVector) -> None:
        """Takes charge of these parameters; slots of parameters it had before are kept, others start at zero.

        Raises ValueError when it is at work on other parameters, such as those of another model.
        """
        if self._vector is not None and self._vector.size and vector.size:
            before = {id(p) for p in self._vector}
            if not any(id(p) in before for p in vector):
                raise ValueError(
                    f"this {type(self).__name__} is at work on other parameters already; make another one with "
                    f"{type(self).__name__}.from_config(optimizer.get_config())"
                )
        slots = {name: np.zeros_like(vector.value) for name in self.slot_names}
        if self._vector is not None:
            old = {id(p): place for p, place in self._vector.places()}
            for parameter, place in vector.places():
                if id(parameter) in old:
                    for name, slot in slots.items():
                        slot[place] = self.slots[name][old[id(parameter)]]
        self.slots = slots
        self.scratch = np.empty_like(vector.value)
        self._vector = vector

    def step(self) -> None:
        """One step along the gradients that are in the bound vector.

        Raises ValueError when no vector is bound.
        """
        if self._vector is None:
            raise ValueError(f"{type(self).__name__} has no parameters yet: bind(vector) or compile a model first")
        value, grad = self._vector.value, self._vector.grad
        learning_rate = self.learning_rate
        self._clip(self._vector)
        if self.weight_decay:
            value *= 1 - self.weight_decay * learning_rate
        self.update(value, grad, learning_rate)
        self.iterations += 1

    @property
    def learning_rate(self) -> float:
        """The rate of the next step; it can be set, unless a schedule is in charge (TypeError)."""
        rate = self._learning_rate
        return rate if isinstance(rate, float) else float(rate(self.iterations))

    @learning_rate.setter
    def learning_rate(self, value: float | ScheduleSpec) -> None:
        if self.schedule is not None and is_number(value):
            raise TypeError(
                f"the learning rate of this {type(self).__name__} follows {self._learning_rate!r} and cannot be set "
                f"to {value!r}; construct it with a number to control it yourself"
            )
        self._learning_rate = self._checked_learning_rate(value)

    @property
    def schedule(self) -> LearningRateSchedule | None:
        """The schedule that the learning rate follows, if any."""
        return self._learning_rate if isinstance(self._learning_rate, LearningRateSchedule) else None

    def _checked_learning_rate(self, value: Any) -> Any:
        if isinstance(value, str | Mapping | LearningRateSchedule):
            return schedules.get(value)
        require(is_number(value, 0), self, "learning_rate", value, "a number of at least 0, or a schedule")
        return float(value)

    def _clip(self, vector: ParameterVector) -> None:
        if self.clipvalue is not None:
            np.clip(vector.grad, -self.clipvalue, self.clipvalue, out=vector.grad)
        elif self.clipnorm is not None:
            for parameter in vector:
                _limit_norm(parameter, self.clipnorm)
        elif self.global_clipnorm is not None:
            norm = float(np.vdot(vector.grad, vector.grad)) ** 0.5
            if norm > self.global_clipnorm:
                vector.grad *= self.global_clipnorm / norm

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"scratch": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self._vector is not None:
            self.scratch = np.empty_like(self._vector.value)

    scratch: Array
    """A vector like the parameters, for intermediate results."""


def _limit_norm(parameter: Parameter, limit: float) -> None:
    norm = float(np.vdot(parameter.grad, parameter.grad)) ** 0.5
    if norm > limit:
        parameter.grad[...] *= limit / norm


registry: Registry[Optimizer] = Registry("optimizer", Optimizer)
OptimizerSpec = Annotated[str | Mapping[str, Any] | Optimizer, registry]
