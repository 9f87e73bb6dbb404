"""A training that leaves the numbers says where, and the weights are those before the step."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import framework
from framework import Input, Sequential, layers, losses
from framework.callbacks import Callback
from framework.data import Batches
from framework.data.transforms import Transform
from framework.divergence import DivergenceError, check_weights

X = np.random.default_rng(0).random((24, 4)).astype(np.float32)
Y = X[:, :2].copy()


class Explode(layers.Layer):
    """Divides by zero in the third pass and whenever it sees that batch again."""

    def __init__(self, example: float = math.inf) -> None:
        self.example = example

    def forward(self, x: Any, training: bool = False) -> Any:
        return x / (self.example != x[0, 0]).astype(np.float32)

    def backward(self, dy: Any) -> Any:
        return dy


class Roots(losses.Loss):
    """A loss that overflows for outputs that are fine."""

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return np.full(len(y_pred), np.inf, np.float32)

    def gradient(self, y_true: Any, y_pred: Any) -> Any:
        return np.zeros_like(y_pred)


class Spoil(Callback):
    """Puts NaN into a weight after a batch."""

    def __init__(self, batch: int) -> None:
        self.batch = batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == self.batch:
            self.model.layers[-1].weights[0].value[1, 1] = np.nan


class Keeper(Callback):
    last_good = "run/checkpoint (epoch 1, batch 2)"


def diverged(net: Sequential, x: Any = X, y: Any = Y, loss: Any = "mse", rate: float = 0.01, **more: Any) -> Any:
    net.compile({"sgd": {"learning_rate": rate}}, loss)
    with pytest.raises(DivergenceError) as caught:
        net.fit(x, y, verbose=0, epochs=2, shuffle=False, **{"batch_size": 8} | more)
    return caught.value


def test_a_layer_that_goes_bad_is_named_with_its_path_and_the_norm_of_its_input() -> None:
    inner = Sequential([layers.Dense(3, kernel_initializer="ones"), Explode(float(3 * 0.5 + 0.5))], name="block")
    x = np.full((24, 4), 0.5, np.float32)
    x[17] = 0.25
    net = Sequential([layers.Dense(4), inner, layers.Dense(2)], seed=1)
    net.build((4,))
    net.layers[0].set_weights([np.eye(4), np.zeros(4)])
    error = diverged(net, x, Y, rate=0.0)
    assert error.layer == "block/explode"
    assert (error.epoch, error.batch, error.step, error.weight) == (0, 0, 1, None)
    assert error.input_norm == pytest.approx(np.sqrt(8 * 3 * 4))
    said = str(error)
    assert "in batch 1 of epoch 1 (step 1): the output of layer 'block/explode' is the first that holds inf" in said
    assert "a smaller learning rate" in said


@pytest.mark.parametrize(
    "first",
    [
        [layers.Dense(3, "relu"), layers.Dense(3)],
        [{"reshape": [4, 1, 1]}, {"conv2d": {"filters": 3, "kernel_size": [2, 1]}}, "flatten"],
        [layers.Dense(8), "batch_normalization"],
        [layers.Residual([layers.Dense(4)])],
        [Sequential([Sequential([layers.Dense(3)])])],
    ],
    ids=["dense", "convolution", "batch normalization", "residual", "nested"],
)
def test_too_large_a_step_is_found_in_any_layer_and_not_made(first: Any) -> None:
    net = Sequential([Input((4,)), *first, layers.Dense(2)], seed=1)
    weights = net.get_weights()
    weights[0] *= np.float32(1e25)
    net.set_weights(weights)
    before = net.parameters.value.copy()
    error = diverged(net, X * np.float32(1e20))
    assert error.layer is not None
    assert error.weight_norms or "norm" not in str(error)
    assert math.isfinite(error.input_norm)
    assert np.array_equal(net.parameters.value, before)
    assert net.optimizer.iterations == 0
    assert net.interrupted


def test_weights_that_an_update_has_spoilt_are_named_with_the_update() -> None:
    net = Sequential([layers.Dense(3), layers.Dense(2)], seed=1)
    error = diverged(net, callbacks=[Spoil(1)])
    assert (error.batch, error.step, error.layer, error.weight) == (2, 3, "dense_1", "dense_1/kernel")
    assert "because its weight 'kernel' holds nan at (1, 1): the update of step 2 made it so" in str(error)


def test_gradients_that_overflow_show_at_the_end_of_the_epoch_before_anybody_saves_the_weights() -> None:
    class Never(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise AssertionError("the epoch has ended")

        on_test_begin = on_epoch_end  # type: ignore[assignment]

    net = Sequential([layers.Dense(2)], seed=1)
    error = diverged(net, callbacks=[Spoil(2), Never()], validation_data=(X, Y))
    assert (error.loss, error.weight, error.epoch) == (None, "dense/kernel", 0)
    assert str(error).startswith(
        "training has diverged by the end of epoch 1 (step 3): the weight 'dense/kernel' holds nan at (1, 1)"
    )


def test_a_penalty_that_overflows_is_named() -> None:
    error = diverged(Sequential([layers.Dense(2, kernel_initializer="ones", kernel_regularizer={"l2": 1e308})], seed=1))
    assert error.layer is None
    assert "the penalty of L2(l2=1e+308) on the weight 'dense/kernel', of norm 2.83, overflows" in str(error)
    error = diverged(Sequential([layers.Dense(2), {"activity_regularization": {"l2": 1e308}}], seed=1))
    assert "the penalty that layer 'activity_regularization' adds for its output overflows" in str(error)


def test_so_is_a_loss_function() -> None:
    error = diverged(Sequential([layers.Dense(2)], seed=1), loss=Roots())
    assert error.layer is None
    assert "all outputs of the layers are finite, it is the loss function Roots that overflows" in str(error)
    error = diverged(Sequential([layers.Dense(2)], seed=1), y=Y * 0 + np.float32(1e30))
    assert "the loss function MeanSquaredError that overflows" in str(error)
    assert "the largest target of 1e+30" in str(error)


def test_examples_that_a_transform_has_spoilt_are_named() -> None:
    class Spoiling(Transform):
        def __call__(self, images: Any, rng: np.random.Generator) -> Any:
            images = images.copy()
            images[3, 1] = np.nan
            return images

    batches = Batches(X, Y, batch_size=8, transforms=[Spoiling()])
    error = diverged(Sequential([layers.Dense(2)], seed=1), batches, None, batch_size=None)
    assert "example 3 of the batch holds nan at (1,) when it reaches the model; mend the data" in str(error)


def test_what_other_random_numbers_do_not_show_again_is_said_to_be_so() -> None:
    class Sometimes(layers.Layer):
        passes = 0

        def forward(self, x: Any, training: bool = False) -> Any:
            self.passes += 1
            return x / np.float32(self.passes != 2)

        def backward(self, dy: Any) -> Any:
            return dy

    error = diverged(Sequential([layers.Dense(2), Sometimes()], seed=1))
    assert "run again with other random numbers, the batch gives a finite loss" in str(error)


def test_the_search_changes_neither_random_streams_nor_moving_averages() -> None:
    net = Sequential(
        [Input((4,)), {"dropout": 0.5}, "batch_normalization", layers.Dense(3), Explode(), layers.Dense(2)], seed=1
    )
    net.compile("sgd", Roots())
    twin = copy.deepcopy(net)
    net.trainer.stops_on_nonfinite = True
    net.trainer.prepare()
    with pytest.raises(DivergenceError):
        net.trainer.step(X, Y)
    twin.forward(X, True)
    assert np.array_equal(net.state.value, twin.state.value)
    assert np.array_equal(net(X, training=True), twin(X, training=True))


def test_the_last_good_checkpoint_is_in_the_message() -> None:
    error = diverged(Sequential([layers.Dense(2)], seed=1), loss=Roots(), callbacks=[Keeper()])
    assert str(error).endswith("; last good checkpoint: run/checkpoint (epoch 1, batch 2)")


def test_a_copy_and_a_pickle_say_the_same() -> None:
    error = diverged(Sequential([layers.Dense(2)], seed=1), loss=Roots(), callbacks=[Keeper()])
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(other), str(other), vars(other)) == (DivergenceError, str(error), vars(error))


def test_it_is_found_where_people_look_and_is_an_arithmetic_error() -> None:
    assert framework.DivergenceError is DivergenceError
    assert issubclass(DivergenceError, ArithmeticError)


def test_single_batches_give_their_loss_as_in_keras_also_after_a_fit_that_has_diverged() -> None:
    net = Sequential([layers.Dense(2)], seed=1)
    diverged(net, loss=Roots())
    assert net.train_on_batch(X, Y) == math.inf


def test_the_loss_of_evaluation_is_only_reported() -> None:
    net = Sequential([layers.Dense(2)], seed=1)
    net.compile("sgd", "mse")
    history = net.fit(X, Y, verbose=0, validation_data=(X, Y * np.float32(1e30)))
    assert history.history["val_loss"] == [math.inf]


class TestCheckWeights:
    def test_numbers_are_fine(self) -> None:
        check_weights(Sequential([Input((4,)), layers.Dense(2), "batch_normalization"]))

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    @pytest.mark.parametrize("name", ["block/dense/bias", "block/batch_normalization/moving_mean"])
    def test_what_is_none_is_named(self, value: float, name: str) -> None:
        net = Sequential([Input((4,)), Sequential([layers.Dense(2), "batch_normalization"], name="block")])
        inner = net.layers[0].layers  # type: ignore[attr-defined]
        parameter = inner[0].bias if name.endswith("bias") else inner[1].moving_mean
        parameter.value[1] = value
        with pytest.raises(DivergenceError, match=rf"after step 7: the weight '{name}' holds -?(nan|inf) at \(1,\)"):
            check_weights(net, 7)
