"""The state of a training run at one moment, as a document: all it takes to go on from there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .checkpoint import named_weights, weights_by_name
from .documents import CheckpointError, Document, check_format, mapping
from .layers.base import every_layer
from .parameters import Array
from .registry import plain

if TYPE_CHECKING:
    from .optimizers import Optimizer
    from .sequential import Sequential

FORMAT = "numpy-sequential training"
VERSION = 2

FIGURE, ARRAY = "$figure", "$array"
"""The only keys of the mappings that stand for what JSON does not have: NaN and infinities, and arrays."""


def capture(
    model: Sequential, epoch: int, batch: int, callbacks: Mapping[str, Mapping[str, Any]] | None = None
) -> Document:
    """Weights, optimizer, random streams and history of a compiled model, which is about to train this epoch.

    batch: how many batches of the epoch it has trained on already. callbacks: the states of callbacks by name, of
    plain data and arrays. Averages that are in the place of the weights just now are stored as averages.
    """
    with _true_weights(model.optimizer):
        arrays = {f"weights/{name}": value.copy() for name, value in weights_by_name(model).items()}
        state = model.optimizer.get_state()
    arrays |= {f"slots/{name}": slot for name, slot in state.pop("slots").items()}
    history = {"epoch": [], "history": {}} if model.history is None else model.history.get_state()
    description = {
        "format": FORMAT,
        "version": VERSION,
        "epoch": epoch,
        "batch": batch,
        "optimizer": plain(state, "optimizer"),
        "streams": {name: plain(rng.bit_generator.state, name) for name, rng in _streams(model)},
        "history": _packed(history, "history", arrays, model.dtype),
        "callbacks": _packed(callbacks or {}, "callbacks", arrays, model.dtype),
    }
    return Document(description, arrays)


def restore(model: Sequential, document: Document) -> int:
    """Puts a model back to where it was, with its history, and returns the epoch that comes next.

    Raises CheckpointError, before anything is changed, when the document is of another model or optimizer.
    """
    check_format(document, {FORMAT: VERSION})
    description, arrays = document
    weights = list(named_weights(model))
    for name, parameter in weights:
        found = arrays.get(f"weights/{name}")
        if found is None or found.shape != parameter.shape:
            has = "none" if found is None else f"one of shape {found.shape}"
            raise CheckpointError(f"the model has a weight {name!r} of shape {parameter.shape}, the file has {has}")
    streams = mapping(description, "streams")
    missing = [name for name, _ in _streams(model) if name not in streams]
    if missing:
        raise CheckpointError(f"the random stream of {missing[0]!r} is missing")
    record = _unpacked(mapping(description, "history"), arrays)
    epoch = description.get("epoch")
    if not isinstance(epoch, int) or epoch < 0:
        raise CheckpointError(f"epoch must be a whole number, got {epoch!r}")
    slots = {name.removeprefix("slots/"): array for name, array in arrays.items() if name.startswith("slots/")}
    try:
        model.optimizer.set_state({**mapping(description, "optimizer"), "slots": slots})
    except ValueError as error:
        raise CheckpointError(f"the optimizer's state does not fit: {error}") from None
    for name, parameter in weights:
        parameter.assign(arrays[f"weights/{name}"])
    model.optimizer.swapped = False
    if model.history is not None:
        model.history.set_state(record)
    for name, rng in _streams(model):
        rng.bit_generator.state = streams[name]
    return epoch


def callback_states(document: Document) -> dict[str, Any]:
    """The states of the callbacks as `capture` was given them, by name; tuples are lists now.

    Raises CheckpointError when the document has none.
    """
    check_format(document, {FORMAT: VERSION})
    states: dict[str, Any] = _unpacked(mapping(document.description, "callbacks"), document.arrays)
    return states


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
        # A document has arrays of one type only; the digits of Python's numbers are exact.
        numbers = _packed(value.ravel().tolist(), name, arrays, dtype)
        return {ARRAY: numbers, "dtype": value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, Mapping):
        return {str(key): _packed(part, f"{name}/{key}", arrays, dtype) for key, part in value.items()}
    if isinstance(value, list | tuple):
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
        if "dtype" in value and ARRAY in value:
            return np.array(_unpacked(value[ARRAY], arrays), value["dtype"]).reshape(value["shape"])
        if ARRAY in value:
            return arrays[value[ARRAY]].copy()
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{dict(value)!r} stands for no figure and no array ({error!r})") from None
    return {key: _unpacked(part, arrays) for key, part in value.items()}


def _streams(model: Sequential) -> Iterator[tuple[str, np.random.Generator]]:
    yield "shuffle", model.shuffle_rng
    yield "augment", model.augment_rng
    for number, layer in enumerate(every_layer(model)):
        if layer.rng is not None:
            yield f"layer {number}", layer.rng
