"""The checker of optimizers: every planted fault is caught, and by the check of the right name."""

import numpy as np
import pytest

from framework.optimizers import SGD, Adam, Optimizer
from framework.testing import CheckFailedError, check_optimizer


class Plain(Optimizer):
    """A right optimizer: gradient descent with a velocity."""

    slot_names = ("velocity",)

    def __init__(self, learning_rate=0.1):
        super().__init__(learning_rate)

    def update(self, value, grad, learning_rate):
        velocity = self.slots["velocity"]
        velocity *= 0.5
        velocity -= learning_rate * grad
        value += velocity


class Uphill(Plain):
    def update(self, value, grad, learning_rate):
        value += learning_rate * grad


class Standstill(Plain):
    def update(self, value, grad, learning_rate):
        value -= 1e-9 * grad


class NewVector(Plain):
    def update(self, value, grad, learning_rate):
        vars(self._vector)["value"] = value - learning_rate * grad


class NewSlot(Plain):
    def update(self, value, grad, learning_rate):
        self.slots["velocity"] = 0.5 * self.slots["velocity"] - learning_rate * grad
        value += self.slots["velocity"]


class Noisy(Plain):
    def update(self, value, grad, learning_rate):
        super().update(value, grad, learning_rate)
        value += 1e-6 * np.random.default_rng().standard_normal(value.shape)


class StateElsewhere(Plain):
    velocities = {}  # noqa: RUF012 - shared by the copies, which is the fault

    def bind(self, vector):
        super().bind(vector)
        self.velocities[id(vector)] = np.zeros_like(vector.value)
        self.key = id(vector)

    def update(self, value, grad, learning_rate):
        velocity = self.velocities[self.key]
        velocity *= 0.5
        velocity -= learning_rate * grad
        value += velocity


class CountsBesideTheSlots(Plain):
    def __init__(self, learning_rate=0.1):
        super().__init__(learning_rate)
        self.seen = 0

    def update(self, value, grad, learning_rate):
        self.seen += 1
        super().update(value, grad, learning_rate / self.seen)


class ForgetsWhenBound(Plain):
    def bind(self, vector):
        super().bind(vector)
        self.slots["velocity"][...] = 0


class AltersRate(Plain):
    def __init__(self, learning_rate=0.1):
        super().__init__(learning_rate / 2)


@pytest.mark.parametrize(
    ("cls", "check", "said"),
    [
        (Uphill, "descends", "ten updates lead uphill"),
        (Standstill, "descends", "after 2000 steps it is at"),
        (NewVector, "in place", "replaced the vector instead of writing into it"),
        (NewSlot, "in place", "replaced a slot instead of writing into it"),
        (Noisy, "deterministic", "two runs from the same start end differently"),
        (StateElsewhere, "copy continues", "a deep copy goes on differently"),
        (CountsBesideTheSlots, "state continues", "what is kept between steps belongs into slots"),
        (ForgetsWhenBound, "binding again", "binding the same parameters again changes what follows"),
        (AltersRate, "configuration", "from_config"),
    ],
)
def test_every_fault_planted_in_an_optimizer_is_caught_by_name(cls, check, said):
    with pytest.raises(CheckFailedError, match=rf"^{cls.__name__}, {check}: .*{said}"):
        check_optimizer(cls)


@pytest.mark.parametrize(
    "make",
    [
        Plain,
        SGD(0.1, momentum=0.9),
        lambda: Adam(0.01),
        Adam(0.01, gradient_accumulation_steps=4, use_ema=True, ema_overwrite_frequency=5),
    ],
    ids=["class", "instance", "function", "accumulating"],
)
def test_a_right_optimizer_passes(make):
    assert check_optimizer(make) == [
        "descends",
        "in place",
        "deterministic",
        "copy continues",
        "state continues",
        "binding again",
        "configuration",
    ]
