"""Activation layers apply the function of their name and pass its gradient back."""

import numpy as np
import pytest

from framework import Input, Sequential, activations
from framework.layers import Activation, Dense, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from framework.registry import ArgumentError, UnknownNameError

X = np.array([[-2, -0.5, 0], [0.5, 1, 8]], np.float32)
DY = np.array([[1, 2, 3], [-1, 0.5, 2]], np.float32)


@pytest.mark.parametrize(
    ("layer", "function"),
    [
        (ReLU(), activations.Relu()),
        (ReLU(6.0, 0.1, 0.75), activations.Relu(0.1, 6.0, 0.75)),
        (LeakyReLU(), activations.LeakyRelu(0.3)),
        (Sigmoid(), activations.Sigmoid()),
        (Tanh(), activations.Tanh()),
        (Softmax(), activations.Softmax()),
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


@pytest.mark.parametrize("layer", [Softmax(2), Softmax(-3), Activation({"softmax": 2})], ids=repr)
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
