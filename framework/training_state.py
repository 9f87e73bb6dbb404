"""The state of a training run at one moment, as a document: all it takes to go on from there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .checkpoint import named_weights
from .documents import CheckpointError, Document, check_format, mapping
from .layers.base import every_layer
from .registry import plain

if TYPE_CHECKING:
    from .sequential import Sequential

FORMAT = "numpy-sequential training"
VERSION = 1


def capture(model: Sequential, epoch: int, batch: int) -> Document:
    """Weights, optimizer, random streams and history of a compiled model, which is about to train this epoch.

    batch: how many batches of the epoch it has trained on already.
    """
    weights = {f"weights/{name}": parameter.value for name, parameter in named_weights(model)}
    state = model.optimizer.get_state()
    slots = {f"slots/{name}": slot for name, slot in state.pop("slots").items()}
    description = {
        "format": FORMAT,
        "version": VERSION,
        "epoch": epoch,
        "batch": batch,
        "optimizer": plain(state, "optimizer"),
        "streams": {name: plain(rng.bit_generator.state, name) for name, rng in _streams(model)},
        "history": {"epoch": [], "history": {}} if model.history is None else _record(model),
    }
    return Document(description, {**weights, **slots})


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
    record = mapping(description, "history")
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
    if model.history is not None:
        model.history.epoch[:] = record["epoch"]
        model.history.history.update(record["history"])
    for name, rng in _streams(model):
        rng.bit_generator.state = streams[name]
    return epoch


def _record(model: Sequential) -> dict[str, Any]:
    assert model.history is not None
    # JSON has no NaN; None stands for it, and for what is infinite.
    figures = {
        name: [None if isinstance(v, float) and not np.isfinite(v) else plain(v, name) for v in values]
        for name, values in model.history.history.items()
    }
    return {"epoch": list(model.history.epoch), "history": figures}


def _streams(model: Sequential) -> Iterator[tuple[str, np.random.Generator]]:
    yield "shuffle", model.shuffle_rng
    yield "augment", model.augment_rng
    for number, layer in enumerate(every_layer(model)):
        if layer.rng is not None:
            yield f"layer {number}", layer.rng
