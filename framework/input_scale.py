"""Whether a model is given levels of brightness from 0 to 255 as they come, which it would learn badly from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .examination import CHUNK, first_unscaled
from .parameters import Array
from .replay import first_layer

if TYPE_CHECKING:
    from .data.batches import Batches
    from .layers import Layer
    from .sequential import Sequential

_KERNELS = {"kernel", "depthwise_kernel"}
_SHOWN = 4
"""How many examples show what the first layer with weights is given."""


def check_scale_of_batches(model: Sequential, batches: Batches) -> None:
    """As `check_scale`, for all of the data, or the first of it where it lies on disk.

    With a `scale`, whatever it is, the batches are taken to be what is meant.
    """
    if batches.scale is not None:
        return
    x = batches.x
    if batches.on_disk:
        x = x[: max(1, CHUNK * 16 // max(1, x[:1].size))]
    check_scale(model, x, lambda some: batches.transformed(some.astype(model.dtype)))


def check_scale(model: Sequential, x: Array, transformed: Callable[[Array], Array | None] = lambda some: some) -> None:
    """Raises ValueError, with the first offender, when such levels reach the first kernel of the model unscaled.

    `first_unscaled` says what is such a level. Layers that bring them to scale may get them as they are: those with
    weights of another name than a kernel, such as BatchNormalization or Embedding, and those that make them smaller.

    transformed: what becomes of some examples on the way to the model; None where nobody knows.
    """
    number = first_unscaled(x)
    if number is None:
        return
    some = transformed(x[number : number + _SHOWN])
    if some is None:
        return
    some = np.asarray(some, model.dtype)
    with model.lock:  # others may predict
        seen, _ = first_layer(model, some, lambda layer, x, y: bool(_own_weights(layer)), training=False)
    if seen is None or not _KERNELS & _own_weights(seen[1]):
        return
    path, _, given, _ = seen
    highest, reached = some.max(), np.abs(given).max()
    if reached <= 1 or reached < highest / 8:
        return
    kind = "bytes" if x.dtype == np.uint8 else "whole numbers from 0 to 255"
    as_it_is = "x.astype('float32')" if x.dtype == np.uint8 and x.ndim < 3 else "framework.data.Batches(..., scale=1)"
    raise ValueError(
        f"x holds {kind}, such as {x[number].max():g} in sample {number}, which reach the kernel of layer {path!r} "
        f"unscaled: pass x / 255 or framework.data.Batches(..., scale=1 / 255), or begin the model with a "
        f"BatchNormalization; if they are meant as they are, pass {as_it_is}"
    )


def _own_weights(layer: Layer) -> set[str]:
    return {parameter.name for parameter in layer._parameters}
