"""The state of a training run at one moment, as a document: all it takes to go on from there."""

from __future__ import annotations

import base64
import copy
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .checkpoint import check_finite, named_weights, weights_by_name
from .documents import CheckpointError, Document, check_format, mapping
from .layers.base import every_layer, undone_on_failure
from .layers.stack import declared_only
from .parameters import Array, Parameter
from .registry import plain

if TYPE_CHECKING:
    from .optimizers import Optimizer
    from .run import Run
    from .sequential import Sequential

FORMAT = "numpy-sequential training"
VERSION = 4

FIGURE, FIGURES, ARRAY = "$figure", "$figures", "$array"
"""The only keys of the mappings that stand for what JSON does not have: NaN and infinities, long lists, and arrays."""
NUMBERS = "biuf"
"""The kinds of arrays that are kept: booleans, whole numbers and floats."""
LONG = 100
"""Figures from which on a list is kept as an array: the histories of many epochs are short so, and quickly read."""


def capture(run: Run, callbacks: Mapping[str, Mapping[str, Any]] | None = None, settings: Any = None) -> Document:
    """Weights, optimizer, random streams, history, and how far a run has come: between two batches, or two epochs.

    callbacks: the states of callbacks by name, of plain data and arrays. settings: plain data that `settings_of` gives
    back. Averages that are in the place of the weights just now are stored as averages.
    """
    model = run.trainer.model
    with _true_weights(model.optimizer):
        arrays = {f"weights/{name}": value.copy() for name, value in weights_by_name(model).items()}
        state = model.optimizer.get_state()
    arrays |= {f"slots/{name}": slot for name, slot in state.pop("slots").items()}
    history = {"epoch": [], "history": {}} if model.history is None else model.history.get_state()
    parts = {
        "settings": settings,
        "run": run.get_state(),
        "optimizer": state,
        "trainable": {"layers": [layer.trainable for layer in every_layer(model)]},
        "streams": {name: rng.bit_generator.state for name, rng in _streams(model)},
        "history": history,
        "callbacks": callbacks or {},
    }
    packed = {name: _packed(part, name, arrays, model.dtype) for name, part in parts.items()}
    return Document({"format": FORMAT, "version": VERSION, "input_shape": list(model.input_shape), **packed}, arrays)


def restore(run: Run, document: Document) -> None:
    """Puts the model of a run, its history, and the run itself back to where they were.

    Raises CheckpointError, before any weight is changed, when the document is of another model, optimizer or run.
    """
    _check_format(document)
    model, (description, arrays) = run.trainer.model, document
    _build(model, description.get("input_shape"), arrays)
    weights = _matching_weights(model, arrays)
    check_finite({name: arrays[f"weights/{name}"] for name, _ in weights})
    streams = _unpacked(mapping(description, "streams"), arrays)
    generators = [(rng, _generator_at(rng, streams, name)) for name, rng in _streams(model)]
    record, place = (_unpacked(mapping(description, part), arrays) for part in ("history", "run"))
    frozen_or_not = zip(every_layer(model), _flags(model, mapping(description, "trainable")), strict=True)
    slots = {name.removeprefix("slots/"): array for name, array in arrays.items() if name.startswith("slots/")}
    for layer, trainable in frozen_or_not:  # a callback may have frozen or thawed it since the run began
        if layer.trainable is not trainable:
            layer.trainable = trainable
    with _fitting("optimizer"):
        model.optimizer.set_state({**_unpacked(mapping(description, "optimizer"), arrays), "slots": slots})
    for name, parameter in weights:
        parameter.assign(arrays[f"weights/{name}"])
    model.optimizer.swapped = False
    with _fitting("history"):
        if model.history is not None:
            model.history.set_state(record)
    for rng, state in generators:
        rng.bit_generator.state = state
    with _fitting("run"):
        run.set_state(place)


def _build(model: Sequential, shape: Any, arrays: Mapping[str, Array]) -> None:
    """Builds a model that has not seen data yet; memory is taken once the weights are known to fit."""
    if model.built:
        return
    with undone_on_failure(model), _fitting("input_shape"), declared_only():
        model.build(tuple(shape))
        _matching_weights(model, arrays)
    model.weights_changed()


def _matching_weights(model: Sequential, arrays: Mapping[str, Array]) -> list[tuple[str, Parameter]]:
    weights = list(named_weights(model))
    for name, parameter in weights:
        found = arrays.get(f"weights/{name}")
        if found is None or found.shape != parameter.shape:
            has = "none" if found is None else f"one of shape {found.shape}"
            reason = f"the model has a weight {name!r} of shape {parameter.shape}, the file has {has}"
            raise CheckpointError(reason, f"weights.shapes[{f'weights/{name}'!r}]")
    return weights


