"""On which examples the command `check` tries a component, and what comes of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from ..activations import Activation
from ..layers import Activation as ActivationLayer
from ..layers import Layer
from ..layers.stack import declared_only
from ..losses import Loss
from ..optimizers import Optimizer
from ..parameters import Array, Shape
from ..registry import Configurable, Registry
from ..testing import CheckResult, check_component, check_layer, check_loss, check_optimizer, every_result
from .importing import place_in_users_code
from .mistakes import UsageError

SHAPES: Sequence[Shape] = ((4,), (6, 4), (8, 8, 3))
"""Of one example; the first that a layer takes is used."""
PREDICTION: Shape = (3,)
"""Of one prediction, for losses."""
SAMPLES = 6

Made = TypeVar("Made", bound=Configurable)
Make = Callable[[], Made]


@dataclass(frozen=True)
class Trial:
    """What came of the checks on these examples."""

    examples: str
    results: Sequence[CheckResult]

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(result.passed for result in self.results)

    @property
    def failed(self) -> int:
        """How many did not."""
        return len(self.results) - self.passed


def trial(
    make: Make[Configurable], registry: Registry[Any], shape: Shape | None = None, indices: bool = False
) -> Trial:
    """The checks that fit a component, on examples that suit it.

    make: makes fresh instances. shape: that of one example; by default some are tried. indices: a layer is given
    whole numbers, 0 and 1, as an embedding needs. Raises UsageError when a layer refuses the shape.

    >>> from framework.layers import Dense, registry
    >>> found = trial(lambda: Dense(2), registry)
    >>> found.examples, found.failed
    ('examples of shape (4,)', 0)
    """
    component = make()
    if isinstance(component, Layer):
        return _of_layer(cast(Make[Layer], make), SHAPES if shape is None else (shape,), indices)
    if isinstance(component, Activation):
        return _of_activation(cast(Make[Activation], make), registry, SHAPES[0] if shape is None else shape)
    if isinstance(component, Loss):
        return _of_loss(cast(Make[Loss], make), shape or PREDICTION)
    if isinstance(component, Optimizer):
        return _run("a parabola", lambda: check_optimizer(cast(Make[Optimizer], make)))
    return _run("", lambda: check_component(make, registry))


def _run(examples: str, check: Callable[[], object]) -> Trial:
    with every_result() as results, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what goes wrong on examples that do not fit is no news
        check()
    return Trial(examples, results)


def _of_layer(make: Make[Layer], shapes: Sequence[Shape], indices: bool) -> Trial:
    """On the first shape that the layer takes; on indices where it takes nothing else."""
    _check_shapes(make, shapes)
    refused = []
    for shape in shapes:
        # With indices, which have no derivative, less is checked: they come second.
        for with_indices in (True,) if indices else (False, True):
            found = _on(make, shape, with_indices)
            if found.results[0].passed:
                return found
            refused.append(found)
    return refused[0]


def _check_shapes(make: Make[Layer], shapes: Sequence[Shape]) -> None:
    """Raises UsageError when `build` takes none of the shapes; any other error of it is for the checks to show."""
    for shape in shapes:
        layer = make()
        try:
            with declared_only():
                layer.declare(shape)
        except (ValueError, IndexError) as error:  # as in `rows, columns, channels = shape`, and shape[2]
            refused = error
        except Exception:  # no matter of shapes: the checks will show it
            return
        else:
            return
    tried = " or ".join(map(str, shapes))
    said = f"{place_in_users_code(refused)}{type(refused).__name__}: {refused}"
    raise UsageError(
        f"{type(layer).__name__} takes no examples of shape {tried} ({said}); say which it takes, as in --shape 4,3"
    )


def _on(make: Make[Layer], shape: Shape, indices: bool) -> Trial:
    if indices:
        return _run(f"indices of shape {shape}", lambda: check_layer(make, shape, _indices))
    return _run(f"examples of shape {shape}", lambda: check_layer(make, shape))


def _indices(size: tuple[int, ...]) -> Array:
    return np.random.default_rng(0).integers(0, 2, size)


def _of_activation(make: Make[Activation], registry: Registry[Any], shape: Shape) -> Trial:
    """As the function of a layer, beside what all components promise."""
    general = _run("", lambda: check_component(make, registry))
    inside = _run("", lambda: check_layer(lambda: ActivationLayer(make()), shape))
    of_the_layer = ("configuration", "model file")
    own = [result for result in inside.results if result.check not in of_the_layer]
    return Trial(f"examples of shape {shape}", [*own, *general.results])


def _of_loss(make: Make[Loss], shape: Shape) -> Trial:
    """On the targets and predictions that suit it best: those on which most checks pass."""
    trials = []
    for examples, y_true, y_pred in targets(shape):
        trials.append(_run(examples, lambda t=y_true, p=y_pred: check_loss(make, t, p)))  # type: ignore[misc]
        if not trials[-1].failed:
            break
    return max(trials, key=lambda each: each.passed)


def targets(shape: Shape) -> Iterator[tuple[str, Array, Array]]:
    """Pairs of targets and predictions of one shape, and what they are."""
    random = np.random.default_rng(0)
    size = (SAMPLES, *shape)
    numbers, scores = random.standard_normal(size), random.standard_normal(size)
    yield f"numbers of shape {shape}", numbers, scores
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    classes = random.integers(0, shape[-1], size[:-1])
    yield f"class numbers and probabilities of shape {shape}", classes, probabilities
    yield f"one-hot rows and probabilities of shape {shape}", np.eye(shape[-1])[classes], probabilities
    truths = (numbers > 0).astype(float)
    yield f"zeros and ones, and probabilities of shape {shape}", truths, 1 / (1 + np.exp(-scores))
    yield f"signs, and numbers of shape {shape}", np.sign(numbers), scores
    yield f"positive numbers of shape {shape}", np.exp(numbers), np.exp(scores)
