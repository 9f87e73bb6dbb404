"""A pass through a model that is watched layer by layer and changes nothing that lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .layers.base import every_layer
from .parameters import Array

if TYPE_CHECKING:
    from .layers import Layer
    from .sequential import Sequential

Seen = tuple[str, "Layer", Array, Array]


class _Found(Exception):  # noqa: N818 - no error: it ends the pass
    pass


def first_layer(
    model: Sequential, x: Array, wanted: Callable[[Layer, Array, Array], bool], training: bool
) -> tuple[Seen | None, Array | None]:
    """Runs x through the model until `wanted(layer, input, output)`; a layer inside another comes before that one.

    Returns that layer's path, itself, its input and its output, or None and the output of the whole model. Random
    streams and moving averages are put back to where they were; buffers are not.

    >>> import numpy as np
    >>> from framework import Sequential
    >>> model = Sequential(["relu", "softmax"])
    >>> seen, _ = first_layer(model, np.ones((1, 2), np.float32), lambda layer, x, y: bool((y < 1).any()), False)
    >>> seen[0]
    'softmax'
    """
    found: list[Seen] = []

    def watched(path: str, layer: Layer) -> Callable[..., Array]:
        forward = layer.forward

        def call(x: Array, *arguments: Any, **named: Any) -> Array:
            y = forward(x, *arguments, **named)
            if wanted(layer, x, y):
                found.append((path, layer, x, y))
                raise _Found
            return y

        return call

    model.checked(x[:1])  # builds it
    with _put_back(model):
        watching = [(path, layer) for path, layer in _paths(model, "") if path]
        try:
            for path, layer in watching:
                vars(layer)["forward"] = watched(path, layer)
            y = model.forward(x, training)
        except _Found:
            return found[0], None
        finally:
            for _, layer in watching:
                vars(layer).pop("forward", None)
    return None, y


@contextmanager
def _put_back(model: Sequential) -> Iterator[None]:
    """Afterwards, random streams and what no optimizer sees are what they were before."""
    streams = {id(layer.rng): layer.rng for layer in every_layer(model) if layer.rng is not None}
    states = [(rng, rng.bit_generator.state) for rng in streams.values()]
    averages = model.state.value.copy()
    try:
        yield
    finally:
        model.state.value[...] = averages
        for rng, state in states:
            rng.bit_generator.state = state


def _paths(layer: Layer, path: str) -> Iterator[tuple[str, Layer]]:
    """Every layer inside with its path of names, such as `block/dense_1`, like the weights'."""
    yield path, layer
    for inner in layer.sublayers:
        yield from _paths(inner, f"{path}/{inner.label}" if path else inner.label)
