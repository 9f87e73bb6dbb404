"""Training: numbers against Keras 3.15, the meaning of `fit`'s arguments, and what stops it before it begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers, losses
from framework.optimizers import SGD, Adam

X = (np.arange(40).reshape(10, 4) * 7 % 11 / 11 - 0.3).astype(np.float32)
Y = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1])
WEIGHTS = np.array([1, 2, 0.5, 0, 3, 1, 1, 0.25, 2, 1.0])
START = [
    (np.arange(20).reshape(4, 5) % 7 - 3) / 6,
    np.arange(5) / 20,
    (np.arange(15).reshape(5, 3) % 4 - 1.5) / 4,
    [0.1, -0.1, 0],
]
FIT: dict[str, Any] = {"batch_size": 4, "shuffle": False, "verbose": 0}


def build(activation: Any = "softmax", loss: Any = "sparse_categorical_crossentropy", **arguments: Any) -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(5, "tanh"), layers.Dense(3, activation)], seed=1)
    net.set_weights(START)
    net.compile(**{"optimizer": SGD(0.5), "loss": loss, "metrics": ["accuracy"]} | arguments)
    return net


def some_weights(net: Sequential) -> Any:
    return np.concatenate([w.ravel() for w in net.get_weights()])[[0, 7, 19, 20, 24, 25, 33, 39, 40, 42]]


def close(actual: Any, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=1e-6)


# Numbers.


def test_a_chain_of_batches_reports_what_keras_reports() -> None:
    net = build()
    chain = [net.train_on_batch(X[i : i + 3], Y[i : i + 3]) for i in (0, 2, 4, 6)]
    close(chain, [[1.0626352, 0], [0.99696779, 0.66666669], [1.009004, 0.66666669], [1.1194037, 0.33333334]])
    expected = [-0.49319795, -0.60848552, 0.29842848, 0.038198758, 0.22572462, -0.33781701, -0.44929451]
    close(some_weights(net), [*expected, 0.099592082, 0.062383648, 0.096692435])
    close(net.test_on_batch(X, Y), [1.0291916, 0.5])


@pytest.mark.parametrize(
    ("make", "arguments", "history", "weights"),
    [
        (
            {},
            {"epochs": 3},
            {"loss": [1.0814009, 1.0225482, 0.98212576], "accuracy": [0.2, 0.6, 0.6]},
            [-0.55405551, -0.59419084, 0.31648922, -0.0462972, 0.11726024, -0.23472142, -0.51519585, 0.019786436],
        ),
        (
            {"activation": None, "loss": losses.SparseCategoricalCrossentropy(from_logits=True)},
            {"epochs": 3},
            {"loss": [1.0814009, 1.0225482, 0.98212576], "accuracy": [0.2, 0.6, 0.6]},
            [-0.55405551, -0.59419084, 0.31648922, -0.0462972, 0.11726024, -0.23472142, -0.51519585, 0.019786436],
        ),
        (
            {"weighted_metrics": ["accuracy"]},
            {"epochs": 2, "sample_weight": WEIGHTS},
            {
                "loss": [1.2356123, 1.1669883],
                "accuracy": [0.3, 0.3],
                "weighted_accuracy": [0.44680852, 0.5106383],
            },
            [-0.49432513, -0.54489726, 0.35094294, -0.12802474, -0.012395956, -0.23468801, -0.48436081, 0.095280379],
        ),
        (
            {"weighted_metrics": ["accuracy"]},
            {"epochs": 2, "class_weight": {0: 2.0, 2: 0.5}},
            {
                "loss": [1.1844984, 1.0564339],
                "accuracy": [0.1, 0.4],
                "weighted_accuracy": [0.17391305, 0.6086956],
            },
            [-0.49856669, -0.49466071, 0.31878948, -0.17906411, -0.012945518, -0.25523317, -0.50487346, 0.048824079],
        ),
        (
            {},
            {"epochs": 2, "validation_split": 0.25},
            {
                "loss": [1.062203, 1.0164392],
                "accuracy": [0.14285715, 0.42857143],
                "val_loss": [1.2737285, 1.3511204],
                "val_accuracy": [0, 0],
            },
            [-0.45468694, -0.61681002, 0.30108035, 0.08138296, 0.25226811, -0.29939792, -0.45574689, 0.17633113],
        ),
        (
            {"optimizer": Adam(0.01, clipnorm=0.1)},
            {"epochs": 3},
            {"loss": [1.0743967, 1.0444475, 1.0202428], "accuracy": [0.2, 0.4, 0.5]},
            [-0.45493051, -0.56076235, 0.30897942, -0.0062091891, 0.2231255, -0.30852059, -0.45829123, 0.089377247],
        ),
        (
            {"activation": "sigmoid", "loss": "mse", "metrics": ["mae"]},
            {"epochs": 2, "y": np.eye(3)[Y]},
            {"loss": [0.24553141, 0.23951249], "mae": [0.49446756, 0.48839435]},
            [-0.49252692, -0.50942701, 0.33291683, 0.01425834, 0.2173645, -0.34895825, -0.39495754, 0.091106392],
        ),
    ],
    ids=["plain", "logits", "sample_weight", "class_weight", "validation_split", "adam with clipnorm", "mse"],
)
def test_fit_ends_where_keras_ends(make: Any, arguments: Any, history: dict[str, Any], weights: Any) -> None:
    net = build(**make)
    record = net.fit(X, **{"y": Y} | FIT | arguments).history
    assert record.keys() == history.keys()
    for name, values in history.items():
        close(record[name], values)
    close(some_weights(net)[:8], weights)


def test_fused_and_separate_derivatives_train_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    fused, separate = build(), build()
    monkeypatch.setattr(separate.trainer.loss, "can_absorb", lambda output: False)
    for net in (fused, separate):
        net.fit(X, Y, epochs=5, **FIT)
    close(fused.parameters.value, separate.parameters.value)


@pytest.mark.parametrize("batch_size", [1, 3, 4, 10, None])
def test_evaluate_does_not_depend_on_the_batch_size(batch_size: int | None) -> None:
    net = build(weighted_metrics=["accuracy"])
    close(net.evaluate(X, Y, batch_size=batch_size), net.evaluate(X, Y, batch_size=10))
    net = build()
    net.fit(X, Y, epochs=3, **FIT)
    close(net.evaluate(X, Y, batch_size=batch_size), [0.92213619, 0.6])


def test_evaluate_weighs_as_keras_does() -> None:
    net = build(weighted_metrics=["accuracy"])
    net.fit(X, Y, epochs=2, sample_weight=WEIGHTS, **FIT)
    figures = net.evaluate(X, Y, sample_weight=WEIGHTS, batch_size=3, return_dict=True)
    close([figures[k] for k in ("loss", "accuracy", "weighted_accuracy")], [1.0944939, 0.3, 0.5106383])


def test_users_keep_their_own_settings_for_numpys_warnings():
    """Steps alone are silent: data and callbacks see what the caller has set."""
    seen = []

    def batches():
        while True:
            seen.append(np.geterr()["over"])
            with np.errstate(divide="print"):
                yield np.ones((2, 3), np.float32), np.ones((2, 1), np.float32)

    model = Sequential([Input((3,)), {"dense": 1}], seed=0)
    model.compile("sgd", "mse")
    before = np.geterr()
    generator = batches()
    with np.errstate(over="print"):
        model.fit(generator, steps_per_epoch=2, verbose=0)
        generator.close()
    assert set(seen) == {"print"}
    assert np.geterr() == before
