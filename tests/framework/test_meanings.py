"""Which classes names stand for; that `compile` and `fit` say so is in test_sequential_compile.py."""

from __future__ import annotations

import pytest

from framework import losses, metrics
from framework.losses import Loss
from framework.meanings import meanings, only_target_shape

ACCURACY = {"accuracy": metrics.get("accuracy")}


@pytest.mark.parametrize(
    ("loss", "output", "target"),
    [
        ("sparse_categorical_crossentropy", (3,), ()),
        ("categorical_crossentropy", (3,), (3,)),
        ("sparse_categorical_crossentropy", (5, 3), (5,)),
        ("binary_crossentropy", (1,), (1,)),
        ("mse", (1,), (1,)),
        ("mse", (3,), (3,)),
        ("categorical_crossentropy", (1,), None),  # fits nothing
        ("crossentropy", (3,), None),  # fits both
    ],
)
def test_a_loss_may_leave_no_choice_of_targets(loss: str, output: tuple[int, ...], target: object) -> None:
    assert only_target_shape(losses.get(loss), output) == target


def test_what_shapes_decide_waits_for_them() -> None:
    loss = losses.get("crossentropy")
    assert meanings(ACCURACY, loss, None) == {}
    assert meanings(ACCURACY, loss, (3,)) == {}
    assert meanings(ACCURACY, loss, (3,), (3,)) == {"accuracy": "CategoricalAccuracy"}
    assert meanings(ACCURACY, None, (3,), ()) == {"accuracy": "SparseCategoricalAccuracy"}


def test_other_names_are_known_at_once() -> None:
    parts = {"loss": losses.get("mse"), "mae": metrics.get("mae")}
    assert meanings(parts, None, None) == {"loss": "MeanSquaredError", "mae": "MeanAbsoluteError"}


def test_a_loss_of_somebodys_own_may_say_what_it_likes_to_a_target_that_is_no_target() -> None:
    class Fussy(Loss):
        def check_targets(self, y_true, output_shape):
            raise IndexError

    assert meanings(ACCURACY, Fussy(), (3,)) == {}
