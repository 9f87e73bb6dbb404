"""What all optimizers share: binding, counting, clipping, decay, learning rates."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from framework import Parameter, ParameterVector, optimizers, schedules
from framework.optimizers import SGD, Adam, Optimizer
from framework.registry import ArgumentError, UnknownNameError

CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def started(optimizer: Optimizer, *arrays: Any) -> ParameterVector:
    vector = ParameterVector.from_arrays(arrays)
    optimizer.bind(vector)
    return vector


class Signs(Optimizer):
    """The optimizer that a user might write."""

    slot_names = ("steps",)

    def update(self, value: Any, grad: Any, learning_rate: float) -> None:
        self.slots["steps"] += 1
        value -= learning_rate * np.sign(grad)


def test_an_optimizer_of_ones_own_needs_update_and_slot_names_alone() -> None:
    signs = Signs(0.5)
    vector = started(signs, [1.0, 2.0])
    vector.grad[...] = [3.0, -4.0]
    signs.step()
    assert vector.value.tolist() == [0.5, 2.5]
    assert signs.slots["steps"].tolist() == [1, 1]


def test_an_optimizer_without_update_says_what_is_missing() -> None:
    lazy = type("Lazy", (Optimizer,), {})(0.1)
    started(lazy, [1.0])
    with pytest.raises(NotImplementedError, match=r"Lazy must define update\(value, grad, learning_rate\)"):
        lazy.step()


def test_a_step_before_bind_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"SGD has no parameters yet: bind\(vector\) or compile a model first"):
        SGD().step()


def test_iterations_count_the_steps() -> None:
    sgd = SGD()
    started(sgd, [1.0])
    for _ in range(3):
        sgd.step()
    assert sgd.iterations == 3


def test_clipnorm_limits_each_parameter_by_itself() -> None:
    sgd = SGD(1.0, clipnorm=1.0)
    vector = started(sgd, [0.0, 0.0], [0.0])
    vector.grad[...] = [3.0, 4.0, 0.5]
    sgd.step()
    np.testing.assert_allclose(vector.value, [-0.6, -0.8, -0.5], rtol=1e-6)


def test_global_clipnorm_limits_all_parameters_together() -> None:
    sgd = SGD(1.0, global_clipnorm=1.0)
    vector = started(sgd, [0.0, 0.0], [0.0])
    vector.grad[...] = [2.0, 3.0, 6.0]
    sgd.step()
    np.testing.assert_allclose(vector.value, [-2 / 7, -3 / 7, -6 / 7], rtol=1e-6)


def test_clipvalue_limits_each_number() -> None:
    sgd = SGD(1.0, clipvalue=1.0)
    vector = started(sgd, [0.0, 0.0, 0.0])
    vector.grad[...] = [-2.0, 0.25, 6.0]
    sgd.step()
    assert vector.value.tolist() == [1.0, -0.25, -1.0]


@pytest.mark.parametrize("clip", CLIPS)
def test_a_gradient_of_zero_survives_clipping(clip: str) -> None:
    sgd = SGD(**{clip: 1.0})
    vector = started(sgd, [1.0])
    sgd.step()
    assert vector.value.tolist() == [1.0]


def test_weight_decay_shrinks_before_the_update_and_follows_the_learning_rate() -> None:
    sgd = SGD(0.5, weight_decay=0.1)
    vector = started(sgd, [2.0])
    vector.grad[...] = 1.0
    sgd.step()
    assert vector.value[0] == pytest.approx(2.0 * (1 - 0.1 * 0.5) - 0.5)


def test_the_learning_rate_can_be_set_between_steps() -> None:
    sgd = SGD(0.5)
    vector = started(sgd, [1.0])
    vector.grad[...] = 1.0
    sgd.step()
    sgd.learning_rate = 0.25
    sgd.step()
    assert vector.value.tolist() == [0.25]
    assert sgd.get_config()["learning_rate"] == 0.25


def test_a_schedule_is_asked_for_the_step_that_comes() -> None:
    sgd = SGD(schedules.PiecewiseConstantDecay([0, 1], [1.0, 0.5, 0.25]))
    started(sgd, [1.0])
    rates = []
    for _ in range(3):
        rates.append(sgd.learning_rate)
        sgd.step()
    assert rates == [1.0, 0.5, 0.25]


def test_the_learning_rate_of_a_schedule_cannot_be_set() -> None:
    sgd = SGD(schedules.ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(TypeError, match=r"follows ExponentialDecay\(.*\) and cannot be set to 0.5"):
        sgd.learning_rate = 0.5


def test_a_schedule_can_be_replaced_by_another() -> None:
    sgd = SGD(schedules.ExponentialDecay(0.1, 10, 0.5))
    sgd.learning_rate = schedules.ExponentialDecay(0.3, 10, 0.5)
    assert sgd.learning_rate == pytest.approx(0.3)


@pytest.mark.parametrize("rate", [1, np.float32(0.5), np.int64(2)])
def test_any_real_number_is_a_learning_rate(rate: Any) -> None:
    assert SGD(rate).learning_rate == float(rate)
    assert type(SGD(rate).learning_rate) is float


@pytest.mark.parametrize("rate", [-0.1, float("nan"), True, None, [0.1]])
def test_a_learning_rate_that_is_none_is_refused(rate: Any) -> None:
    with pytest.raises(ArgumentError, match="SGD: learning_rate must be a number of at least 0, or a schedule, got"):
        SGD(rate)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("value", [0, -1.0, True, "1", float("nan")])
def test_a_limit_that_is_none_is_refused(clip: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=f"Adam: {clip} must be a number above 0, got {value!r}") as caught:
        Adam(**{clip: value})
    assert caught.value.argument == clip


def test_two_clippings_are_refused() -> None:
    with pytest.raises(ArgumentError, match="use one of clipnorm, clipvalue and global_clipnorm, not clipnorm and"):
        SGD(clipnorm=1.0, global_clipnorm=1.0)


def test_a_negative_weight_decay_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"SGD: weight_decay must be a number of at least 0, got -0.1"):
        SGD(weight_decay=-0.1)


def test_binding_anew_keeps_the_slots_of_parameters_that_stay() -> None:
    a, b, c = (Parameter(name, (2,)) for name in "abc")
    sgd = SGD(0.1, momentum=0.9)
    vector = ParameterVector([a, b])
    sgd.bind(vector)
    vector.grad[...] = [1.0, 2.0, 3.0, 4.0]
    sgd.step()
    sgd.bind(ParameterVector([c, b]))
    np.testing.assert_allclose(sgd.slots["momentum"], [0, 0, -0.3, -0.4], rtol=1e-6)
    assert sgd.iterations == 1


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_a_copy_goes_on_as_the_original_does(copied: Any) -> None:
    adam = Adam(0.1)
    vector = started(adam, [1.0, -2.0], [0.5])
    for _ in range(3):
        vector.grad[...] = [0.1, 0.2, -0.3]
        adam.step()
    twin, twin_vector = copied((adam, vector))
    for optimizer, parameters in ((adam, vector), (twin, twin_vector)):
        parameters.grad[...] = [-0.2, 0.4, 0.1]
        optimizer.step()
    assert np.array_equal(vector.value, twin_vector.value)
    assert not np.shares_memory(vector.value, twin_vector.value)


@pytest.mark.parametrize("name", list(optimizers.registry))
def test_steps_keep_float32_and_allocate_no_other_vectors(name: str) -> None:
    optimizer = optimizers.get(name)
    vector = started(optimizer, np.ones(4), np.ones((2, 3)))
    before = [vector.value, vector.grad, *optimizer.slots.values()]
    vector.grad[...] = 0.5
    optimizer.step()
    after = [vector.value, vector.grad, *optimizer.slots.values()]
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert {a.dtype for a in after} == {np.dtype(np.float32)}


def test_a_misspelt_optimizer_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown optimizer 'adm'; did you mean 'adam'"):
        optimizers.get("adm")


def test_an_optimizer_serves_one_model() -> None:
    sgd = SGD(0.1)
    sgd.bind(ParameterVector.from_arrays([[1.0]]))
    with pytest.raises(ValueError, match="this SGD is at work on other parameters already"):
        sgd.bind(ParameterVector.from_arrays([[2.0]]))
