"""x + f(x)."""

from __future__ import annotations

import numpy as np
import pytest

import framework
from framework import Input, Sequential
from framework.buffers import Buffered, is_batch_last
from framework.layers import Conv2D, Dense, Residual, Softmax

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


def inner() -> list[Dense]:
    return [Dense(5, "tanh"), Dense(3)]


def test_the_input_is_added_to_what_the_layers_give() -> None:
    residual = Residual(inner())
    y = residual(X)
    alone = Sequential([Input((3,)), *inner()])
    alone.set_weights(residual.get_weights())
    np.testing.assert_allclose(y, X + alone(X), rtol=1e-6)


def test_gradients_take_both_ways() -> None:
    residual = Residual([Dense(3, kernel_initializer="zeros")])
    residual(X)
    residual.plan_backward(True)
    dy = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    given = dy.copy()
    np.testing.assert_array_equal(residual.backward(dy), given)  # only the short way is open
    np.testing.assert_allclose(residual.weights[0].grad, X.T @ given, rtol=1e-5)


def test_another_shape_inside_is_refused_with_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"they turn \(3,\) into \(5,\); end them with a layer that gives \(3,\)"):
        Residual([Dense(5)])(X)
    with pytest.raises(ValueError, match=r"they turn \(3,\) into \(1,\)"):
        Sequential([Input((3,)), Residual([Dense(1)])])
    with pytest.raises(ValueError, match=r"they turn \(3,\) into \(1,\)"):
        Residual([Input((3,)), Dense(1)])(X)  # would broadcast


def test_a_softmax_inside_is_no_output_that_a_loss_may_absorb() -> None:
    residual = Residual([Softmax()])
    assert residual.output_layer() is residual
    model = Sequential([Input((3,)), Dense(3), residual], seed=0, dtype="float64")
    model.compile("sgd", "categorical_crossentropy")
    y = np.eye(3)[[0, 1, 2, 0]]
    model.train_on_batch(X, y)
    kernel = model.weights[0]
    exact, loss = kernel.grad[0, 0], model.trainer.required_loss()
    kernel.value[...] += 0.01 * kernel.grad  # back to before the step
    model.weights[1].value[...] += 0.01 * model.weights[1].grad
    sides = []
    for step in (1e-6, -2e-6):
        kernel.value[0, 0] += step
        sides.append(loss(y, model(X)))
    assert exact == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-4)


def test_thirty_of_them_still_pass_a_gradient_on() -> None:
    deep = Sequential([Input((3,)), Dense(3), *(Residual([Dense(3, "tanh")]) for _ in range(30)), Dense(1)], seed=0)
    deep.compile("sgd", "mse")
    deep.train_on_batch(X, np.ones((4, 1)))
    assert np.abs(deep.weights[0].grad).max() > 1e-3


def test_it_survives_yaml_json_and_a_file(tmp_path) -> None:
    model = Sequential([Input((3,)), Residual(inner(), name="skip"), {"residual": ["relu"]}], seed=0)
    model.save(tmp_path / "model.json")
    np.testing.assert_array_equal(framework.load_model(tmp_path / "model.json")(X), model(X))
    for again in (Sequential.from_yaml(model.to_yaml()), Sequential.from_json(model.to_json())):
        assert [type(layer) for layer in again.layers] == [Residual, Residual]
        assert again.layers[0].name == "skip"
        assert again.count_params() == model.count_params()


def test_freezing_it_freezes_what_is_inside() -> None:
    residual = Residual(inner())
    residual.trainable = False
    assert [layer.trainable for layer in residual.layers] == [False, False]
    assert Residual(inner(), trainable=False).layers[0].trainable is False


def test_images_keep_the_order_in_memory_that_convolutions_give_them() -> None:
    residual = Residual([Conv2D(2, 3, padding="same", activation="relu"), Conv2D(2, 3, padding="same")])
    x = np.random.default_rng(0).random((4, 5, 6, 2), np.float32)
    residual(x)
    residual.plan_backward(True)
    assert is_batch_last(residual.forward(x))
    dy = Buffered().to_batch_last("dy", x)
    assert is_batch_last(residual.backward(dy))
