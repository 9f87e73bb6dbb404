"""What training refuses, before anything is trained, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers, losses, metrics
from framework.callbacks import Callback
from framework.data import Batches
from framework.optimizers import SGD

X = (np.arange(40).reshape(10, 4) * 7 % 11 / 11 - 0.3).astype(np.float32)
Y = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1])
WEIGHTS = np.array([1, 2, 0.5, 0, 3, 1, 1, 0.25, 2, 1.0])


def build(activation: Any = "softmax", loss: Any = "sparse_categorical_crossentropy", **arguments: Any) -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(5, "tanh"), layers.Dense(3, activation)], seed=1)
    net.compile(**{"optimizer": SGD(0.5), "loss": loss, "metrics": ["accuracy"]} | arguments)
    return net


def pairs(count: int) -> Iterator[Any]:
    for i in range(count):
        start = 4 * i % 12
        yield X[start : start + 4], Y[start : start + 4]


def bad(index: int, value: Any) -> Any:
    y = Y.astype(np.float64)
    y[index] = value
    return y


def spoilt(*index: int) -> Any:
    x = X.copy()
    x[index] = np.nan
    return x


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": bad(7, 3)}, "class 3 of sample 7 is out of range: the model predicts 3 classes, numbered 0 to 2"),
        ({"y": bad(8, -1)}, "class -1 of sample 8 is out of range"),
        ({"y": bad(9, np.nan)}, r"the target of sample 9 is not a number \(NaN\)"),
        ({"y": bad(9, np.inf)}, r"the target of sample 9 is not finite \(inf\)"),
        ({"x": spoilt(3, 2)}, r"x of sample 3 is not a number \(NaN\) at \(2,\); mend the sample or leave it out"),
        ({"x": Batches(spoilt(3, 2), Y), "y": None}, "x of sample 3 is not a number"),
        ({"validation_data": (spoilt(3, 2), Y)}, "^validation_data: x of sample 3 is not a number"),
        ({"sample_weight": np.where(Y == 2, np.nan, 1)}, r"sample_weight of sample 2 is not a number \(NaN\)"),
        ({"x": X.astype(str)}, r"x holds text \(dtype <U32\) and no real numbers: the first, at index \(0, 0\)"),
        ({"y": ["cat"] * 10}, r"y holds text .* at index \(0,\), is 'cat'"),
        ({"x": [*X[:9].tolist(), [1.0]]}, r"x is ragged: example 9 has shape \(1,\), but example 0 has \(4,\)"),
        ({"x": X + 1j}, "x holds complex numbers"),
        ({"y": bad(6, 0.5)}, "class 0.5 of sample 6 is no whole number"),
        ({"y": Y[:9]}, "x has 10, y has 9"),
        ({"y": None}, "needs targets y"),
        ({"x": X[:, :3]}, r"takes examples of shape \(4,\), got \(3,\) \(x has shape \(10, 3\)\)"),
        ({"x": X[:0], "y": Y[:0]}, "x holds no examples"),
        ({"x": Batches(X, bad(7, 3)), "y": None}, "class 3.0 of sample 7 is out of range|class 3 of sample 7"),
        ({"validation_data": (X, bad(7, 3))}, "class 3 of sample 7 is out of range"),
        ({"validation_data": (X,)}, r"validation_data must be \(x, y\) or \(x, y, sample_weight\), got 1 parts"),
        ({"x": pairs(3), "y": None, "validation_split": 0.2}, "validation_split takes arrays"),
        ({"validation_split": 0.01, "x": X[:1], "y": Y[:1]}, "leaves 0 of 1 examples for training"),
        ({"class_weight": {"cat": 1.0}}, "class_weight must map class numbers to weights"),
        ({"class_weight": {0: 1.0}, "sample_weight": WEIGHTS}, "either class_weight or sample_weight, not both"),
        ({"sample_weight": WEIGHTS[:3]}, "sample_weight has 3"),
        ({"epochs": -1}, "epochs must be a whole number of at least 0, got -1"),
        ({"epochs": 2.0}, "epochs must be a whole number of at least 0, got 2.0"),
        ({"initial_epoch": -1}, "initial_epoch must be a whole number of at least 0"),
        ({"validation_freq": 0}, "validation_freq must be a whole number of at least 1"),
        ({"steps_per_epoch": 0}, "the number of steps must be a positive whole number"),
        ({"batch_size": 0}, "batch_size must be a positive whole number"),
    ],
)
def test_what_does_not_fit_stops_fit_before_anything_is_trained(arguments: dict[str, Any], message: str) -> None:
    class Never(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            raise AssertionError("training began")

    net = build()
    before = net.parameters.value.copy()
    with pytest.raises(ValueError, match=message):
        net.fit(**{"x": X, "y": Y, "verbose": 0, "callbacks": [Never()]} | arguments)
    assert np.array_equal(net.parameters.value, before)


@pytest.mark.parametrize("wrong", [3, -1])
def test_a_wrong_label_in_any_batch_of_an_iterable_is_found_before_its_step(wrong: int) -> None:
    net = build()
    batches = [(X[:4], Y[:4]), (X[4:8], bad(5, wrong)[4:8])]
    with pytest.raises(ValueError, match=f"^batch 2: class {wrong} of sample 1 is out of range"):
        net.fit(batches, verbose=0)
    assert net.optimizer.iterations == 1


@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_so_is_a_number_that_is_none_in_an_iterable_and_in_a_file(verb: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", spoilt(5, 1))
    on_disk = Batches(np.load(tmp_path / "x.npy", mmap_mode="r"), Y, batch_size=4)
    for batches in (on_disk, [(X[:4], Y[:4]), (spoilt(5, 1)[4:8], Y[4:8])]):
        with pytest.raises(ValueError, match=r"^batch 2: x of sample 1 is not a number \(NaN\) at \(1,\)"):
            getattr(build(), verb)(batches, verbose=0)
    weighted = [(X, Y, np.full(10, np.inf))]
    with pytest.raises(ValueError, match=r"^batch 1: sample_weight of sample 0 is not finite \(inf\)"):
        getattr(build(), verb)(weighted, verbose=0)


def test_negative_weights_and_numbers_as_objects_are_the_users_business() -> None:
    build().fit(X.astype(object), Y.tolist(), sample_weight=-WEIGHTS, verbose=0)


def test_a_single_batch_may_hold_anything_as_in_keras() -> None:
    assert np.isnan(build(metrics=None).train_on_batch(spoilt(3, 2), Y))


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        (
            "bce",
            np.array([[0, 1, 0]] * 9 + [[0, 1, 2]]),
            r"sample 9 is 2 at \(2,\): BinaryCrossentropy takes .* 0 to 1",
        ),
        ("binary_focal_crossentropy", -(X[:, :3] ** 2), r"sample 0 is -0.\d+ at \(0,\): BinaryFocalCrossentropy takes"),
        ("categorical_crossentropy", np.eye(3)[Y] - 0.1, r"sample 0 is -0.1 at \(1,\): .* none of them negative"),
    ],
)
def test_targets_that_the_loss_does_not_know_are_refused(loss: str, y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"the target of {message}"):
        build(loss=loss).fit(X, y, verbose=0)


def test_soft_and_empty_rows_are_distributions_enough() -> None:
    build(loss="categorical_crossentropy").fit(X, np.eye(3)[Y] * np.arange(10)[:, None] / 9, verbose=0)


@pytest.mark.parametrize("method", ["evaluate", "train_on_batch", "test_on_batch"])
def test_the_other_methods_check_their_labels_as_well(method: str) -> None:
    with pytest.raises(ValueError, match="class 3 of sample 7 is out of range"):
        getattr(build(), method)(X, bad(7, 3))


# Compiling.


def test_logits_expected_after_a_softmax_is_a_warning() -> None:
    with pytest.warns(UserWarning, match="expects logits, but model 'sequential' ends in Softmax") as caught:
        build(loss=losses.SparseCategoricalCrossentropy(from_logits=True))
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"metrics": "accuracy"}, TypeError, r"metrics must be a list, got 'accuracy'; write \['accuracy'\]"),
        ({"weighted_metrics": {"mse": {}}}, TypeError, "weighted_metrics must be a list"),
        ({"metrics": ["mse", "mse"]}, ValueError, "two figures would be reported as 'mse'"),
        ({"metrics": [metrics.Accuracy(name="loss")]}, ValueError, "two figures would be reported as 'loss'"),
        ({"metrics": ["mean"]}, ValueError, "metrics: 'mean' takes plain numbers"),
        ({"loss": losses.MeanSquaredError(reduction="none")}, ValueError, "gives a loss for every sample"),
        ({"loss": "cross"}, ValueError, "unknown loss 'cross'"),
        ({"optimizer": "sdg"}, ValueError, "unknown optimizer 'sdg'; did you mean 'sgd'"),
    ],
)
def test_what_cannot_be_compiled_is_refused(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        build(**arguments)


def test_metrics_report_under_the_names_they_were_given() -> None:
    net = build(metrics=["acc", {"accuracy": {"name": "hits"}}], weighted_metrics=["acc"])
    assert net.metrics_names == ["loss", "acc", "hits", "weighted_acc"]


def test_a_model_without_a_loss_or_uncompiled_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="was compiled without a loss: there is nothing to minimize"):
        build(loss=None).fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match=r"is not compiled: call compile\(optimizer, loss\) first"):
        Sequential([Input((4,))]).fit(X, Y)
