"""Laws of optimization that every optimizer keeps, or says here why it does not."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

from framework import Parameter, ParameterVector, optimizers
from framework.optimizers import SGD, Adafactor, Adam, Optimizer

from .cases import OPTIMIZERS

BUILT_IN = [n for n in optimizers.registry if optimizers.registry[n].__module__.startswith("framework.")]

RATES = {
    # Name: the rate for the parabola, and the one for Rosenbrock's valley.
    "sgd": (0.2, 0.002),
    "rmsprop": (0.01, 0.002),
    "adam": (0.05, 0.02),
    "adamw": (0.05, 0.02),
    "nadam": (0.05, 0.02),
    "adamax": (0.05, 0.04),
    "adagrad": (0.5, 0.5),
    "adadelta": (50.0, 0.5),
    "ftrl": (0.5, 0.5),
    "lion": (0.002, 0.002),
    "lamb": (0.01, 0.012),
    "adafactor": (0.05, 0.02),
}

PER_PARAMETER = {"lamb", "adafactor"}
"""Those that look at each parameter as a whole, so that it matters where one ends and the next begins."""

PULLED_WITHOUT_GRADIENT = {"ftrl"}
"""Ftrl puts a weight where its sums of gradients say, so the first step leads away from where it was put by hand."""

SCALE_FREE = {"rmsprop", "adam", "adamw", "nadam", "adamax", "adadelta", "lion", "lamb", "adafactor"}
"""Those that divide the gradient by its own size: with ε = 0, its scale does not matter."""


def make(name, rate=0.01, **settings):
    without_decay = {"weight_decay": 0.0} if name == "adamw" else {}
    return optimizers.registry[name](rate, **without_decay | settings)


def started(optimizer, *arrays, dtype=np.float64):
    vector = ParameterVector.from_arrays(arrays, dtype)
    optimizer.bind(vector)
    return vector


def walk(optimizer, vector, gradients):
    for gradient in gradients:
        vector.grad[...] = gradient
        optimizer.step()


def drawn(steps, size, seed=0):
    return np.random.default_rng(seed).normal(size=(steps, size))


def named(case):
    return case if isinstance(case, str) else repr(case)


def test_every_optimizer_has_its_rates():
    assert set(RATES) == set(BUILT_IN)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_minimum_of_a_parabola_is_reached(name):
    minimum, curvature = np.array([0.5, -0.3, 0.8, -1.0]), np.array([0.5, 1.0, 2.0, 4.0])
    optimizer = make(name, RATES[name][0])
    vector = started(optimizer, np.zeros(4) + 0.1)
    for _ in range(2000):
        vector.grad[...] = curvature * (vector.value - minimum)
        optimizer.step()
    np.testing.assert_allclose(vector.value, minimum, atol=0.02)


@pytest.mark.parametrize("name", BUILT_IN)
def test_rosenbrocks_valley_is_found_and_followed(name):
    def height(x, y):
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    optimizer = make(name, RATES[name][1])
    vector = started(optimizer, [-1.2, 1.0])
    for _ in range(3000):
        x, y = vector.value
        vector.grad[...] = [-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)]
        if name == "sgd":
            vector.grad *= min(1.0, 10 / np.linalg.norm(vector.grad))  # the walls of the valley are steep
        optimizer.step()
    assert height(*vector.value) < 0.3  # from 24.2; the valley's bottom falls from 4 to 0


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - PULLED_WITHOUT_GRADIENT))
def test_without_gradient_and_decay_nothing_moves(name):
    optimizer = make(name, 0.1)
    vector = started(optimizer, [1.0, -2.0, 0.0], [[3.0, 0.5]])
    before = vector.value.copy()
    walk(optimizer, vector, np.zeros((5, 5)))
    assert np.array_equal(vector.value, before)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_sign_of_all_decides_the_direction_only(name):
    ends = []
    for sign in (1.0, -1.0):
        optimizer = make(name)
        vector = started(optimizer, sign * np.array([1.0, -2.0]), sign * np.array([[0.5, 3.0]]))
        walk(optimizer, vector, sign * drawn(6, 4))
        ends.append(sign * vector.value)
    np.testing.assert_allclose(*ends, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(SCALE_FREE))
@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_the_scale_of_the_gradients_does_not_matter(name, scale):
    ends = []
    for factor in (1.0, scale):
        settings = {"lion": {}, "adafactor": {"epsilon_1": 0.0}}.get(name, {"epsilon": 0.0})
        optimizer = make(name, **settings)
        vector = started(optimizer, [1.0, -2.0], [[0.5, 3.0]])
        if name == "adadelta":
            optimizer.slots["accumulated_delta_var"][...] = 0.1  # otherwise it stands still with ε = 0
        walk(optimizer, vector, factor * drawn(6, 4))
        ends.append(vector.value)
    np.testing.assert_allclose(*ends, rtol=1e-9)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=named)
def test_the_same_gradients_lead_to_the_same_bits(optimizer):
    ends = []
    for _ in range(2):
        twin = type(optimizer).from_config(optimizer.get_config())
        vector = started(twin, np.ones((2, 3)), np.ones(3), dtype=np.float32)
        walk(twin, vector, drawn(12, 9))
        ends.append(vector.value)
    assert np.array_equal(*ends)


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - PER_PARAMETER))
@pytest.mark.parametrize("settings", [{}, {"clipvalue": 0.5, "use_ema": True}, {"clipnorm": 0.5}], ids=repr)
def test_parameters_that_share_a_vector_do_not_know_of_each_other(name, settings):
    gradients = drawn(6, 7)
    together = make(name, **settings)
    vector = started(together, [1.0, -2.0, 0.5], [[0.3, -0.4], [3.0, 0.1]])
    walk(together, vector, gradients)
    alone = []
    for array, part in (([1.0, -2.0, 0.5], gradients[:, :3]), ([[0.3, -0.4], [3.0, 0.1]], gradients[:, 3:])):
        optimizer = make(name, **settings)
        own = started(optimizer, array)
        walk(optimizer, own, part)
        alone.append(own.value)
    assert np.array_equal(vector.value, np.concatenate(alone))


@pytest.mark.parametrize("name", sorted(PER_PARAMETER))
def test_nor_do_those_of_optimizers_that_look_at_each_as_a_whole(name):
    gradients = drawn(6, 7)
    arrays, parts = ([1.0, -2.0, 0.5], [[0.3, -0.4], [3.0, 0.1]]), (gradients[:, :3], gradients[:, 3:])
    together = make(name)
    vector = started(together, *arrays)
    walk(together, vector, gradients)
    alone = []
    for array, part in zip(arrays, parts, strict=True):
        optimizer = make(name)
        own = started(optimizer, array)
        walk(optimizer, own, part)
        alone.append(own.value)
    np.testing.assert_allclose(vector.value, np.concatenate(alone), rtol=1e-14)


def clipped(**settings):
    sgd = SGD(0.0, **settings)
    vector = started(sgd, np.zeros((3, 4)), np.zeros(5))
    vector.grad[...] = 3 * drawn(1, 17)[0]
    before = vector.grad.copy()
    sgd.step()
    return before, vector.grad, vector


@pytest.mark.parametrize("limit", [0.1, 1.0, 100.0])
def test_clipping_by_norm_limits_the_norm_and_keeps_the_direction(limit):
    before, after, vector = clipped(global_clipnorm=limit)
    assert np.linalg.norm(after) <= limit * (1 + 1e-12)
    np.testing.assert_allclose(after, before * min(1.0, limit / np.linalg.norm(before)))
    before, after, vector = clipped(clipnorm=limit)
    for _, place in vector.places():
        assert np.linalg.norm(after[place]) <= limit * (1 + 1e-12)
        np.testing.assert_allclose(after[place], before[place] * min(1.0, limit / np.linalg.norm(before[place])))


@pytest.mark.parametrize("limit", [0.1, 1.0, 100.0])
def test_clipping_by_value_limits_each_number_and_leaves_small_ones(limit):
    before, after, _ = clipped(clipvalue=limit)
    assert np.abs(after).max() <= limit
    small = np.abs(before) <= limit
    assert np.array_equal(after[small], before[small])


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("several", [2, 4])
def test_several_equal_gradients_accumulated_are_one_step(name, several):
    once, often = make(name), make(name, gradient_accumulation_steps=several)
    vectors = [started(optimizer, [1.0, -2.0], [[0.5, 3.0]]) for optimizer in (once, often)]
    gradients = drawn(5, 4)
    walk(once, vectors[0], gradients)
    walk(often, vectors[1], gradients.repeat(several, axis=0))
    assert np.array_equal(vectors[0].value, vectors[1].value)
    assert once.iterations == often.iterations == 5


@pytest.mark.parametrize("name", BUILT_IN)
def test_accumulated_gradients_count_as_their_mean(name):
    # As in Keras's test: eight updates with a decay of 0.05, from three random gradients each.
    once, often = (make(name, weight_decay=0.05, gradient_accumulation_steps=several) for several in (None, 3))
    vectors = [started(optimizer, [[0.9], [0.5]]) for optimizer in (once, often)]
    gradients = np.random.default_rng(1).random((8, 3, 2))
    walk(once, vectors[0], gradients.mean(axis=1))
    walk(often, vectors[1], gradients.reshape(24, 2))
    np.testing.assert_allclose(vectors[0].value, vectors[1].value, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.99, 1.0])
def test_the_average_of_weights_that_stand_still_is_those_weights(momentum):
    sgd = SGD(0.1, use_ema=True, ema_momentum=momentum, ema_overwrite_frequency=3)
    vector = started(sgd, [0.1, -1 / 3, 1e-30], dtype=np.float32)
    before = vector.value.copy()
    walk(sgd, vector, np.zeros((50, 3)))
    assert np.array_equal(sgd.slots["ema"], before)
    assert np.array_equal(vector.value, before)


@pytest.mark.parametrize("name", BUILT_IN)
def test_averages_watch_and_do_not_interfere(name):
    plain, averaging = make(name), make(name, use_ema=True)
    vectors = [started(optimizer, [1.0, -2.0], [[0.5, 3.0]]) for optimizer in (plain, averaging)]
    seen = []
    for gradient in drawn(6, 4):
        walk(plain, vectors[0], [gradient])
        walk(averaging, vectors[1], [gradient])
        seen.append(vectors[1].value.copy())
    assert np.array_equal(vectors[0].value, vectors[1].value)
    low, high = np.min(seen, axis=0), np.max(seen, axis=0)
    assert (low <= averaging.slots["ema"]).all()
    assert (averaging.slots["ema"] <= high).all()


def pickled(pair):
    return pickle.loads(pickle.dumps(pair))


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=named)
def test_copies_go_on_bit_by_bit(optimizer, copied):
    first = type(optimizer).from_config(optimizer.get_config())
    vector = started(first, np.ones((2, 3)), np.ones(3), dtype=np.float32)
    gradients = drawn(14, 9)
    walk(first, vector, gradients[:7])
    second, other = copied((first, vector))
    walk(first, vector, gradients[7:])
    walk(second, other, gradients[7:])
    assert np.array_equal(vector.value, other.value)
    assert not np.shares_memory(vector.value, other.value)


@pytest.mark.parametrize("name", BUILT_IN)
def test_parameters_go_on_as_if_nothing_happened_when_others_are_frozen_and_freed(name):
    frozen, kept = Parameter("frozen", (2, 2)), Parameter("kept", (2, 3))
    optimizer = make(name, use_ema=True, gradient_accumulation_steps=2)
    optimizer.bind(ParameterVector([frozen, kept], np.float64))
    alone = make(name, use_ema=True, gradient_accumulation_steps=2)
    vector = started(alone, np.ones((2, 3)))
    kept.value[...] = 1.0
    for i, gradient in enumerate(drawn(9, 6)):
        walk(alone, vector, [gradient])
        kept.grad[...] = gradient.reshape(2, 3)
        optimizer.step()
        if i == 2:
            optimizer.bind(ParameterVector([kept], np.float64))
        if i == 5:
            optimizer.bind(ParameterVector([kept, frozen], np.float64))
    assert np.array_equal(kept.value.ravel(), vector.value)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=named)
def test_a_step_allocates_no_vector(optimizer):
    twin = type(optimizer).from_config(optimizer.get_config())
    vector = started(twin, np.ones((200, 300)), np.ones(300), dtype=np.float32)
    gradient = drawn(1, vector.size)[0].astype(np.float32)
    walk(twin, vector, [gradient] * 5)  # what is kept for results in between is there now
    tracemalloc.start()
    try:
        for _ in range(5):
            vector.grad[...] = gradient
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            twin.step()
            assert tracemalloc.get_traced_memory()[1] - before < vector.value.nbytes / 2
    finally:
        tracemalloc.stop()


def test_optimizers_written_without_settings_keep_the_laws_of_them():
    class Descent(Optimizer):
        def __init__(self, learning_rate=0.01):
            super().__init__(learning_rate)

        def update(self, value, grad, learning_rate):
            value -= learning_rate * grad

    for settings in ({"clipnorm": 0.5}, {"weight_decay": 0.1}, {"use_ema": True, "ema_overwrite_frequency": 2}):
        ends = []
        for cls in (Descent, SGD):
            optimizer = cls.from_config({"learning_rate": 0.1} | settings)
            vector = started(optimizer, [1.0, -2.0, 0.5])
            walk(optimizer, vector, drawn(6, 3))
            ends.append(vector.value)
        np.testing.assert_allclose(*ends, rtol=1e-12)
    assert Adam.common_arguments is Descent.common_arguments


def peak_growth(act, times=3):
    """By how much memory in use rises above what is there before a call, at most."""
    tracemalloc.start()
    try:
        growth = 0
        for _ in range(times):
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            act()
            growth = max(growth, tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return growth


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=named)
def test_a_step_allocates_nothing_of_the_size_of_the_model(optimizer):
    twin = type(optimizer).from_config(optimizer.get_config())
    vector = started(twin, np.ones((400, 500)), np.ones(500), dtype=np.float32)
    walk(twin, vector, [drawn(1, vector.size)[0]] * 5)  # what is kept for results in between is there now
    # The vector has 802,000 bytes; Adafactor multiplies rows by columns, which NumPy does in pieces of 32,768.
    assert peak_growth(twin.step, times=5) < (80_000 if isinstance(twin, Adafactor) else 10_000)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=named)
def test_the_size_of_the_blocks_changes_no_bit(optimizer, monkeypatch):
    ends = []
    for block in (2**18, 5):
        monkeypatch.setattr("framework.optimizers.slots.BLOCK", block)
        twin = type(optimizer).from_config(optimizer.get_config())
        vector = started(twin, np.ones((2, 3)), np.ones(5))
        walk(twin, vector, drawn(12, 11))
        ends.append([vector.value, *twin.slots.values()])
    for one, other in zip(*ends, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - PER_PARAMETER))
def test_results_in_between_take_the_memory_of_a_block_and_not_of_the_model(name, monkeypatch):
    monkeypatch.setattr("framework.optimizers.slots.BLOCK", 100)
    optimizer = make(name, use_ema=True)
    vector = started(optimizer, np.ones(1000))
    walk(optimizer, vector, drawn(2, 1000))
    optimizer.swap_ema()
    assert sum(buffer.size for buffer in optimizer._buffers.values()) <= 200
