"""The check of an optimizer."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np

from ..optimizers import Optimizer
from ..parameters import ParameterVector
from .base import factory, require, run_checks


def check_optimizer(make: Callable[[], Optimizer] | Optimizer, steps: int = 2000) -> list[str]:
    """Checks an optimizer on a parabola.

    Checked: it goes downhill from the first updates on, and at least half of the way in all; works in place;
    same start, same bits; a copy, and another instance given its state, continue as the original does;
    binding the same parameters again changes nothing; configuration round trip.

    >>> from framework.optimizers import SGD
    >>> check_optimizer(lambda: SGD(0.1))[0]
    'descends'
    """
    check = _OptimizerCheck(factory(make), steps)
    checks: dict[str, Callable[[], None]] = {
        "descends": check.descends,
        "in place": check.in_place,
        "deterministic": check.deterministic,
        "copy continues": check.copy_continues,
        "state continues": check.state_continues,
        "binding again": check.binding_again,
        "configuration": check.configuration,
    }
    return run_checks(checks, check.label)


class _OptimizerCheck:
    def __init__(self, make: Callable[[], Optimizer], steps: int) -> None:
        self.make, self.steps = make, steps
        self.label = type(make()).__name__
        self.curvature = np.linspace(0.5, 2.0, 6)

    def vector(self) -> ParameterVector:
        return ParameterVector.from_arrays([[1.0, -1.0, 0.5], [[0.3], [-0.7], [0.9]]], np.float64)

    def height(self, vector: ParameterVector) -> float:
        return float(0.5 * (self.curvature * vector.value**2).sum())

    def walk(self, optimizer: Optimizer, vector: ParameterVector, steps: int) -> None:
        for _ in range(steps):
            vector.grad[...] = self.curvature * vector.value
            optimizer.step()

    def started(self) -> tuple[Optimizer, ParameterVector]:
        optimizer, vector = self.make(), self.vector()
        optimizer.bind(vector)
        return optimizer, vector

    def descends(self) -> None:
        optimizer, vector = self.started()
        start = self.height(vector)
        first = 10 * (optimizer.gradient_accumulation_steps or 1)
        self.walk(optimizer, vector, first)
        early = self.height(vector)
        require(early < start, f"ten updates lead uphill on a parabola, from {start:.4g} to {early:.4g}")
        self.walk(optimizer, vector, self.steps - first)
        end = self.height(vector)
        require(end < 0.5 * start, f"after {self.steps} steps it is at {end:.4g}, having started at {start:.4g}")
        require(optimizer.steps == self.steps, f"it counts {optimizer.steps} steps, not {self.steps}")

    def in_place(self) -> None:
        optimizer, vector = self.started()
        value, grad = vector.value, vector.grad
        slots = dict(optimizer.slots)
        self.walk(optimizer, vector, 3)
        require(vector.value is value and vector.grad is grad, "a step replaced the vector instead of writing into it")
        require(
            all(optimizer.slots[k] is v for k, v in slots.items()), "a step replaced a slot instead of writing into it"
        )

    def deterministic(self) -> None:
        ends = []
        for _ in range(2):
            optimizer, vector = self.started()
            self.walk(optimizer, vector, 20)
            ends.append(vector.value)
        require(np.array_equal(ends[0], ends[1]), "two runs from the same start end differently")

    def copy_continues(self) -> None:
        pair = self.started()
        self.walk(*pair, 10)
        twin = copy.deepcopy(pair)
        self.walk(*pair, 10)
        self.walk(*twin, 10)
        require(np.array_equal(pair[1].value, twin[1].value), "a deep copy goes on differently")

    def state_continues(self) -> None:
        pair = self.started()
        self.walk(*pair, 10)
        twin = self.started()
        twin[1].value[...] = pair[1].value
        twin[0].set_state(pair[0].get_state())
        self.walk(*pair, 10)
        self.walk(*twin, 10)
        require(
            np.array_equal(pair[1].value, twin[1].value),
            "another instance goes on differently after set_state(get_state()): what is kept between steps "
            "belongs into slots",
        )

    def binding_again(self) -> None:
        pair = self.started()
        self.walk(*pair, 10)
        twin = copy.deepcopy(pair)
        twin[0].bind(twin[1])
        self.walk(*pair, 10)
        self.walk(*twin, 10)
        require(np.array_equal(pair[1].value, twin[1].value), "binding the same parameters again changes what follows")

    def configuration(self) -> None:
        optimizer = self.make()
        again = type(optimizer).from_config(optimizer.get_config())
        require(
            again.get_config() == optimizer.get_config(),
            f"from_config(get_config()) gives {again!r}, not {optimizer!r}",
        )