def settings_of(document: Document) -> Any:
    """The settings as `capture` was given them; raises CheckpointError when the document has none."""
    _check_format(document)
    return _unpacked(mapping(document.description, "settings"), document.arrays)


def callback_states(document: Document) -> dict[str, Any]:
    """The states of the callbacks as `capture` was given them, by name; tuples are lists now.

    Raises CheckpointError when the document has none.
    """
    _check_format(document)
    states: dict[str, Any] = _unpacked(mapping(document.description, "callbacks"), document.arrays)
    return states


def _check_format(document: Document) -> None:
    try:
        check_format(document, {FORMAT: VERSION})
    except CheckpointError as error:
        raise CheckpointError(f"{error.reason}; remove the file to begin anew", error.place) from None


@contextmanager
def _fitting(place: str) -> Iterator[None]:
    """Makes whatever is said to a state that makes no sense a CheckpointError that names the place."""
    try:
        yield
    except CheckpointError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else error
        raise CheckpointError(f"it does not fit: {reason}", place) from None


def _generator_at(rng: np.random.Generator, streams: Any, name: str) -> Any:
    """The state of a stream, which a copy of its generator has been found to take."""
    if name not in streams:
        raise CheckpointError(f"the random stream of {name!r} is missing", "streams")
    with _fitting(f"streams.{name}"):
        copy.deepcopy(rng.bit_generator).state = streams[name]
    return streams[name]


def _flags(model: Sequential, found: Mapping[str, Any]) -> list[bool]:
    """Which layers may be trained: one flag for each layer of the model."""
    flags, count = found.get("layers"), len(list(every_layer(model)))
    if not isinstance(flags, list) or len(flags) != count or any(type(flag) is not bool for flag in flags):
        raise CheckpointError(f"it must be true or false for each of the model's {count} layers", "trainable.layers")
    return flags


@contextmanager
def _true_weights(optimizer: Optimizer) -> Iterator[None]:
    """For a while, the weights are where they belong, and not their averages."""
    swapped = optimizer.swapped
    if swapped:
        optimizer.swap_ema()
    try:
        yield
    finally:
        if swapped:
            optimizer.swap_ema()


def _packed(value: Any, name: str, arrays: dict[str, Array], dtype: str) -> Any:
    """`value` as JSON has it; arrays of the model's dtype go among the arrays, under `name` and their place in it."""
    if isinstance(value, np.ndarray):
        if value.dtype == dtype:
            arrays[name] = value.copy()
            return {ARRAY: name}
        if value.dtype.kind not in NUMBERS:
            raise TypeError(f"{name} is an array of {value.dtype}, only those of numbers can be kept")
        # A document has arrays of one type only; others are texts.
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        text = base64.b64encode(little.tobytes()).decode("ascii")
        return {ARRAY: text, "dtype": little.dtype.str, "shape": list(value.shape)}
    if isinstance(value, Mapping):
        return {str(key): _packed(part, f"{name}/{key}", arrays, dtype) for key, part in value.items()}
    if isinstance(value, list | tuple):
        if len(value) >= LONG and all(type(part) is float for part in value):
            return {FIGURES: _packed(np.array(value), name, {}, "")}
        return [_packed(part, f"{name}/{i}", arrays, dtype) for i, part in enumerate(value)]
    value = plain(value, name)
    return {FIGURE: str(value)} if isinstance(value, float) and not math.isfinite(value) else value


def _unpacked(value: Any, arrays: Mapping[str, Array]) -> Any:
    """What `_packed` was given; raises CheckpointError when an array is missing or damaged."""
    if isinstance(value, list):
        return [_unpacked(part, arrays) for part in value]
    if not isinstance(value, Mapping):
        return value
    try:
        if FIGURE in value:
            return float(value[FIGURE])
        if FIGURES in value:
            return _unpacked(value[FIGURES], arrays).tolist()
        if "dtype" in value and ARRAY in value:
            dtype = np.dtype(str(value["dtype"]))
            if dtype.kind not in NUMBERS:  # others can ask for any amount of memory
                raise TypeError(f"{dtype} is no type of numbers")
            content = base64.b64decode(value[ARRAY], validate=True)
            return np.frombuffer(content, dtype).reshape(value["shape"]).astype(dtype.newbyteorder("="))
        if ARRAY in value:
            return arrays[value[ARRAY]].copy()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise CheckpointError(f"{str(dict(value))[:100]} stands for no figure and no array ({error!r})") from None
    return {key: _unpacked(part, arrays) for key, part in value.items()}


def _streams(model: Sequential) -> Iterator[tuple[str, np.random.Generator]]:
    yield "shuffle", model.shuffle_rng
    yield "augment", model.augment_rng
    for number, layer in enumerate(every_layer(model)):
        if layer.rng is not None:
            yield f"layer {number}", layer.rng
