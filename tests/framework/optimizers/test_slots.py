"""What optimizers keep between steps: slots through binding, copies and saved states."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from framework import Parameter, ParameterVector, schedules
from framework.optimizers import SGD, Adafactor, Adagrad, Adam, Optimizer


def started(optimizer: Optimizer, *arrays: Any) -> ParameterVector:
    vector = ParameterVector.from_arrays(arrays)
    optimizer.bind(vector)
    return vector


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


def test_parameters_that_join_start_with_what_a_slot_starts_with() -> None:
    a, b = Parameter("a", (2,)), Parameter("b", (1,))
    adagrad = Adagrad(1.0, initial_accumulator_value=0.5, use_ema=True)
    vector = ParameterVector([a])
    adagrad.bind(vector)
    vector.grad[...] = 1.0
    adagrad.step()
    both = ParameterVector([b, a])
    b.value[...] = 7.0
    adagrad.bind(both)
    assert adagrad.slots["accumulator"].tolist() == [0.5, 1.5, 1.5]
    assert adagrad.slots["ema"].tolist() == both.value.tolist()


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


def test_an_optimizer_serves_one_model() -> None:
    sgd = SGD(0.1)
    sgd.bind(ParameterVector.from_arrays([[1.0]]))
    with pytest.raises(ValueError, match="this SGD is at work on other parameters already"):
        sgd.bind(ParameterVector.from_arrays([[2.0]]))


def test_nothing_may_be_bound_and_something_again_later() -> None:
    sgd = SGD(0.1, momentum=0.9)
    parameter = Parameter("w", (2,))
    for parameters in ([parameter], [], [parameter]):
        sgd.bind(ParameterVector(parameters))
        sgd.step()
    assert sgd.slots["momentum"].tolist() == [0.0, 0.0]


def test_parts_are_views_in_the_shapes_of_their_parameters() -> None:
    adam = Adam()
    started(adam, np.ones((2, 3)), np.ones(4))
    for _, part in adam.parts("m"):
        part[...] = part.ndim
    assert adam.slots["m"].tolist() == [2.0] * 6 + [1.0] * 4


SETTINGS = [
    lambda: SGD(0.1, momentum=0.9),
    lambda: Adam(schedules.ExponentialDecay(0.1, 5, 0.5), amsgrad=True),
    lambda: Adafactor(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
    lambda: Adam(0.1, gradient_accumulation_steps=3),
]


@pytest.mark.parametrize("make", SETTINGS)
def test_a_state_lets_another_instance_go_on(make: Any) -> None:
    first, second = make(), make()
    vectors = [started(optimizer, [[1.0, -2.0], [3.0, 0.5]], [0.5]) for optimizer in (first, second)]
    for i in range(4):
        vectors[0].grad[...] = [0.1 * i, 0.2, -0.3, 0.4, -0.5]
        first.step()
    vectors[1].value[...] = vectors[0].value
    second.set_state(first.get_state())
    for optimizer, vector in zip((first, second), vectors, strict=True):
        for _ in range(4):
            vector.grad[...] = [-0.2, 0.4, 0.1, -0.1, 0.3]
            optimizer.step()
    assert np.array_equal(vectors[0].value, vectors[1].value)
    assert first.steps == second.steps == 8


def test_a_state_is_a_snapshot() -> None:
    sgd = SGD(1.0, momentum=0.5)
    vector = started(sgd, [1.0])
    state = sgd.get_state()
    vector.grad[...] = 1.0
    sgd.step()
    assert state["slots"]["momentum"].tolist() == [0.0]
    assert (state["steps"], state["learning_rate"]) == (0, 1.0)
    slot = sgd.slots["momentum"]
    sgd.set_state(state)
    assert sgd.slots["momentum"] is slot
    assert (slot.tolist(), sgd.steps) == ([0.0], 0)


def test_a_learning_rate_that_was_lowered_comes_back_but_a_schedule_stays_in_charge() -> None:
    lowered, fresh, scheduled = SGD(0.1), SGD(0.1), SGD(schedules.ExponentialDecay(0.2, 5, 0.5))
    lowered.learning_rate = 0.01
    for sgd in (fresh, scheduled):
        sgd.set_state(lowered.get_state())
    assert fresh.learning_rate == 0.01
    assert scheduled.learning_rate == 0.2
    assert "learning_rate" not in scheduled.get_state()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, r"SGD: a state has steps \(a whole number\) and slots, got nothing"),
        ({"steps": 1.5, "slots": {}}, r"got steps \(float\), slots \(dict\)"),
        ({"steps": -1, "slots": {}}, "SGD: a state has steps"),
        ({"steps": 1, "slots": {}}, "the state has the slots none, this optimizer keeps momentum; bind it first"),
        ({"steps": 1, "slots": {"m": np.zeros(2), "v": np.zeros(2)}}, "the state has the slots m, v, this optimizer"),
        (
            {"steps": 1, "slots": {"momentum": np.zeros(3)}},
            r"slot 'momentum' has the shape \(2,\), in the state it has",
        ),
        ({"steps": 1, "slots": {"momentum": np.ones(2)}, "learning_rate": -1}, "SGD: learning_rate must be a number"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state: dict[str, Any], message: str) -> None:
    sgd = SGD(0.1, momentum=0.5)
    started(sgd, [1.0, 2.0])
    with pytest.raises(ValueError, match=message):
        sgd.set_state(state)
    assert (sgd.steps, sgd.learning_rate, sgd.slots["momentum"].tolist()) == (0, 0.1, [0.0, 0.0])


def test_blocks_are_parts_side_by_side_with_scratch_of_their_length(monkeypatch: pytest.MonkeyPatch) -> None:
    sgd = SGD()
    vector = started(sgd, np.arange(5.0))
    assert [len(parts) for parts in sgd.blocks(vector.value, vector.grad)] == [3]
    assert next(iter(sgd.blocks(vector.value)))[0] is vector.value
    monkeypatch.setattr("framework.optimizers.slots.BLOCK", 2)
    seen = []
    for value, grad, one, two in sgd.blocks(vector.value, vector.grad, scratch=2):
        assert len(value) == len(grad) == len(one) == len(two)
        assert not np.shares_memory(one, two)
        grad += 1
        seen += value.tolist()
    assert seen == [0, 1, 2, 3, 4]
    assert vector.grad.tolist() == [1] * 5
    assert [len(parts) for parts in sgd.blocks(vector.value, scratch=0)] == [1, 1, 1]


def test_there_are_as_many_scratch_arrays_as_asked_for_and_each_is_another() -> None:
    sgd = SGD()
    vector = started(sgd, np.arange(5.0))
    for value, *scratch in sgd.blocks(vector.value, scratch=4):
        assert [array.shape for array in scratch] == [value.shape] * 4
        for i, array in enumerate(scratch):
            array[...] = i
        assert [array[0] for array in scratch] == [0, 1, 2, 3]
