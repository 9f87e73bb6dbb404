"""Learning rates that change while a model trains: a schedule is called with the step, returns the rate.

The step is the number of updates made before, so the first one is 0. Schedules remember nothing: whoever
resumes a run needs no more than that number. Names, defaults and formulas are Keras's; in addition every
schedule can count in epochs (`unit="epochs"`).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from .arguments import is_number, require
from .registry import Configurable, Registry

Unit = Literal["steps", "epochs"]


class LearningRateSchedule(Configurable):
    """The base of schedules: a class whose call turns a step (0, 1, ...) into a learning rate.

    unit: what durations such as `decay_steps` are counted in. "epochs" needs `steps_per_epoch`.

    Raises ArgumentError for another unit.

    >>> class Halving(LearningRateSchedule):
    ...     def __init__(self, start):
    ...         self.start = start
    ...     def __call__(self, step):
    ...         return self.start * 0.5**step
    >>> Halving(0.8)(3)
    0.1
    """

    unit: Unit = "steps"
    steps_per_epoch: int | None = None
    """Set by the trainer when `fit` begins; only schedules that count in epochs look at it."""

    def __init__(self, unit: Unit = "steps") -> None:
        require(unit in ("steps", "epochs"), self, "unit", unit, "steps or epochs")
        self.unit = unit

    def __call__(self, step: int) -> float:
        """The learning rate for the update that follows `step` others."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(step)")

    def position(self, step: int) -> float:
        """`step`, counted in the schedule's unit; raises ValueError when `steps_per_unit` does."""
        return step if self.unit == "steps" else step / self.steps_per_unit

    @property
    def steps_per_unit(self) -> int:
        """How many steps a unit has: 1, or as many as an epoch.

        Raises ValueError as long as it takes the length of an epoch, and nobody has said it.
        """
        if self.unit == "steps":
            return 1
        if self.steps_per_epoch is None:
            raise ValueError(
                f"{type(self).__name__} counts in epochs and does not know how long they are: "
                f"train with fit, which says so, or set schedule.steps_per_epoch"
            )
        return self.steps_per_epoch


registry: Registry[LearningRateSchedule] = Registry("schedule", LearningRateSchedule)
register = registry.register
get = registry.create
ScheduleSpec = Annotated[str | Mapping[str, Any] | LearningRateSchedule, registry]


@register
class ExponentialDecay(LearningRateSchedule):
    """Multiplied by `decay_rate` every `decay_steps`: initial * decay_rate ** (step / decay_steps).

    staircase: whether the exponent is rounded down, so that the rate falls in jumps.

    initial_learning_rate: the rate at step 0, at least 0.
    decay_steps: how many steps (or epochs, see `unit`) bring one more factor, above 0.
    decay_rate: the factor, above 0; below 1 the rate falls.

    Raises ArgumentError when `decay_steps` or `decay_rate` is not positive, or a rate is negative.

    >>> schedule = ExponentialDecay(0.1, decay_steps=1000, decay_rate=0.5)
    >>> [schedule(step) for step in (0, 1000, 2000)]
    [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        unit: Unit = "steps",
    ) -> None:
        super().__init__(unit)
        _check_rate(self, "initial_learning_rate", initial_learning_rate)
        _check_positive(self, "decay_steps", decay_steps)
        _check_positive(self, "decay_rate", decay_rate)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase

    def __call__(self, step: int) -> float:
        periods = self.position(step) / self.decay_steps
        if self.staircase:
            periods = math.floor(periods)
        return float(self.initial_learning_rate * self.decay_rate**periods)


@register
class InverseTimeDecay(LearningRateSchedule):
    """Inversely proportional to time: initial / (1 + decay_rate * step / decay_steps).

    staircase: whether step / decay_steps is rounded down, so that the rate falls in jumps.

    initial_learning_rate: the rate at step 0, at least 0.
    decay_steps: how many steps (or epochs, see `unit`) count as one unit of time, above 0.
    decay_rate: how much the divisor grows in one unit of time, at least 0; 1 halves the rate after the first.

    Raises ArgumentError when `decay_steps` is not positive, or a rate is negative.

    >>> schedule = InverseTimeDecay(0.1, decay_steps=100, decay_rate=1.0)
    >>> [schedule(step) for step in (0, 100, 300)]
    [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        unit: Unit = "steps",
    ) -> None:
        super().__init__(unit)
        _check_rate(self, "initial_learning_rate", initial_learning_rate)
        _check_positive(self, "decay_steps", decay_steps)
        _check_rate(self, "decay_rate", decay_rate)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase

    def __call__(self, step: int) -> float:
        periods = self.position(step) / self.decay_steps
        if self.staircase:
            periods = math.floor(periods)
        return float(self.initial_learning_rate / (1 + self.decay_rate * periods))


