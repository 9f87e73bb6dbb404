"""Layer and group normalization: the numbers of Keras, the formula, and what changes nothing."""

import numpy as np
import pytest

from framework.layers import GroupNormalization, LayerNormalization
from framework.registry import ArgumentError, UnknownNameError

X = np.array([[1, 2], [-1, 0.5], [0.3, -0.7], [2, 4]], np.float32)
DY = np.array([[1, -1], [0.2, 0], [2, 1], [-0.5, 0.3]], np.float32)


def normal(*shape, mean=0.0, scale=1.0, seed=0):
    return (mean + scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def batch_last(x):
    """The same numbers, with the batch running fastest in memory, as convolutions give them."""
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


def plain_groups(groups, axis=-1, **arguments):
    return GroupNormalization(groups, axis, scale=False, center=False, **arguments)


# The numbers of Keras.


@pytest.mark.parametrize("layer", [LayerNormalization(), GroupNormalization(1)], ids=repr)
def test_outputs_and_gradients_are_those_of_keras(layer):
    # Computed by Keras 3.15 (TensorFlow, float32); of two features, it takes nearly all of the gradient back.
    layer(X)
    layer.set_weights([[1.5, -0.5], [0.1, 0.2]])
    expected_y = [[-1.3970089, -0.299003], [-1.3986685, -0.29955614], [1.5970091, 0.69900304], [-1.399251, -0.2997501]]
    expected_dx = [
        [0.00397593, -0.00397599],
        [0.0003546, -0.0003546],
        [0.01391578, -0.01391602],
        [-0.00029954, 0.00029951],
    ]
    np.testing.assert_allclose(layer(X), expected_y, rtol=1e-6)
    np.testing.assert_allclose(layer.backward(DY.copy()), expected_dx, atol=5e-7)
    np.testing.assert_allclose(layer.gamma.grad, [1.2979338, -1.696162], rtol=1e-6)
    np.testing.assert_allclose(layer.beta.grad, [2.7, 0.3], rtol=1e-6)


def test_five_numbers_in_a_row_give_what_keras_gives():
    # test_output of Keras's layer_normalization_test.py.
    layer = LayerNormalization(beta_initializer="ones", gamma_initializer="ones")
    y = layer(np.arange(5)[None, :])
    np.testing.assert_allclose(y, [[-0.41386, 0.29307, 1.0, 1.70693, 2.41386]], atol=1e-5)


GROUPS_OF_KERAS = {
    # From Keras's group_normalization_test.py: groups, axis, x, y.
    "test_correctness_instance_norm": (
        *(4, -1, [[[-1, 1, 0, 2], [1, 3, -4, -2]]]),
        [[[-1, -1, 1, 1], [1, 1, -1, -1]]],
    ),
    "test_correctness_1d, one group": (
        *(1, -1, [[-1, -1, 1, 1, 2, 2, 0, -2]]),
        [[-0.898, -0.898, 0.539, 0.539, 1.257, 1.257, -0.180, -1.616]],
    ),
    "test_correctness_1d, two groups": (
        *(2, 1, [[-1, -1, 1, 1, 2, 2, 0, -2]]),
        [[-1, -1, 1, 1, 0.904, 0.904, -0.301, -1.507]],
    ),
    "test_correctness_2d, one group": (
        *(1, -1, [[[-1, -1, 2, 2], [1, 1, 0, -2]]]),
        [[[-0.898, -0.898, 1.257, 1.257], [0.539, 0.539, -0.180, -1.616]]],
    ),
    "test_correctness_2d, two groups": (
        *(2, 2, [[[-1, -1, 2, 2], [1, 1, 0, -2]]]),
        [[[-1, -1, 0.904, 0.904], [1, 1, -0.301, -1.507]]],
    ),
    "test_broadcasting_2d_channels_first": (
        *(2, 1, np.arange(16).reshape(1, 4, 2, 2)),
        2 * [[[-1.5274, -1.0910], [-0.6546, -0.2182]], [[0.2182, 0.6546], [1.0910, 1.5274]]],
    ),
}


@pytest.mark.parametrize("test", GROUPS_OF_KERAS)
def test_groups_give_what_keras_gives(test):
    groups, axis, x, y = GROUPS_OF_KERAS[test]
    np.testing.assert_allclose(plain_groups(groups, axis)(x), np.reshape(y, np.shape(x)), atol=1e-3)


# The formula.


def by_the_formula(x, axes, epsilon=1e-3):
    x = x.astype(float)
    mean = x.mean(axis=axes, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon)


@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
@pytest.mark.parametrize("axis", [-1, 1, 2, [1, 2], [-1, -2], [3, 1], [1, 2, 3]], ids=str)
def test_layer_normalization_is_its_formula_for_any_axes_and_layout(axis, layout):
    x = normal(4, 5, 6, 3, mean=2, scale=3)
    y = LayerNormalization(axis)(layout(x))
    np.testing.assert_allclose(y, by_the_formula(x, tuple(np.atleast_1d(axis))), atol=1e-5)


@pytest.mark.parametrize("axis", [[-2, -1], [-1, -2]], ids=str)
def test_the_order_in_which_axes_are_named_does_not_matter(axis):
    # As test_unsorted_axis of Keras's layer_normalization_test.py.
    layer, x = LayerNormalization(axis), normal(2, 3, 4)
    np.testing.assert_array_equal(layer(x), LayerNormalization([1, 2])(x))
    assert [p.shape for p in layer.weights] == [(3, 4), (3, 4)]


@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
@pytest.mark.parametrize(("groups", "axis"), [(1, -1), (3, -1), (6, -1), (2, 1), (4, 1), (5, 2), (1, -2)])
def test_group_normalization_is_its_formula_group_by_group(groups, axis, layout):
    x = normal(3, 4, 5, 6, mean=2, scale=3)
    y = plain_groups(groups, axis)(layout(x))
    for found, given in zip(np.split(y, groups, axis), np.split(x, groups, axis), strict=True):
        np.testing.assert_allclose(found, by_the_formula(given, (1, 2, 3)), atol=1e-5)


def test_gamma_and_beta_belong_to_the_channels_whatever_the_groups():
    x, gamma, beta = normal(2, 6, 5), normal(6, seed=1), normal(6, seed=2)
    layer = GroupNormalization(3, axis=1)
    layer(x)
    layer.set_weights([gamma, beta])
    expected = plain_groups(3, axis=1)(x) * gamma[:, None] + beta[:, None]
    np.testing.assert_allclose(layer(x), expected, atol=1e-6)
    assert [(p.name, p.shape) for p in layer.weights] == [("gamma", (6,)), ("beta", (6,))]


# What changes nothing.


@pytest.mark.parametrize("layer", [LayerNormalization(epsilon=1e-9), GroupNormalization(2, epsilon=1e-9)], ids=repr)
def test_shift_and_scale_of_an_example_do_not_matter(layer):
    x = normal(5, 8)
    factors, shifts = np.float32([[1], [2], [0.5], [7], [3]]), np.float32([[0], [1], [-4], [9], [2]])
    np.testing.assert_allclose(layer(x * factors + shifts), layer(x), atol=1e-5)


def test_training_or_not_is_the_same():
    for layer in (LayerNormalization(), GroupNormalization(2)):
        np.testing.assert_array_equal(layer(normal(5, 8), training=True), layer(normal(5, 8)))


def test_an_example_does_not_depend_on_the_others():
    x, other = normal(5, 4, 6), normal(5, 4, 6, seed=1)
    other[2] = x[2]
    for layer in (LayerNormalization(), GroupNormalization(3)):
        np.testing.assert_array_equal(layer(x)[2], layer(other)[2])


def test_minus_one_group_is_one_a_channel():
    # As test_groups_instance_norm of Keras's group_normalization_test.py.
    x = normal(2, 5, 4)
    np.testing.assert_array_equal(plain_groups(-1)(x), plain_groups(4)(x))
    np.testing.assert_allclose(plain_groups(-1)(x), by_the_formula(x, 1), atol=1e-6)
    assert GroupNormalization(-1).groups == -1


def test_one_group_is_layer_normalization_over_everything():
    x = normal(2, 5, 4)
    np.testing.assert_allclose(plain_groups(1)(x), LayerNormalization([1, 2])(x), atol=1e-6)


def test_numbers_far_from_zero_lose_little():
    x = normal(6, 500, mean=1e4)
    np.testing.assert_allclose(LayerNormalization()(x), by_the_formula(x, 1), atol=2e-3)


# As layers.


@pytest.mark.parametrize("cls", [LayerNormalization, GroupNormalization])
@pytest.mark.parametrize(
    ("arguments", "names"),
    [({}, ["gamma", "beta"]), ({"center": False}, ["gamma"]), ({"scale": False}, ["beta"])],
)
def test_weights_have_keras_names_and_order(cls, arguments, names):
    layer = cls(**arguments)
    layer(np.ones((2, 64)))
    assert [p.name for p in layer.weights] == names


def test_without_scale_and_offset_there_is_nothing_to_learn():
    layer = LayerNormalization(center=False, scale=False)
    x = normal(3, 4)
    np.testing.assert_allclose(layer(x), LayerNormalization()(x), atol=1e-7)
    assert layer.weights == []


def test_examples_with_an_axis_of_no_length_pass():
    # As in test_ln_basics of Keras's layer_normalization_test.py.
    assert LayerNormalization()(np.ones((1, 0, 10))).shape == (1, 0, 10)


@pytest.mark.parametrize("layer", [LayerNormalization(), GroupNormalization(2)], ids=repr)
@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
def test_training_allocates_nothing_of_the_size_of_a_batch_and_keeps_its_layout(layer, layout):
    x, dy = layout(normal(3, 5, 4)), layout(normal(3, 5, 4, seed=1))
    layer(x)
    y = layer.forward(x, True)
    assert y.strides == x.strides
    assert np.shares_memory(layer.backward(dy), dy)
    assert np.shares_memory(layer.forward(x, True), y)


def test_no_input_gradient_is_computed_that_nobody_needs():
    layer = LayerNormalization()
    layer(X)
    layer.backward(DY.copy())
    before = layer.gamma.grad.copy()
    layer.plan_backward(False)
    assert layer.backward(DY.copy()) is None
    np.testing.assert_array_equal(layer.gamma.grad, before)


# What is refused.


@pytest.mark.parametrize("axis", [0, [0, 1], [], "1", 1.5, {"axis": -1}, True], ids=str)
def test_what_is_no_axis_of_an_example_is_refused(axis):
    with pytest.raises(ArgumentError, match="LayerNormalization: axis must be an axis of a batch") as caught:
        LayerNormalization(axis)
    assert caught.value.argument == "axis"


@pytest.mark.parametrize(
    ("axis", "shape", "has"),
    [
        (2, (5, 3), "one"),
        (-2, (5, 3), "one"),
        ([1, 1], (5, 3, 2), "2, 1 to 2"),
        ([1, -2], (5, 3, 2), "2, 1 to 2"),
        (-1, (5,), "none"),
    ],
    ids=str,
)
def test_axes_that_the_examples_do_not_have_are_refused_when_built(axis, shape, has):
    with pytest.raises(ValueError, match=rf"'layer_normalization' \(LayerNormalization\) has axis=.* have {has}$"):
        LayerNormalization(axis)(np.ones(shape))


@pytest.mark.parametrize("groups", [0, -2, 1.5, "32", None, True])
def test_groups_must_be_a_number_of_groups(groups):
    # As test_groups_rejects_invalid_values of Keras's group_normalization_test.py.
    with pytest.raises(ArgumentError, match="GroupNormalization: groups must be a positive whole number, or -1"):
        GroupNormalization(groups)


@pytest.mark.parametrize("groups", [5, 3])
def test_channels_that_the_groups_do_not_divide_are_refused_when_built(groups):
    with pytest.raises(ValueError, match=f"cannot divide 4 channels into groups={groups}; take a number"):
        GroupNormalization(groups)(np.ones((2, 2, 2, 4)))


def test_groups_have_one_axis():
    with pytest.raises(ArgumentError, match="GroupNormalization: axis must be an axis of a batch"):
        GroupNormalization(axis=[1, 2])


@pytest.mark.parametrize("argument", ["beta_initializer", "gamma_regularizer", "beta_constraint"])
def test_wrong_names_are_refused_when_the_layer_is_made(argument):
    with pytest.raises(UnknownNameError, match=r"unknown .* 'onez'"):
        LayerNormalization(**{argument: "onez"})
