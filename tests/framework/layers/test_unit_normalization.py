"""Unit and RMS normalization: the numbers of Keras, the formula, and examples of no length."""

import numpy as np
import pytest

from framework.layers import RMSNormalization, UnitNormalization
from framework.registry import ArgumentError

X = np.array([[1, 2], [-1, 0.5], [0.3, -0.7], [2, 4]], np.float32)
DY = np.array([[1, -1], [0.2, 0], [2, 1], [-0.5, 0.3]], np.float32)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def batch_last(x):
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


# The numbers of Keras: computed by 3.15 (TensorFlow, float32), where no test of its own is named.


def test_unit_outputs_and_gradients_are_those_of_keras():
    layer = UnitNormalization()
    y = [[0.4472136, 0.8944272], [-0.8944272, 0.4472136], [0.39391932, -0.91914505], [0.4472136, 0.8944272]]
    dx = [[0.5366563, -0.26832816], [0.03577709, 0.07155418], [2.6940458, 1.1545911], [-0.11627553, 0.05813777]]
    np.testing.assert_allclose(layer(X), y, rtol=1e-6)
    np.testing.assert_allclose(layer.backward(DY.copy()), dx, rtol=2e-6)


def test_rms_outputs_and_gradients_are_those_of_keras():
    layer = RMSNormalization()
    layer(X)
    layer.set_weights([[1.5, -0.5]])
    y = [[0.94868314, -0.6324554], [-1.897365, -0.3162275], [0.8356277, 0.64993256], [0.94868326, -0.6324555]]
    dx = [[0.6324556, -0.31622747], [0.07589513, 0.15178894], [4.37024, 1.8729484], [-0.17076299, 0.08538149]]
    np.testing.assert_allclose(layer(X), y, rtol=1e-6)
    np.testing.assert_allclose(layer.backward(DY.copy()), dx, rtol=1e-5)
    np.testing.assert_allclose(layer.scale.grad, [1.1774158, -2.1853027], rtol=1e-6)


def test_ten_numbers_in_a_row_give_what_keras_gives():
    # test_output of Keras's rms_normalization_test.py.
    expected = [0, 0.18731716, 0.37463433, 0.5619515, 0.74926865, 0.9365858, 1.123903, 1.3112202, 1.4985373, 1.6858544]
    np.testing.assert_allclose(RMSNormalization()(np.arange(10)[None, :]), [expected], rtol=1e-6)


def test_tiny_examples_are_as_long_as_in_keras_and_their_gradient_too():
    layer = UnitNormalization()
    x = np.float32([[0, 0, 0], [1e-13, 0, 0], [3, 4, 0]])
    np.testing.assert_allclose(layer(x), [[0, 0, 0], [0.1, 0, 0], [0.6, 0.8, 0]], rtol=1e-6)
    dx = layer.backward(np.tile(np.float32([1, 2, 3]), (3, 1)))
    np.testing.assert_allclose(dx, [[1e12, 2e12, 3e12], [1e12, 2e12, 3e12], [-0.064, 0.048, 0.6]], rtol=2e-6)


# The formula.

AXES = [-1, 1, 2, [1, 2], [-1, 1], [3, 2, 1]]


@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
@pytest.mark.parametrize("axis", AXES, ids=str)
def test_unit_is_its_formula_for_any_axes_and_layout(axis, layout):
    x = layout(normal(4, 5, 6, 3))
    y = UnitNormalization(axis)(x)
    along = tuple(np.atleast_1d(axis))
    np.testing.assert_allclose(y, x / np.sqrt((x**2).sum(axis=along, keepdims=True)), atol=1e-6)
    np.testing.assert_allclose((y**2).sum(axis=along), 1, rtol=1e-5)


@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
@pytest.mark.parametrize("axis", AXES, ids=str)
def test_rms_is_its_formula_for_any_axes_and_layout(axis, layout):
    x = layout(normal(4, 5, 6, 3))
    along = tuple(np.atleast_1d(axis))
    y = RMSNormalization(axis, epsilon=0.01)(x)
    np.testing.assert_allclose(y, x / np.sqrt((x**2).mean(axis=along, keepdims=True) + 0.01), atol=1e-6)


def test_the_scale_lies_along_the_axes():
    layer, x = RMSNormalization([1, 3]), normal(2, 4, 5, 3)
    plain = layer(x)
    scale = normal(4, 3, seed=1)
    layer.set_weights([scale])
    np.testing.assert_allclose(layer(x), plain * scale[:, None, :], atol=1e-6)
    assert [(p.name, p.shape) for p in layer.weights] == [("scale", (4, 3))]


def test_the_size_of_an_example_does_not_matter():
    x, sizes = normal(3, 5), np.float32([[0.1], [1], [1000]])
    np.testing.assert_allclose(UnitNormalization()(x * sizes), UnitNormalization()(x), atol=1e-6)
    np.testing.assert_allclose(RMSNormalization(epsilon=0)(x * sizes), RMSNormalization(epsilon=0)(x), atol=1e-6)


@pytest.mark.parametrize("layer", [UnitNormalization(), RMSNormalization()], ids=repr)
def test_the_gradient_has_no_part_along_the_example(layer):
    x = normal(4, 6)
    layer(x)
    assert np.abs((layer.backward(normal(4, 6, seed=1)) * x).sum(axis=1)).max() < 1e-5


@pytest.mark.parametrize("layer", [UnitNormalization(), RMSNormalization()], ids=repr)
@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
def test_training_allocates_nothing_of_the_size_of_a_batch_and_keeps_its_layout(layer, layout):
    x, dy = layout(normal(3, 5, 4)), layout(normal(3, 5, 4, seed=1))
    layer(x)
    y = layer.forward(x, True)
    assert y.strides == x.strides
    assert np.shares_memory(layer.backward(dy), dy)
    assert np.shares_memory(layer.forward(x, True), y)


# What is refused.


@pytest.mark.parametrize("cls", [UnitNormalization, RMSNormalization])
@pytest.mark.parametrize("axis", [0, [1, 0], [], "1", 1.5, {"axis": -1}], ids=str)
def test_what_is_no_axis_of_an_example_is_refused(cls, axis):
    with pytest.raises(ArgumentError, match=f"{cls.__name__}: axis must be an axis of a batch") as caught:
        cls(axis)
    assert caught.value.argument == "axis"


@pytest.mark.parametrize("cls", [UnitNormalization, RMSNormalization])
@pytest.mark.parametrize("axis", [2, -2, [1, -1]], ids=str)
def test_axes_that_the_examples_do_not_have_are_refused_when_built(cls, axis):
    with pytest.raises(ValueError, match=rf"\({cls.__name__}\) has axis=.*, of which those of shape \(3,\) have one"):
        cls(axis)(np.ones((5, 3)))


def test_epsilon_must_not_be_negative():
    with pytest.raises(ArgumentError, match="RMSNormalization: epsilon must be a number of at least 0, got -1"):
        RMSNormalization(epsilon=-1)
