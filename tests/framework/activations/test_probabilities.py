"""Softmax and its kin: distributions along an axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from framework import activations

BATCHES = arrays(np.float64, (3, 5), elements=st.floats(-100, 100))
DISTRIBUTIONS = [activations.Softmax(), activations.Sparsemax()]


@pytest.mark.parametrize("f", DISTRIBUTIONS, ids=repr)
@given(x=BATCHES)
def test_they_make_distributions(f, x):
    y = f(x)
    assert (y >= 0).all()
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-12)


@pytest.mark.parametrize("f", [*DISTRIBUTIONS, activations.LogSoftmax()], ids=repr)
@given(x=BATCHES, shift=st.sampled_from([1e4, -1e4, 0.1]))
def test_they_do_not_see_a_shift(f, x, shift):
    np.testing.assert_allclose(f(x + shift), f(x), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("f", [*DISTRIBUTIONS, activations.LogSoftmax()], ids=repr)
@given(x=BATCHES, order=st.permutations(range(5)))
def test_they_do_not_see_an_order(f, x, order):
    np.testing.assert_allclose(f(x[:, order]), f(x)[:, order], rtol=1e-12, atol=1e-12)


@given(BATCHES)
def test_log_softmax_is_the_logarithm_of_softmax(x):
    np.testing.assert_allclose(np.exp(activations.log_softmax(x)), activations.softmax(x), rtol=1e-12)


def test_log_softmax_is_exact_where_softmax_is_zero():
    assert activations.log_softmax([[0.0, 1e4]]).tolist() == [[-1e4, 0]]


def test_softmax_gives_the_numbers_in_keras_softmax_test():
    expected = [[0.21194157, 0.5761169, 0.21194157]] * 2
    np.testing.assert_allclose(activations.softmax([[1.0, 2.0, 1.0]] * 2), expected, rtol=1e-6)


@pytest.mark.parametrize("axes", [(1, 2), [2, 1], (-1, -2), (0, 1, 2)])
@pytest.mark.parametrize("cls", [activations.Softmax, activations.LogSoftmax])
def test_several_axes_share_one_distribution(cls, axes):
    # from Keras's activations_test.py
    x, dy = np.random.default_rng(0).standard_normal((2, 2, 3, 4))
    several, one = cls(axes), cls(-1)
    flat = (2, 12) if len(axes) == 2 else (1, 24)
    y, expected = several(x), one(x.reshape(flat))
    np.testing.assert_allclose(y.reshape(flat), expected, rtol=1e-12)
    gradient = one.backward(dy.reshape(flat).copy(), x.reshape(flat), expected)
    np.testing.assert_allclose(several.backward(dy.copy(), x, y).reshape(flat), gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("shape", "axis", "where"),
    [
        ((12,), -1, -1),
        ((6, 2), -1, (slice(None), -1)),
        ((4, 1, 3), -1, (slice(None), slice(None), -1)),
        ((6, 2), -2, -1),
    ],
)
def test_sparsemax_gives_the_numbers_in_keras_activations_test(shape, axis, where):
    expected = np.zeros(shape)
    expected[where] = 1
    np.testing.assert_array_equal(activations.sparsemax(np.linspace(1, 12, num=12).reshape(shape), axis), expected)
    np.testing.assert_array_equal(activations.sparsemax(np.linspace(1, 12, num=12).reshape(12, 1, 1), -2), 1)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5], [0, 0.1, 0.2, 0.3, 0.4]),  # τ = (1.5 - 0.1 - 1) / 4; Keras 3.15 has zeros
        ([0, 0.5, 1], [0, 0.25, 0.75]),
        ([2, 2, 2, 1], [1 / 3, 1 / 3, 1 / 3, 0]),
        ([1, 0], [1, 0]),
        ([-5, -5], [0.5, 0.5]),
    ],
)
def test_sparsemax_by_hand(x, expected):
    np.testing.assert_allclose(activations.sparsemax(x), expected, atol=1e-7)


@given(BATCHES, arrays(np.float64, (3, 5), elements=st.floats(0, 1)))
def test_sparsemax_is_the_nearest_distribution(x, other):
    other = (other + 0.01) / (other + 0.01).sum(axis=-1, keepdims=True)
    nearest = ((x - activations.sparsemax(x)) ** 2).sum(axis=-1)
    assert (nearest <= ((x - other) ** 2).sum(axis=-1) + 1e-9).all()


@given(st.permutations(range(5)))
def test_the_gradient_of_sparsemax_stays_within_its_support(order):
    x = np.array([[0.0, 0.5, 1.0, 0.8, -3.0]])[:, order]
    f = activations.Sparsemax()
    y = f(x)
    dx = f.backward(np.array([[1.0, 2.0, 4.0, 8.0, 16.0]]), x, y)
    assert dx.sum() == pytest.approx(0, abs=1e-12)
    assert (dx[y == 0] == 0).all()
