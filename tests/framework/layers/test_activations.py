"""Activation layers apply the function of their name and pass its gradient back."""

import numpy as np
import pytest

from framework import Input, Sequential, activations
from framework.layers import ELU, Activation, Dense, LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Tanh
from framework.registry import ArgumentError, UnknownNameError

X = np.array([[-2, -0.5, 0], [0.5, 1, 8]], np.float32)
DY = np.array([[1, 2, 3], [-1, 0.5, 2]], np.float32)


@pytest.mark.parametrize(
    ("layer", "function"),
    [
        (ReLU(), activations.Relu()),
        (ReLU(6.0, 0.1, 0.75), activations.Relu(0.1, 6.0, 0.75)),
        (LeakyReLU(), activations.LeakyRelu(0.3)),
        (ELU(), activations.Elu()),
        (ELU(0.7), activations.Elu(0.7)),
        (Sigmoid(), activations.Sigmoid()),
        (Tanh(), activations.Tanh()),
        (Softmax(), activations.Softmax()),
        (Softmax([0, 1]), activations.Softmax((0, 1))),
        (Activation("tanh"), activations.Tanh()),
        (Activation("softmax"), activations.Softmax()),
        (Activation({"leaky_relu": 0.1}), activations.LeakyRelu(0.1)),
        (Activation(activations.Relu(max_value=1.0)), activations.Relu(max_value=1.0)),
    ],
    ids=repr,
)
def test_a_layer_is_its_function(layer, function):
    y = function(X)
    np.testing.assert_array_equal(layer(X), y)
    np.testing.assert_array_equal(layer.backward(DY.copy()), function.backward(DY.copy(), X, y))


def test_defaults_are_those_of_keras():
    assert ReLU().get_config() == {
        "name": None, "trainable": True, "max_value": None, "negative_slope": 0.0, "threshold": 0.0,
    }  # fmt: skip
    assert LeakyReLU().negative_slope == 0.3
    assert ELU().alpha == 1.0
    assert PReLU().get_config() == {
        "name": None, "trainable": True, "alpha_initializer": "Zeros", "alpha_regularizer": None,
        "alpha_constraint": None, "shared_axes": None,
    }  # fmt: skip
    assert Softmax().axis == -1


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: ReLU(max_value="a"), "max_value"),
        (lambda: ReLU(-1.0), "max_value"),
        (lambda: ReLU(negative_slope=None), "negative_slope"),
        (lambda: ReLU(threshold=-1.0), "threshold"),
        (lambda: LeakyReLU("a"), "negative_slope"),
        (lambda: LeakyReLU(-0.1), "negative_slope"),
        (lambda: ELU(None), "alpha"),
        (lambda: PReLU(shared_axes=0), "shared_axes"),
        (lambda: PReLU(shared_axes=[1, -1]), "shared_axes"),
        (lambda: PReLU(shared_axes=[1, 1]), "shared_axes"),
        (lambda: PReLU(shared_axes="1"), "shared_axes"),
        (lambda: Softmax(axis=1.5), "axis"),
        (lambda: Softmax("last"), "axis"),
    ],
)
def test_wrong_arguments_are_named(make, argument):
    with pytest.raises(ArgumentError, match=f": {argument} must be .*, got ") as caught:
        make()
    assert caught.value.argument == argument


def test_a_wrong_activation_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown activation 'rellu'; did you mean 'relu'"):
        Activation("rellu")


def test_prelu_refuses_what_it_cannot_look_up_when_it_is_made():
    with pytest.raises(UnknownNameError, match="unknown initializer 'zeroes'; did you mean 'zeros'"):
        PReLU("zeroes")
    with pytest.raises(UnknownNameError, match="unknown regularizer"):
        PReLU(alpha_regularizer="l3")
    with pytest.raises(UnknownNameError, match="unknown constraint"):
        PReLU(alpha_constraint="l3")


KERAS_LAYERS = [
    # layer, x, y, from Keras's tests of these layers
    (ReLU(max_value=10), [-10, -5, 0.0, 5, 10], [0.0, 0.0, 0.0, 5.0, 10.0]),
    (ReLU(max_value=10, negative_slope=0.5), [-10, -5, 0.0, 5, 10], [-5.0, -2.5, 0.0, 5.0, 10.0]),
    (ReLU(max_value=8, threshold=5), [6.0, 7.0, 0.0, 5, 10], [6.0, 7.0, 0.0, 0.0, 8.0]),
    (ReLU(), [-3.0, -1.0, 0.0, 1.0, 3.0], [0.0, 0.0, 0.0, 1.0, 3.0]),
    (ReLU(max_value=None), [0.0, 100.0, 1000.0, 99999.0], [0.0, 100.0, 1000.0, 99999.0]),
    (LeakyReLU(negative_slope=0.5), [-10, -5, 0.0, 5, 10], [-5.0, -2.5, 0.0, 5.0, 10.0]),
    (Softmax(), [[1.0, 2.0, 1.0]] * 2, [[0.21194157, 0.5761169, 0.21194157]] * 2),
    (Softmax(axis=1), [[1.0, 2.0, 1.0]] * 2, [[0.21194157, 0.5761169, 0.21194157]] * 2),
]


@pytest.mark.parametrize(("layer", "x", "y"), KERAS_LAYERS, ids=[repr(case[0]) for case in KERAS_LAYERS])
def test_layers_give_the_numbers_in_the_tests_of_keras(layer, x, y):
    np.testing.assert_allclose(layer(x), y, rtol=1e-6)


