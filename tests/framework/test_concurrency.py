"""Models are independent objects, and several threads may use one at once."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, inspection, layers, load_model
from framework.callbacks import Callback, LambdaCallback, SwapEMAWeights
from framework.parameters import Array
from framework.threads import limited_to

IMAGES = np.random.default_rng(1).random((64, 10, 10, 1), np.float32)
LABELS = np.arange(64) % 3
THREADS, CALLS = 4, 200


@pytest.fixture(autouse=True)
def two_threads() -> Any:
    """So that convolutions and pooling are spread, on any machine."""
    with limited_to(2):
        yield


def dense(seed: int = 1) -> Sequential:
    model = Sequential(
        [Input((10, 10, 1)), "flatten", {"dense": 32}, "relu", {"dropout": 0.2}, {"dense": 3}, "softmax"], seed=seed
    )
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


def convolutional(seed: int = 1) -> Sequential:
    inside = Sequential([{"conv2d": {"filters": 8, "kernel_size": 3, "padding": "same"}}, "batch_normalization"])
    model = Sequential(
        [
            Input((10, 10, 1)),
            {"conv2d": {"filters": 8, "kernel_size": 3}},
            "relu",
            inside,
            "max_pooling2d",
            "flatten",
            {"dense": 3},
            "softmax",
        ],
        seed=seed,
    )
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


MODELS = pytest.mark.parametrize("make", [dense, convolutional])


def at_once(*functions: Callable[[], Any]) -> list[Any]:
    """What the functions return that threads of their own call at the same time."""
    begin = threading.Barrier(len(functions))

    def call(function: Callable[[], Any]) -> Any:
        begin.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(call, functions))


def trained(model: Sequential, *callbacks: Callback, epochs: int = 3) -> Sequential:
    model.fit(
        IMAGES,
        LABELS,
        epochs=epochs,
        batch_size=8,
        verbose=0,
        validation_data=(IMAGES[:9], LABELS[:9]),
        callbacks=list(callbacks),
    )
    return model


# Predicting.


@MODELS
def test_what_many_threads_predict_with_one_model_is_what_one_does(make: Any, tmp_path: Path) -> None:
    trained(make(), epochs=1).save(tmp_path / "model.json")
    model = load_model(tmp_path / "model.json")
    expected = [model.predict(IMAGES[: 1 + n], batch_size=5) for n in range(8)]

    def predictions() -> list[Array]:
        return [model.predict(IMAGES[: 1 + n % 8], batch_size=5) for n in range(CALLS)]

    for found in at_once(*[predictions] * THREADS):
        assert all(np.array_equal(y, expected[n % 8]) for n, y in enumerate(found))


@MODELS
def test_two_threads_may_build_a_model_by_calling_it(make: Any) -> None:
    model = Sequential([layer.from_config(layer.get_config()) for layer in make().layers], seed=1)
    first, second = at_once(lambda: model(IMAGES), lambda: model(IMAGES))
    np.testing.assert_array_equal(first, second)


@MODELS
def test_predictions_during_training_see_the_weights_between_two_steps_and_change_nothing(make: Any) -> None:
    alone = trained(make())
    model, seen, between = make(), [], [make()(IMAGES[:2])]
    ended = threading.Event()

    def predict() -> None:
        while not ended.is_set():
            seen.append(model.predict_on_batch(IMAGES[:2]))

    def train() -> None:
        try:
            told = lambda *_: between.append(model(IMAGES[:2]))  # noqa: E731
            trained(model, LambdaCallback(on_train_batch_end=told))
        finally:
            ended.set()

    at_once(predict, train)
    np.testing.assert_array_equal(model.parameters.value, alone.parameters.value)
    np.testing.assert_array_equal(model.state.value, alone.state.value)
    possible = {y.tobytes() for y in between}
    assert len(possible) > 20
    assert {y.tobytes() for y in seen} <= possible


def test_averages_are_in_the_model_as_a_whole_or_not_at_all() -> None:
    model = Sequential([Input((10, 10, 1)), "flatten", {"dense": 3}], seed=1)
    model.compile({"sgd": {"use_ema": True}}, "mse")
    held, callback = [], SwapEMAWeights()
    callback.set_model(model)
    model.train_on_batch(IMAGES, np.zeros((64, 3)))
    model.optimizer.swap_ema = lambda: held.append(held_by_this_thread(model))  # type: ignore[method-assign]
    callback.on_test_begin()
    assert held == [True]


def held_by_this_thread(model: Sequential) -> bool:
    """Whether another thread would have to wait."""
    with ThreadPoolExecutor(1) as pool:
        free = pool.submit(lambda: model.lock.acquire(blocking=False) and not model.lock.release()).result()
    return not free


@MODELS
def test_looking_inside_and_predicting_do_not_disturb_each_other(make: Any) -> None:
    model = make()
    x = IMAGES[:3]
    y, inside, dx = model(x), inspection.activations(model, x), inspection.gradients(model, x, np.eye(3))[0]

    def look() -> bool:
        return all(
            np.array_equal(inspection.activations(model, x)[0], inside[0])
            and np.array_equal(inspection.gradients(model, x, np.eye(3))[0], dx)
            for _ in range(50)
        )

    assert at_once(look, lambda: all(np.array_equal(model(x), y) for _ in range(CALLS)), look) == [True] * 3


# Training.


@MODELS
def test_two_models_that_two_threads_train_end_as_when_trained_alone(make: Any) -> None:
    alone = [trained(make(seed)) for seed in (1, 2)]
    together = at_once(lambda: trained(make(1)), lambda: trained(make(2)))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.parameters.value, other.parameters.value)
        np.testing.assert_array_equal(one.state.value, other.state.value)
        assert one.history.history == other.history.history


@pytest.mark.parametrize(
    "use",
    [
        lambda model: model.fit(IMAGES, LABELS, verbose=0),
        lambda model: model.evaluate(IMAGES, LABELS, verbose=0),
        lambda model: model.train_on_batch(IMAGES, LABELS),
        lambda model: model.test_on_batch(IMAGES, LABELS),
        lambda model: model.predict(IMAGES, callbacks=[LambdaCallback()]),
    ],
    ids=["fit", "evaluate", "train_on_batch", "test_on_batch", "predict with callbacks"],
)
def test_only_one_thread_trains_or_evaluates_a_model(use: Any) -> None:
    model = dense()
    refused: list[BaseException | None] = []

    def elsewhere(*_: Any) -> None:
        if not refused:
            with ThreadPoolExecutor(1) as pool:
                refused.append(pool.submit(use, model).exception())

    trained(model, LambdaCallback(on_train_batch_end=elsewhere))
    assert isinstance(refused[0], RuntimeError)
    assert "model 'sequential' is being trained or evaluated in another thread" in str(refused[0])
    np.testing.assert_array_equal(model.parameters.value, trained(dense()).parameters.value)
    use(model)  # now it may


def test_a_callback_may_evaluate_and_predict_inside_of_fit() -> None:
    model, losses = dense(), []

    def evaluate(epoch: int, logs: Any) -> None:
        losses.append(model.evaluate(IMAGES, LABELS, verbose=0)[0])
        model.predict(IMAGES, callbacks=[LambdaCallback()])

    trained(model, LambdaCallback(on_epoch_end=evaluate))
    assert len(losses) == 3


def test_an_error_leaves_the_model_to_the_next_thread() -> None:
    model = dense()
    with pytest.raises(ValueError, match=r"(batches|examples) of shape"):
        model.fit(np.zeros((4, 3)), np.zeros(4), verbose=0)
    assert at_once(lambda: trained(model)) == [model]


def test_a_prediction_that_fails_leaves_the_averages_of_another_thread_where_they_are() -> None:
    model = Sequential([Input((10, 10, 1)), "flatten", {"dense": 3}, "softmax"], seed=1)
    model.compile({"sgd": {"use_ema": True}}, "sparse_categorical_crossentropy")
    swapped = []

    class Fails(Callback):
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            with ThreadPoolExecutor(1) as pool:
                assert isinstance(pool.submit(model.predict, np.zeros((1, 7))).exception(), ValueError)
            swapped.append(model.optimizer.swapped)

    trained(model, SwapEMAWeights(), Fails())
    assert swapped
    assert all(swapped)


# Copies.


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_have_locks_of_their_own(copied: Any) -> None:
    model = dense()
    with model.lock, model.taking_turns():
        twin = copied(model)
        assert at_once(lambda: trained(twin))
        assert twin.lock is not model.lock
    assert not held_by_this_thread(model)


def test_a_model_inside_of_another_has_the_lock_of_the_outermost() -> None:
    inner = Sequential([layers.Dense(2)])
    own = inner.lock
    outer = Sequential([Input((3,)), Sequential([inner])])
    assert inner.lock is outer.lock is not own
    assert outer.pop().lock is not outer.lock
