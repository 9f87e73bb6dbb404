"""The table that `Sequential.summary` prints, in Keras's format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .layers import Layer
    from .parameters import Parameter, Shape
    from .sequential import Sequential

WIDTH = 88


def summarize(model: Sequential, line_length: int | None = None, show_trainable: bool = False) -> str:
    """The table as text; a model that is not built yet shows `?` for what it does not know."""
    header = ["Layer (type)", "Output Shape", "Param #"] + ["Trainable"] * show_trainable
    rows = [_row(layer, show_trainable) for layer in model.layers]
    lines = [f'Model: "{model.name}"', *_table(header, rows, line_length or WIDTH)]
    trainable, others = model.trainable_weights, model.non_trainable_weights
    for title, weights in (("Total", model.weights), ("Trainable", trainable), ("Non-trainable", others)):
        lines.append(f" {title} params: {_amount(weights, model.dtype)}")
    return "\n".join(lines)


def _row(layer: Layer, show_trainable: bool) -> list[str]:
    built = layer.built
    shape = _shape(layer.output_shape) if built else "?"
    count = f"{layer.count_params():,}" if built else "0 (unbuilt)"
    row = [f"{layer.label} ({type(layer).__name__})", shape, count]
    if show_trainable:
        row.append("-" if not layer.weights else "Y" if layer.trainable else "N")
    return row


def _shape(shape: Shape) -> str:
    return str((None, *shape))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    shares = (0.45, 0.35, 0.20) if len(header) == 3 else (0.40, 0.30, 0.17, 0.13)
    inside = width - len(header) - 1
    columns = [int(inside * share) for share in shares]
    columns[0] += inside - sum(columns)
    columns = [max(n, *(len(row[i]) + 2 for row in (header, *rows))) for i, n in enumerate(columns)]

    def rule(left: str, middle: str, right: str, line: str = "─") -> str:
        return left + middle.join(line * n for n in columns) + right

    def cells(row: Sequence[str], bar: str) -> str:
        aligned = [
            f" {text:>{n - 2}} " if i >= 2 and row is not header else f" {text:<{n - 2}} "
            for i, (text, n) in enumerate(zip(row, columns, strict=True))
        ]
        return bar + bar.join(aligned) + bar

    lines = [rule("┏", "┳", "┓", "━"), cells(header, "┃"), rule("┡", "╇", "┩", "━")]
    for i, row in enumerate(rows):
        lines += [rule("├", "┼", "┤")] * (i > 0) + [cells(row, "│")]
    return [*lines, rule("└", "┴", "┘")]


def _amount(weights: Sequence[Parameter], dtype: str) -> str:
    count = sum(p.size for p in weights)
    size = float(count * np.dtype(dtype).itemsize)
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{count:,} ({size:.2f} {unit})"
        size /= 1024
    return f"{count:,} ({size:.2f} GB)"
