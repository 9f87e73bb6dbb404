"""Tables and paragraphs, as wide as the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

NARROWEST = 60
WIDEST = 120
GAP = "  "


def width() -> int:
    """Columns to fill: those of the terminal, or of the variable COLUMNS, within reason."""
    return max(NARROWEST, min(shutil.get_terminal_size((100, 24)).columns, WIDEST))


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """A paragraph; `first` begins its first line and `indent` the others.

    >>> print(wrapped("one of\\nmany", first="- "))
    - one of many
    """
    start = indent if first is None else first
    lines = textwrap.wrap(
        " ".join(text.split()), width(), initial_indent=start, subsequent_indent=indent, break_on_hyphens=False
    )
    return "\n".join(lines)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; where a line is too short for all, long cells go on below.

    >>> print(table(["check", "result"], [["output shape", "passed"]]))
    check         result
    ------------  ------
    output shape  passed
    """
    columns = list(zip(heading, *rows, strict=True))
    widths = _narrowed(columns, width() - len(GAP) * (len(heading) - 1))
    lines = [_line(heading, widths), _line(["-" * size for size in widths], widths)]
    for row in rows:
        cells = [
            textwrap.wrap(cell, size, break_on_hyphens=False) or [""] for cell, size in zip(row, widths, strict=True)
        ]
        height = max(len(cell) for cell in cells)
        lines += [_line([cell[i] if i < len(cell) else "" for cell in cells], widths) for i in range(height)]
    return "\n".join(lines)


def _narrowed(columns: Sequence[Sequence[str]], space: int) -> list[int]:
    """As wide as the widest cells where that fits; else the widest give way, at first without breaking words."""
    widths = [max(map(len, cells)) for cells in columns]
    words = [max(len(word) for cell in cells for word in [*cell.split(), ""]) for cells in columns]
    while sum(widths) > space:
        spare = [i for i, size in enumerate(widths) if size > words[i]] or range(len(widths))
        widths[max(spare, key=lambda i: widths[i])] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)).rstrip()
