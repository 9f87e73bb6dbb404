"""Components are tried on examples that suit them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framework import losses
from framework.commands.families import family_of
from framework.commands.importing import import_class
from framework.commands.mistakes import UsageError
from framework.commands.trials import Trial, targets, trial

from .toys import OTHERS, SCALE


@pytest.fixture(autouse=True)
def modules(folder: Path) -> None:
    (folder / "my_scale.py").write_text(SCALE)
    (folder / "others.py").write_text(OTHERS)


def tried(target: str, shape: tuple[int, ...] | None = None, indices: bool = False, **arguments: object) -> Trial:
    cls = import_class(target)
    family = family_of(cls)
    assert family is not None
    return trial(lambda: cls(**arguments), family.registry, shape, indices)


@pytest.mark.parametrize(
    ("target", "examples"),
    [
        ("my_scale:Scale", "examples of shape (4,)"),
        ("others:Images", "examples of shape (8, 8, 3)"),
        ("others:Lookup", "indices of shape (4,)"),
        ("others:Square", "examples of shape (4,)"),
        ("others:Quartic", "numbers of shape (3,)"),
        ("others:SignDescent", "a parabola"),
    ],
)
def test_what_is_right_passes(target: str, examples: str) -> None:
    found = tried(target)
    assert (found.examples, found.failed) == (examples, 0)
    assert found.passed >= 5


def test_a_shape_is_taken_as_it_is_given() -> None:
    assert tried("my_scale:Scale", (3, 2)).examples == "examples of shape (3, 2)"
    assert tried("others:Quartic", (7,)).examples == "numbers of shape (7,)"
    with pytest.raises(
        UsageError, match=r"^Images takes no examples of shape \(4,\) \(others.py, line \d+: ValueError: "
    ):
        tried("others:Images", (4,))


def test_any_other_error_of_build_is_for_the_checks_to_show() -> None:
    found = tried("others:Shapeless")
    assert found.examples == "examples of shape (4,)"
    assert not found.results[0].passed


def test_indices_hide_no_wrong_gradient_of_a_layer_that_takes_other_numbers() -> None:
    found = tried("others:Doubling")
    assert found.examples == "examples of shape (4,)"
    assert [result.check for result in found.results if not result.passed] == ["gradients"]


def test_indices_are_given_where_they_are_asked_for() -> None:
    assert tried("my_scale:Scale", indices=True).examples == "indices of shape (4,)"
    assert tried("others:Lookup", (2, 2), indices=True).examples == "indices of shape (2, 2)"


def test_a_layer_that_takes_a_shape_must_be_right_on_it() -> None:
    found = tried("my_scale:Wrong")
    assert found.examples == "examples of shape (4,)"
    failed = [result for result in found.results if not result.passed]
    assert [result.check for result in failed] == ["gradients"]
    assert found.passed == len(found.results) - 1


def test_every_check_is_run_even_when_the_first_fails() -> None:
    found = tried("my_scale:Crashing")
    assert not found.results[0].passed
    assert len(found.results) == len(tried("my_scale:Wrong").results)


def test_a_wrong_loss_fails_by_its_gradient() -> None:
    assert [r.check for r in tried("others:WrongQuartic").results if not r.passed] == ["gradient"]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (losses.SparseCategoricalCrossentropy, "class numbers"),
        (lambda: losses.SparseCategoricalCrossentropy(from_logits=True), "class numbers"),
        (losses.MeanAbsoluteError, "numbers"),
    ],
)
def test_losses_get_the_targets_they_are_made_for(make: type[losses.Loss], kind: str) -> None:
    found = trial(make, losses.registry)
    assert found.failed == 0
    assert found.examples.startswith(kind)


def test_others_are_checked_for_what_all_components_promise() -> None:
    assert tried("others:Halving", start=0.5).failed == 0
    failed = [str(result.error) for result in tried("others:Forgetful").results if not result.passed]
    assert any("must store its argument 'start' as self.start" in message for message in failed)


@pytest.mark.parametrize("shape", [(3,), (4, 2)])
def test_targets_and_predictions_fit_each_other(shape: tuple[int, ...]) -> None:
    for _, y_true, y_pred in targets(shape):
        assert y_pred.shape[1:] == shape
        assert y_true.shape in (y_pred.shape, y_pred.shape[:-1])
        assert np.isfinite(y_pred).all()
