"""What dense layers and convolutions have in common, shown on a layer of a user's own."""

from __future__ import annotations

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers.affine import AffineLayer
from framework.parameters import Array, Shape
from framework.registry import UnknownNameError
from framework.testing import check_layer

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


class Scale(AffineLayer):
    """y = activation(w ∘ x + b), number by number.

    Shapes: (batch, n) -> (batch, n).
    """

    def __init__(self, activation=None, use_bias=True, activity_regularizer=None, bias_constraint=None):
        super().__init__(activation, use_bias, "zeros", None, activity_regularizer, bias_constraint, None, True)

    def build(self, shape: Shape) -> Shape:
        self.factor = self.add_parameter("factor", shape, "ones")
        self.add_bias(shape[-1])
        return self.built_output(shape)

    def affine(self, x: Array) -> Array:
        self.x = x
        y = x * self.factor.value
        return y if self.bias is None else y + self.bias.value

    def affine_backward(self, dy: Array) -> Array:
        self.factor.grad[...] = (dy * self.x).sum(axis=0)
        if self.bias is not None:
            self.bias.grad[...] = dy.sum(axis=0)
        return dy * self.factor.value


@pytest.mark.parametrize(
    "arguments",
    [{}, {"activation": "tanh"}, {"use_bias": False}, {"activation": "softmax", "bias_constraint": "non_neg"}],
)
def test_a_layer_of_this_kind_keeps_the_contract(arguments):
    check_layer(lambda: Scale(**arguments), (3,))


def test_the_activation_has_the_last_word_on_the_shape():
    assert Scale("glu").compute_output_shape((None, 6)) == (None, 3)
    assert Scale("glu")(np.ones((2, 6))).shape == (2, 3)


def test_a_penalty_on_the_outputs_is_divided_by_the_examples_and_part_of_the_gradient():
    layer = Scale(activity_regularizer={"l2": 0.5})
    layer(X)
    assert layer.losses == [pytest.approx(0.5 * (X**2).sum() / 4)]
    dy = np.ones_like(X)
    layer.forward(X)
    np.testing.assert_allclose(layer.backward(dy), 1 + X / 4, rtol=1e-6)


class TestOutputLayer:
    """What a loss may absorb: the activation, unless something would be skipped."""

    def test_is_the_activation(self):
        layer = Scale("softmax")
        assert type(layer.output_layer()).__name__ == "Softmax"

    def test_is_the_layer_itself_where_outputs_are_penalized_or_methods_are_its_own(self):
        class Louder(Scale):
            def forward(self, x, training=False):
                return 2 * super().forward(x, training)

        for layer in (Scale(), Scale("softmax", activity_regularizer="l2"), Louder("softmax")):
            assert layer.output_layer() is layer

    def test_a_penalty_on_probabilities_is_learnt_from(self):
        model = Sequential([Input((3,)), Scale("softmax", activity_regularizer={"l2": 10.0})])
        model.compile({"sgd": {"learning_rate": 0.05}}, "categorical_crossentropy")
        before = float((model(X) ** 2).sum())
        for _ in range(20):
            model.train_on_batch(X, np.full((4, 3), 1 / 3))
        assert float((model(X) ** 2).sum()) < before


def test_wrong_names_are_refused_in_the_constructor():
    with pytest.raises(UnknownNameError, match=r"unknown regularizer 'l3' \(known: l1, "):
        Scale(activity_regularizer="l3")
    with pytest.raises(UnknownNameError, match="unknown constraint 'positive'"):
        Scale(bias_constraint="positive")