@register
class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[0]` up to and including the step `boundaries[0]`, `values[1]` up to `boundaries[1]`, ...

    boundaries: the last step (or epoch, see `unit`) of each value but the last; rising, and one fewer than the values.

    values: the rates, at least 0: the first until the first boundary, the last behind the last one.

    Raises ArgumentError when they are not, or a value is negative.

    >>> schedule = PiecewiseConstantDecay([100, 200], [0.1, 0.01, 0.001])
    >>> [schedule(step) for step in (0, 100, 101, 5000)]
    [0.1, 0.1, 0.01, 0.001]
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], unit: Unit = "steps") -> None:
        super().__init__(unit)
        rising = all(a < b for a, b in pairwise(boundaries))
        require(rising, self, "boundaries", boundaries, "in rising order")
        count = len(boundaries) + 1
        require(len(values) == count, self, "values", values, f"{count} rates, one more than the boundaries")
        rates = all(is_number(v, 0) and v < math.inf for v in values)
        require(rates, self, "values", values, "rates of at least 0")
        self.boundaries = boundaries
        self.values = values

    def __call__(self, step: int) -> float:
        return float(self.values[bisect.bisect_left(self.boundaries, self.position(step))])


@register
class PolynomialDecay(LearningRateSchedule):
    """From the initial to the end rate: (initial - end) * (1 - step / decay_steps) ** power + end.

    cycle: whether, after `decay_steps`, it rises again and decays until twice, three times ... as many;
        otherwise it stays at the end.

    initial_learning_rate: the rate at step 0, at least 0.
    decay_steps: how many steps (or epochs, see `unit`) it takes to come down, above 0.
    end_learning_rate: the rate at the end, at least 0.
    power: 1 for a straight line down, more to fall faster at first, less to fall faster at last; at least 0.

    Raises ArgumentError when `decay_steps` is not positive, or a rate or `power` is negative.

    >>> schedule = PolynomialDecay(0.1, decay_steps=100, end_learning_rate=0.0)
    >>> [schedule(step) for step in (0, 50, 100, 101)]
    [0.1, 0.05, 0.0, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        unit: Unit = "steps",
    ) -> None:
        super().__init__(unit)
        _check_rate(self, "initial_learning_rate", initial_learning_rate)
        _check_positive(self, "decay_steps", decay_steps)
        _check_rate(self, "end_learning_rate", end_learning_rate)
        _check_rate(self, "power", power)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle

    def __call__(self, step: int) -> float:
        position = self.position(step)
        duration = self.decay_steps
        if self.cycle:
            duration *= max(1, math.ceil(position / duration))
        left = 1 - min(position, duration) / duration
        drop = self.initial_learning_rate - self.end_learning_rate
        return float(drop * left**self.power + self.end_learning_rate)


@register
class CosineDecay(LearningRateSchedule):
    """Half a cosine wave down to `alpha` times the peak, after an optional linear warm-up.

    With p = step / decay_steps, from 0 to 1: peak * ((1 - alpha) * (1 + cos(pi * p)) / 2 + alpha)
    (Loshchilov & Hutter, 2016). The peak is the initial rate, or `warmup_target` where that is given: then
    the rate first climbs from the initial rate to it in `warmup_steps`, and the decay begins from there.

    initial_learning_rate: the rate at step 0, at least 0.
    decay_steps: how many steps (or epochs, see `unit`) the way down takes, above 0; a warm-up comes before them.
    alpha: the least rate, as a fraction of the peak; at least 0.
    warmup_target: the peak that a warm-up leads to, at least 0; None for no warm-up.
    warmup_steps: how many steps (or epochs) the warm-up takes, at least 0.

    Raises ArgumentError when `decay_steps` is not positive, when a number is negative, or for
    `warmup_steps` without a `warmup_target`.

    >>> schedule = CosineDecay(0.0, decay_steps=100, warmup_target=0.1, warmup_steps=10)
    >>> [round(schedule(step), 4) for step in (0, 5, 10, 60, 110, 200)]
    [0.0, 0.05, 0.1, 0.05, 0.0, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        warmup_target: float | None = None,
        warmup_steps: float = 0,
        unit: Unit = "steps",
    ) -> None:
        super().__init__(unit)
        _check_rate(self, "initial_learning_rate", initial_learning_rate)
        _check_positive(self, "decay_steps", decay_steps)
        _check_rate(self, "alpha", alpha)
        _check_rate(self, "warmup_steps", warmup_steps)
        if warmup_target is None:
            require(warmup_steps == 0, self, "warmup_steps", warmup_steps, "0 without a warmup_target")
        else:
            _check_rate(self, "warmup_target", warmup_target)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: int) -> float:
        position = self.position(step)
        start, peak = self.initial_learning_rate, self.warmup_target
        if peak is None:
            peak = start
        elif position < self.warmup_steps:
            return float(start + (peak - start) * position / self.warmup_steps)
        progress = min((position - self.warmup_steps) / self.decay_steps, 1.0)
        return float(peak * ((1 - self.alpha) * _half_wave(progress) + self.alpha))


@register
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decays one after the other, each starting at the peak (SGDR; Loshchilov & Hutter, 2016).

    t_mul: how many times longer each cycle is than the one before; at least 1.
    m_mul: how many times higher each peak is than the one before; at least 0.
    alpha: the least rate, as a fraction of the initial one.

    initial_learning_rate: the peak of the first cycle, at least 0.
    first_decay_steps: how many steps (or epochs, see `unit`) the first cycle takes, above 0.

    Raises ArgumentError when `first_decay_steps` is not positive, `t_mul` below 1, or a number negative.

    >>> schedule = CosineDecayRestarts(0.1, first_decay_steps=100, m_mul=0.5)
    >>> [round(schedule(step), 4) for step in (0, 50, 100, 200, 300)]
    [0.1, 0.05, 0.05, 0.025, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        unit: Unit = "steps",
    ) -> None:
        super().__init__(unit)
        _check_rate(self, "initial_learning_rate", initial_learning_rate)
        _check_positive(self, "first_decay_steps", first_decay_steps)
        require(is_number(t_mul, 1) and t_mul < math.inf, self, "t_mul", t_mul, "a number of at least 1")
        _check_rate(self, "m_mul", m_mul)
        _check_rate(self, "alpha", alpha)
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha

    def __call__(self, step: int) -> float:
        position, cycle, duration = self.position(step), 0, self.first_decay_steps
        if self.t_mul == 1:
            cycle = math.floor(position / duration)
            position -= cycle * duration
        else:
            # Few rounds, since cycles grow; a logarithm would miss some restarts by one rounding.
            while position >= duration:
                position -= duration
                duration *= self.t_mul
                cycle += 1
        wave = self.m_mul**cycle * _half_wave(position / duration)
        return float(self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha))


@register
class OneCycle(LearningRateSchedule):
    """Up to the peak and down again, once in all of the training, each way along half a cosine wave.

    From max_learning_rate / div_factor at the first step to the maximum at step pct_start · n - 1, and on to
    max_learning_rate / div_factor / final_div_factor at step n - 1, where it stays; n is `total_steps`, counted in
    steps. From a to b the rate is b + (a - b) (1 + cos(pi · p)) / 2, p from 0 to 1. The policy is that of
    Smith & Topin 2018 (arXiv 1708.07120), the formula and the defaults those of PyTorch's OneCycleLR.

    pct_start: the part of the training, below 1, in which the rate climbs.

    max_learning_rate: the peak, at least 0.
    total_steps: how many steps (or epochs, see `unit`) all of it takes, above 0.
    div_factor: how many times lower than the peak the first rate is, above 0.
    final_div_factor: how many times lower than the first rate the last one is, above 0.

    Raises ArgumentError when `total_steps` or a factor is not positive, `pct_start` outside of [0, 1), or
    the rate negative.

    >>> schedule = OneCycle(0.1, total_steps=101, pct_start=51 / 101)
    >>> [round(schedule(step), 4) for step in (0, 25, 50, 75, 100)]
    [0.004, 0.052, 0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: float,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        unit: Unit = "steps",
    ) -> None:
        super().__init__(unit)
        _check_rate(self, "max_learning_rate", max_learning_rate)
        _check_positive(self, "total_steps", total_steps)
        is_part = is_number(pct_start, 0, 1) and pct_start < 1
        require(is_part, self, "pct_start", pct_start, "a number of at least 0 and below 1")
        _check_positive(self, "div_factor", div_factor)
        _check_positive(self, "final_div_factor", final_div_factor)
        self.max_learning_rate = max_learning_rate
        self.total_steps = total_steps
        self.pct_start = pct_start
        self.div_factor = div_factor
        self.final_div_factor = final_div_factor

    def __call__(self, step: int) -> float:
        last = self.total_steps * self.steps_per_unit - 1
        peak = self.pct_start * (last + 1) - 1
        start = self.max_learning_rate / self.div_factor
        if step < peak:
            return _along_wave(start, self.max_learning_rate, step / peak)
        end = start / self.final_div_factor
        return _along_wave(self.max_learning_rate, end, min((step - peak) / (last - peak), 1.0))


def _half_wave(progress: float) -> float:
    """From 1 at the start to 0 at the end (`progress` 0 to 1), flat at both."""
    return 0.5 * (1.0 + math.cos(math.pi * progress))


def _along_wave(start: float, end: float, progress: float) -> float:
    return float(end + (start - end) * _half_wave(progress))


def _check_rate(schedule: LearningRateSchedule, argument: str, value: float) -> None:
    require(is_number(value, 0) and value < math.inf, schedule, argument, value, "a number of at least 0")


def _check_positive(schedule: LearningRateSchedule, argument: str, value: float) -> None:
    require(is_number(value) and 0 < value < math.inf, schedule, argument, value, "a number above 0")
