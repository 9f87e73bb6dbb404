"""The contract of an optimizer: it sees two flat vectors and a step count, never a layer."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Self, TypeAlias

import numpy as np

from .. import schedules
from ..arguments import is_number, is_whole, require
from ..parameters import Array, Parameter, ParameterVector
from ..registry import ArgumentError, Registry, snake_case
from ..schedules import LearningRateSchedule, ScheduleSpec
from .slots import SlotKeeper

AT_LEAST_0 = "a number of at least 0"
CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")

LearningRate: TypeAlias = float | ScheduleSpec | Callable[[], float]


class Optimizer(SlotKeeper):
    """Moves parameters against their gradients, in place.

    A step, in Keras's order: add up gradients until `gradient_accumulation_steps` are there, and take their
    mean; clip it; shrink the weights (`weight_decay`, but for those of `exclude_from_weight_decay`); `update`;
    average the weights (`use_ema`); apply the constraints; count. Steps that only add up a gradient average,
    constrain and count as well.

    An optimizer of your own defines `update(value, grad, learning_rate)` and names the vectors it keeps
    between steps in `slot_names`; everything is a vector operation on all parameters at once. The settings
    below are there without being named in its constructor: in YAML, or, before the model is compiled, as
    `optimizer.clipnorm = 1.0`.

    learning_rate: a number of at least 0, a schedule, or a function without arguments (which cannot be saved).
        Schedules are asked with the number of gradients so far (`steps`).
    weight_decay: decoupled, value -= value · weight_decay · learning_rate; None for none.
    clipnorm: the largest norm of each parameter's gradient, above 0; None for no limit. At most one of this,
        clipvalue and global_clipnorm.
    clipvalue: the largest size of each single number of the gradients, above 0; None for no limit.
    global_clipnorm: the largest norm of all gradients together, above 0; None for no limit.
    use_ema: whether an exponential moving average of the weights is kept, ema = ema_momentum · ema +
        (1 - ema_momentum) · weights, as the slot "ema". It replaces the weights when training ends (`finalize`).
    ema_momentum: how much of the average stays at every update, in [0, 1]; without effect unless use_ema.
    ema_overwrite_frequency: after how many updates the average replaces the weights, again and again; None for
        only when training ends.
    gradient_accumulation_steps: how many gradients make an update; at least 2, or None.
    name: that of the class in snake case unless given.

    Raises ArgumentError for values that make no sense.

    >>> from framework.optimizers import SGD
    >>> vector = ParameterVector.from_arrays([[1.0, 2.0]])
    >>> sgd = SGD(learning_rate=0.5)
    >>> sgd.bind(vector)
    >>> vector.grad[...] = 1.0
    >>> sgd.step()
    >>> vector.value
    array([0.5, 1.5], dtype=float32)
    """

    _learning_rate: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        optimizer = super().__new__(cls)
        optimizer._excluded = []
        optimizer._excluded_names = ()
        return optimizer

    _excluded: list[Parameter]
    _excluded_names: tuple[str, ...]
    _decayed: list[slice]
    _constrained: list[Parameter]

    def __init__(
        self,
        learning_rate: LearningRate,
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
        self._learning_rate = self._checked_learning_rate(learning_rate)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.name = name
        self.check_common_arguments()

    def check_common_arguments(self) -> None:
        decay = self.weight_decay
        require(decay is None or is_number(decay, 0), self, "weight_decay", decay, AT_LEAST_0)
        limits = {name: getattr(self, name) for name in CLIPS}
        for name, limit in limits.items():
            require(limit is None or (is_number(limit) and limit > 0), self, name, limit, "a number above 0")
        given = [name for name, limit in limits.items() if limit is not None]
        if len(given) > 1:
            raise ArgumentError(
                f"{type(self).__name__}: use one of clipnorm, clipvalue and global_clipnorm, not {' and '.join(given)}",
                given[1],
            )
        momentum, frequency = self.ema_momentum, self.ema_overwrite_frequency
        require(is_number(momentum, 0, 1), self, "ema_momentum", momentum, "a number between 0 and 1")
        positive = frequency is None or is_whole(frequency, 1)
        require(positive, self, "ema_overwrite_frequency", frequency, "a positive whole number, or None")
        several = self.gradient_accumulation_steps
        enough = several is None or is_whole(several, 2)
        require(enough, self, "gradient_accumulation_steps", several, "a whole number of at least 2, or None")

    @property
    def name(self) -> str:
        return snake_case(type(self).__name__) if self._name is None else self._name

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    # What an optimizer defines.

    def update(self, value: Array, grad: Array, learning_rate: float) -> None:
        """One step: changes `value` in place, given the gradient.

        `self.scratch` is free for intermediate results; `blocks` is for large models and costs small ones nothing.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update(value, grad, learning_rate)")

    # What trainers call.

    def bind(self, vector: ParameterVector) -> None:
        """Takes charge of these parameters; slots of parameters it had before are kept, others start anew.

        Raises ValueError when it is at work on other parameters, such as those of another model, and
        ArgumentError for settings that have been changed to what makes no sense.
        """
        self.check_common_arguments()
        super().bind(vector)
        self._constrained = [p for p in vector if p.constraint is not None]
        self._decayed = self._decayed_places(vector)

    def all_slot_names(self) -> tuple[str, ...]:
        accumulates = self.gradient_accumulation_steps is not None
        return (*self.slot_names, *("gradient_accumulator",) * accumulates, *("ema",) * bool(self.use_ema))

    def step(self) -> None:
        """One step along the gradients that are in the bound vector.

        Raises ValueError when no vector is bound.
        """
        vector = self.vector
        value, grad = vector.value, vector.grad
        if self._completes(grad):
            learning_rate = self.learning_rate
            self._clip(vector)
            self._decay(value, learning_rate)
            self.update(value, grad, learning_rate)
        if self.use_ema:
            self._average(value)
        for parameter in self._constrained:
            parameter.constraint.project(parameter.value)  # type: ignore[union-attr]
        self.steps += 1

    def finalize(self) -> None:
        """The end of training: with `use_ema`, the averages become the weights."""
        if self.use_ema and self.steps:
            if self.swapped:
                self.swap_ema()
            self.vector.value[...] = self.slots["ema"]

    def swap_ema(self) -> None:
        """Exchanges the weights and their averages; a second call takes it back.

        Raises ValueError when no averages are kept.
        """
        if "ema" not in self.slots:
            raise ValueError(f"this {type(self).__name__} keeps no averages: make it with use_ema=True")
        for value, ema, scratch in self.blocks(self.vector.value, self.slots["ema"]):
            scratch[...] = value
            value[...] = ema
            ema[...] = scratch
        self.swapped = not self.swapped

    swapped = False
    """Whether the averages are in the place of the weights just now."""

    @property
    def iterations(self) -> int:
        """How many updates have been made."""
        return self.steps // (self.gradient_accumulation_steps or 1)

    @iterations.setter
    def iterations(self, updates: int) -> None:
        self.steps = updates * (self.gradient_accumulation_steps or 1)

    # The learning rate.

    @property
    def learning_rate(self) -> float:
        """The rate of the next step; it can be set, unless a schedule or a function is in charge (TypeError)."""
        rate = self._learning_rate
        if isinstance(rate, float):
            return rate
        return float(rate(self.steps) if isinstance(rate, LearningRateSchedule) else rate())

    @learning_rate.setter
    def learning_rate(self, value: LearningRate) -> None:
        if not isinstance(self._learning_rate, float) and is_number(value):
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
        if isinstance(value, Mapping | LearningRateSchedule) or (
            isinstance(value, str) and not _reads_as_number(value)
        ):
            return schedules.get(value)
        if callable(value) and not isinstance(value, type):
            return value
        fits = is_number(value, 0) and value < math.inf
        require(fits, self, "learning_rate", value, f"{AT_LEAST_0}, or a schedule")
        return float(value)

    # The parts of a step.

    def _completes(self, grad: Array) -> bool:
        """Whether it is time for an update; `grad` then holds the mean of the gradients since the last one."""
        several = self.gradient_accumulation_steps
        if several is None:
            return True
        accumulator = self.slots["gradient_accumulator"]
        if (self.steps + 1) % several:
            accumulator += grad
            return False
        grad += accumulator
        grad /= several
        accumulator[...] = 0
        return True

    def _clip(self, vector: ParameterVector) -> None:
        if self.clipvalue is not None:
            np.clip(vector.grad, -self.clipvalue, self.clipvalue, out=vector.grad)
        elif self.clipnorm is not None:
            for parameter in vector:
                _limit_norm(parameter.grad, self.clipnorm)
        elif self.global_clipnorm is not None:
            _limit_norm(vector.grad, self.global_clipnorm)

    def _decay(self, value: Array, learning_rate: float) -> None:
        if self.weight_decay:
            for place in self._decayed:
                decayed = value[place]
                decayed *= 1 - self.weight_decay * learning_rate

    def _average(self, value: Array) -> None:
        ema, frequency = self.slots["ema"], self.ema_overwrite_frequency
        if self.iterations == 0:
            ema[...] = value
        else:  # ema += (1 - momentum) (value - ema): constant weights have themselves as their average, to the bit
            for weights, average, change in self.blocks(value, ema):
                np.subtract(weights, average, out=change)
                change *= 1 - self.ema_momentum
                average += change
        if frequency is not None and (self.iterations + 1) % frequency == 0:
            value[...] = ema

    def exclude_from_weight_decay(
        self, var_list: Iterable[Parameter] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Spares these parameters, and those with one of these texts in their names, from `weight_decay`.

        It replaces what was excluded before, and is no part of the configuration, as in Keras: a loaded
        model has to be told again. Raises TypeError for a single text in place of a list.

        >>> from framework.optimizers import AdamW
        >>> AdamW().exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        """
        if isinstance(var_names, str):
            raise TypeError(f"var_names must be a list of texts, such as [{var_names!r}], got {var_names!r}")
        self._excluded = list(var_list or ())
        self._excluded_names = tuple(var_names or ())
        if self._vector is not None:
            self._decayed = self._decayed_places(self._vector)

    def _decayed_places(self, vector: ParameterVector) -> list[slice]:
        """The decayed parameters' slices of the vector, neighbours joined."""
        excluded = {id(p) for p in self._excluded}
        joined: list[slice] = []
        for parameter, place in vector.places():
            if id(parameter) in excluded or any(text in parameter.name for text in self._excluded_names):
                continue
            if joined and joined[-1].stop == place.start:
                place = slice(joined.pop().start, place.stop)
            joined.append(place)
        return joined

    # The state.

    def slot_start(self, name: str, parameter: Parameter) -> float | Array:
        return parameter.value if name == "ema" else super().slot_start(name, parameter)

    def get_state(self) -> dict[str, Any]:
        """All it takes to go on later: `steps`, copies of the `slots`, and a `learning_rate` that is a number."""
        rate = self._learning_rate
        return super().get_state() | ({"learning_rate": rate} if isinstance(rate, float) else {})

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where another optimizer of the same kind was when `get_state` was called.

        Both must have been bound to parameters of the same shapes. A schedule, where there is one, stays in
        charge of the learning rate. Raises ValueError, before anything is changed, when the state does not fit.
        """
        rate = self._checked_learning_rate(state.get("learning_rate", 0.0))
        super().set_state(state)
        if "learning_rate" in state and isinstance(self._learning_rate, float):
            self._learning_rate = rate


Optimizer.common_arguments = {
    name: parameter
    for name, parameter in inspect.signature(Optimizer.__init__, eval_str=True).parameters.items()
    if name not in ("self", "learning_rate")
}


def _limit_norm(grad: Array, limit: float) -> None:
    norm = float(np.vdot(grad, grad)) ** 0.5
    if not norm <= limit:  # also where it is NaN, which all of the gradient becomes then, as in Keras
        grad *= limit / norm


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


registry: Registry[Optimizer] = Registry("optimizer", Optimizer)
OptimizerSpec = Annotated[str | Mapping[str, Any] | Optimizer, registry]
