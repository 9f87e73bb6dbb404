"""The table that `Sequential.summary` prints, in Keras's format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .layers import Layer
    from .parameters import Parameter, Shape
    from .sequential import Sequential

WIDTH = 88
WIDTH_OF_TRAINABLE = 12
POSITIONS = (0.45, 0.80, 1.0)
"""Where the columns end, as shares of the width."""


def summarize(
    model: Sequential,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> str:
    """The table as text; a model that is not built yet shows `?` for what it does not know.

    line_length: the width in characters. positions: where the columns end, as shares of the width. expand_nested:
    whether to show the layers inside of layers. layer_range: the names of the first and the last layer to show,
    or regular expressions for them. Raises ValueError for a range or positions that do not fit.

    >>> from framework import Input, Sequential
    >>> print(summarize(Sequential([Input((4,)), {"dense": 3}], name="small"), line_length=50))
    Model: "small"
    ┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━┓
    ┃ Layer (type)        ┃ Output Shape   ┃ Param # ┃
    ┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━┩
    │ dense (Dense)       │ (None, 3)      │      15 │
    └─────────────────────┴────────────────┴─────────┘
     Total params: 15 (60.00 B)
     Trainable params: 15 (60.00 B)
     Non-trainable params: 0 (0.00 B)
    """
    header = ["Layer (type)", "Output Shape", "Param #"] + ["Trainable"] * show_trainable
    ends = positions or POSITIONS
    if show_trainable and positions is None:
        ends = [*(0.9 * end for end in POSITIONS), 1.0]
    if len(ends) != len(header) or list(ends) != sorted(ends):
        raise ValueError(f"positions must be {len(header)} rising shares of the width, got {positions!r}")
    rows = [
        _row(layer, depth, show_trainable)
        for top in _in_range(model, layer_range)
        for layer, depth in _with_those_inside(top, expand_nested)
    ]
    width = line_length or WIDTH + WIDTH_OF_TRAINABLE * show_trainable
    lines = [f'Model: "{model.name}"', *_table(header, rows, width, ends)]
    trainable, others = model.trainable_weights, model.non_trainable_weights
    for title, weights in (("Total", model.weights), ("Trainable", trainable), ("Non-trainable", others)):
        lines.append(f" {title} params: {_amount(weights, model.dtype)}")
    return "\n".join(lines)


def _in_range(model: Sequential, names: Sequence[str] | None) -> Sequence[Layer]:
    layers = model.layers
    if names is None:
        return layers
    if isinstance(names, str) or len(names) != 2:
        raise ValueError(f"layer_range must be the names of two layers, the first and the last, got {names!r}")
    found = []
    for name in names:
        places = [i for i, layer in enumerate(layers) if name == layer.name or re.match(name, str(layer.name))]
        if not places:
            known = ", ".join(str(layer.name) for layer in layers)
            raise ValueError(f"layer_range: model {model.name!r} has no layer {name!r} (layers: {known})")
        found.append(places)
    return layers[found[0][0] : found[1][-1] + 1]


def _with_those_inside(layer: Layer, expand: bool, depth: int = 0) -> Iterator[tuple[Layer, int]]:
    yield layer, depth
    if expand:
        for inner in getattr(layer, "layers", layer.sublayers):
            yield from _with_those_inside(inner, expand, depth + 1)


def _row(layer: Layer, depth: int, show_trainable: bool) -> list[str]:
    built = layer.built
    shape = _shape(layer.output_shape) if built else "?"
    count = f"{layer.count_params():,}" if built else "0 (unbuilt)"
    indent = "   " * depth + "└ " if depth else ""
    row = [f"{indent}{layer.label} ({type(layer).__name__})", shape, count]
    if show_trainable:
        row.append("-" if not layer.weights else "Y" if layer.trainable else "N")
    return row


def _shape(shape: Shape) -> str:
    return str((None, *shape))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, ends: Sequence[float]) -> list[str]:
    columns = _columns(width, ends)
    columns = [max(n, *(len(row[i]) + 2 for row in (header, *rows))) for i, n in enumerate(columns)]
    aligned = "<<>^"

    def rule(left: str, middle: str, right: str, line: str = "─") -> str:
        return left + middle.join(line * n for n in columns) + right

    def cells(row: Sequence[str], bar: str) -> str:
        texts = [f" {text:{aligned[i]}{columns[i] - 2}} " for i, text in enumerate(row)]
        return bar + bar.join(texts) + bar

    lines = [rule("┏", "┳", "┓", "━"), cells(header, "┃"), rule("┡", "╇", "┩", "━")]
    for i, row in enumerate(rows):
        lines += [rule("├", "┼", "┤")] * (i > 0) + [cells(row, "│")]
    return [*lines, rule("└", "┴", "┘")]


def _columns(width: int, ends: Sequence[float]) -> list[int]:
    """The columns' widths, with the bars between them taken off evenly."""
    stops = [int(end * width) for end in ends]
    columns = [stop - start for start, stop in zip([0, *stops], stops, strict=False)]
    bars = len(columns) + 1
    for i in range(len(columns)):
        cut = round(bars / (len(columns) - i))
        columns[i] -= cut
        bars -= cut
    return columns


def _amount(weights: Sequence[Parameter], dtype: str) -> str:
    count = sum(p.size for p in weights)
    size = float(count * np.dtype(dtype).itemsize)
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{count:,} ({size:.2f} {unit})"
        size /= 1024
    return f"{count:,} ({size:.2f} GB)"
