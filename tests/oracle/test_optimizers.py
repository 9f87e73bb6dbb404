"""Every optimizer with all of its options: the weights after each of many steps, in both precisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras

from framework import ParameterVector, constraints, optimizers
from framework.optimizers import Optimizer

from ..contract.cases.optimizers import OPTIMIZERS
from .agreement import DOUBLE, FACTOR, FLOOR, RECORD, agree, largest_error
from .twins import floatx, in_single, twin

SHAPES = [(3, 4), (4,), (1,), (2, 2, 3, 2)]
STEPS = 8

SETTINGS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.02},
    {"clipnorm": 0.5},
    {"clipvalue": 0.25},
    {"global_clipnorm": 1.5},
    {"use_ema": True, "ema_momentum": 0.75},
    {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 3, "weight_decay": 0.01},
    {"gradient_accumulation_steps": 3},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.5, "weight_decay": 0.01, "use_ema": True, "ema_momentum": 0.5},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    {"learning_rate": {"cosine_decay": {"initial_learning_rate": 0.125, "decay_steps": 8, "alpha": 0.25}}},
    {"learning_rate": {"exponential_decay": [0.125, 4, 0.5]}, "gradient_accumulation_steps": 2},
]
OURS_ALONE = ("one_cycle",)

TOLERANCES = {
    optimizers.Nadam: (1e-7, "Keras keeps its 0.96 in float32, and the product of the momenta"),
    optimizers.Adafactor: (1e-7, "Keras keeps 1e-30 and the exponents in float32"),
}


COMPARABLE = [o for o in OPTIMIZERS if not any(name in repr(o) for name in OURS_ALONE)]


def cases() -> list[Optimizer]:
    listed = list(COMPARABLE)
    for cls in dict.fromkeys(type(o) for o in OPTIMIZERS):
        for settings in SETTINGS:
            rate = settings.get("learning_rate", 0.0625)
            if isinstance(rate, dict) and isinstance(rate.get("exponential_decay"), list):
                names = ("initial_learning_rate", "decay_steps", "decay_rate")
                rate = {"exponential_decay": dict(zip(names, rate["exponential_decay"], strict=True))}
            listed.append(cls.from_config(settings | {"learning_rate": rate}))
    return listed


CASES = cases()


def start(dtype: str) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """First values and gradients, of numbers that float32 has."""
    rng = np.random.default_rng(6)
    values = [rng.standard_normal(shape, np.float32).astype(dtype) for shape in SHAPES]
    gradients = [[rng.standard_normal(shape, np.float32).astype(dtype) for shape in SHAPES] for _ in range(STEPS)]
    return values, gradients


def ours_and_theirs(optimizer: Optimizer, dtype: str) -> tuple[Optimizer, ParameterVector, Any, list[Any]]:
    values, _ = start(dtype)
    ours = in_single(optimizer)
    vector = ParameterVector.from_arrays(values, dtype)
    ours.bind(vector)
    theirs = twin(ours)
    variables = [keras.Variable(value, dtype=dtype, name=p.name) for value, p in zip(values, vector, strict=True)]
    theirs.build(variables)
    return ours, vector, theirs, variables


def walk(optimizer: Optimizer, dtype: str, subject: str = "") -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The weights of both after all steps; with a subject, they are compared on the way."""
    with floatx(dtype):
        ours, vector, theirs, variables = ours_and_theirs(optimizer, dtype)
        for gradients in start(dtype)[1]:
            if subject:
                rates = [ours.learning_rate], [np.asarray(theirs.learning_rate)]
                agree("optimizers: learning rates", *rates, tolerance(optimizer))
            for parameter, gradient in zip(vector, gradients, strict=True):
                parameter.grad[...] = gradient
            ours.step()
            theirs.apply([keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
            if subject:
                agree(subject, [p.value for p in vector], variables, tolerance(optimizer))
                agree("optimizers: iterations", [ours.iterations], [np.asarray(theirs.iterations)], 0.0)
        ours.finalize()
        theirs.finalize_variable_values(variables)
    return [p.value.copy() for p in vector], [np.asarray(variable) for variable in variables]


def tolerance(optimizer: Optimizer) -> float:
    return TOLERANCES.get(type(optimizer), (DOUBLE,))[0]


@pytest.mark.parametrize("optimizer", CASES, ids=repr)
def test_weights_agree_after_every_step(optimizer: Optimizer) -> None:
    ours, theirs = walk(optimizer, "float64", "optimizers: weights")
    agree("optimizers: weights at the end", ours, theirs, tolerance(optimizer))


@pytest.mark.parametrize("optimizer", COMPARABLE, ids=repr)
def test_float32_loses_no_more_than_in_keras(optimizer: Optimizer) -> None:
    exact, _ = walk(optimizer, "float64")
    ours, theirs = walk(optimizer, "float32")
    our_error, their_error = largest_error(ours, exact), largest_error(theirs, exact)
    RECORD.note("optimizers: weights (float32)", len(ours), our_error)
    assert our_error <= FACTOR * their_error + FLOOR * STEPS, f"{our_error:.2e} off, and Keras {their_error:.2e}"


@pytest.mark.parametrize("cls", dict.fromkeys(type(o) for o in OPTIMIZERS), ids=lambda cls: cls.__name__)
def test_decay_spares_what_is_excluded(cls: type[Optimizer]) -> None:
    optimizer = cls.from_config({"weight_decay": 0.25, "learning_rate": 0.125})
    ours, vector, theirs, variables = ours_and_theirs(optimizer, "float64")
    ours.exclude_from_weight_decay([vector.parameters[0]], ["_1", "_2"])
    theirs = twin(ours)
    theirs.exclude_from_weight_decay([variables[0]], ["_1", "_2"])
    for gradients in start("float64")[1]:
        for parameter, gradient in zip(vector, gradients, strict=True):
            parameter.grad[...] = gradient
        ours.step()
        theirs.apply([keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
    agree("optimizers: excluded", [p.value for p in vector], variables, tolerance(optimizer))


@pytest.mark.parametrize("settings", SETTINGS, ids=repr)
def test_constraints_hold_after_every_step(settings: dict[str, Any]) -> None:
    settings = {name: value for name, value in settings.items() if name != "learning_rate"}
    ours, vector, theirs, variables = ours_and_theirs(optimizers.SGD.from_config(settings), "float64")
    for parameter, variable, constraint in zip(
        vector,
        variables,
        [constraints.MaxNorm(0.75), constraints.NonNeg(), None, constraints.MinMaxNorm(0.5, axis=[0, 1, 2])],
        strict=True,
    ):
        if constraint is not None:
            parameter.constraint, variable.constraint = constraint, twin(constraint)
    ours.bind(vector)
    for gradients in start("float64")[1]:
        for parameter, gradient in zip(vector, gradients, strict=True):
            parameter.grad[...] = gradient
        ours.step()
        theirs.apply([keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
        agree("optimizers: constraints", [p.value for p in vector], variables)


def test_no_optimizer_is_left_out() -> None:
    registry = optimizers.registry
    own = {cls for cls in map(registry.__getitem__, registry) if cls.__module__.startswith("framework.")}
    assert {type(optimizer) for optimizer in CASES} >= own