IMAGES = np.array([[[-2, -0.5, 0], [0.5, 1, 8]], [[3, -1, -4], [-0.25, 0, 2]]], np.float32)
IMAGES_DY = np.array([[[1, 2, 3], [-1, 0.5, 2]], [[0.5, 1, 1], [-2, 3, 4]]], np.float32)
KERAS_PRELU = [
    # shared_axes, gradient of alpha
    (None, [[-2, -2, -4], [0.5, 0, 0]]),
    (1, [[-1.5, -2, -4]]),
    ([1], [[-1.5, -2, -4]]),
    ([1, 2], [[-7.5]]),
]


@pytest.mark.parametrize(("shared_axes", "gradient"), KERAS_PRELU)
def test_prelu_has_the_values_and_gradients_of_keras(shared_axes, gradient):
    layer = PReLU({"constant": 0.25}, shared_axes=shared_axes)
    y = [[[-0.5, -0.125, 0], [0.5, 1, 8]], [[3, -0.25, -1], [-0.0625, 0, 2]]]
    np.testing.assert_array_equal(layer(IMAGES), y)
    dx = layer.backward(IMAGES_DY.copy())
    np.testing.assert_array_equal(dx, [[[0.25, 0.5, 0], [-1, 0.5, 2]], [[0.5, 0.25, 0.25], [-0.5, 0, 4]]])
    assert layer.alpha.shape == np.shape(gradient)
    np.testing.assert_array_equal(layer.alpha.grad, gradient)


def test_prelu_writes_the_gradient_of_alpha_also_when_nobody_wants_dx():
    layer = PReLU()
    layer(IMAGES)
    layer.plan_backward(False)
    assert layer.backward(IMAGES_DY.copy()) is None
    np.testing.assert_array_equal(layer.alpha.grad, [[-2, -2, -4], [0.5, 0, 0]])


def test_prelu_learns_under_its_regularizer_and_its_constraint():
    model = Sequential([Input((1,)), PReLU({"constant": 0.5}, "l2", "non_neg")])
    model.compile({"sgd": 0.1}, "mse")
    # loss (0.5 · -2 - 2)² + 0.01 · 0.5², slope 2 · -3 · -2 + 2 · 0.01 · 0.5
    assert model.train_on_batch([[-2.0]], [[2.0]]) == pytest.approx(9.0025)
    assert model.get_weights()[0].tolist() == [0]  # 0.5 - 1.201, brought back to what may be


def test_prelu_refuses_shared_axes_that_the_examples_do_not_have():
    with pytest.raises(
        ValueError, match=r"has shared_axes=\[1, 3\], a batch of examples of shape \(2, 3\) has the axes"
    ):
        PReLU(shared_axes=[1, 3])(IMAGES)


def test_glu_halves_an_axis_wherever_it_is_written():
    x = np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32)
    layer = Activation({"glu": 2})
    np.testing.assert_array_equal(layer(x), activations.glu(x))
    assert layer.output_shape == (3, 2)
    model = Sequential([Input((5,)), Dense(8, "glu"), Activation("glu")])
    assert model.predict(np.zeros((3, 5))).shape == (3, 2)
    with pytest.raises(ValueError, match=r"layer '.*': Glu halves the axis -1, whose size must be even, got 3"):
        Activation("glu")(X)


@pytest.mark.parametrize("layer", [ReLU(), Activation("gelu"), PReLU()], ids=repr)
def test_outputs_lie_in_memory_as_their_inputs(layer):
    x = np.random.default_rng(0).standard_normal((4, 3, 2, 5)).astype(np.float32).swapaxes(0, -1)
    y = layer(np.ascontiguousarray(x))
    other = layer.forward(x)
    assert other.strides == x.strides
    np.testing.assert_array_equal(other, y)


@pytest.mark.parametrize("layer", [Softmax(2), Softmax(-3), Softmax([1, 2]), Activation({"softmax": 2})], ids=repr)
def test_softmax_over_an_axis_that_is_not_there_is_refused_when_built(layer):
    with pytest.raises(ValueError, match=r"has axis=.*, a batch of examples of shape \(3,\) has the axes 0 to 1"):
        layer(X)


KERAS_STEPS = {
    # output activation: (loss, its value and the kernel after one step of SGD(0.5) in Keras)
    "sigmoid": (
        "binary_crossentropy",
        1.12641776,
        [[0.739472747, -0.814541161], [0.37473008, 2.05107951], [-0.649834037, 0.243107274]],
    ),
    "softmax": (
        "categorical_crossentropy",
        1.6708020,
        [[0.512144208, -0.512144268], [0.366627455, 2.13337255], [-0.204307139, 0.304307044]],
    ),
}


@pytest.mark.parametrize("activation", KERAS_STEPS)
@pytest.mark.parametrize("written", ["argument", "name", "layer"])
def test_every_way_to_write_an_output_activation_trains_as_in_keras(activation, written):
    output = {
        "argument": [Dense(2, activation)],
        "name": [Dense(2), activation],
        "layer": [Dense(2), Activation(activation)],
    }[written]
    loss, value, kernel = KERAS_STEPS[activation]
    model = Sequential([Input((3,)), *output])
    model.set_weights([[[1, -1], [0.5, 2], [-0.1, 0.2]], [0, 0]])
    model.compile({"sgd": 0.5}, loss)
    assert model.train_on_batch(X, [[1, 0], [0, 1]]) == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(model.get_weights()[0], kernel, rtol=1e-6)
    assert model.trainer.loss.can_absorb(model.output_layer())
