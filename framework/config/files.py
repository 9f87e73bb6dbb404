"""From a path or a text to a tree of values."""

from __future__ import annotations

import difflib
from pathlib import Path

from .errors import Mark, Problems, Source
from .reader import MAX_BYTES, Node, decode, read


def read_file(path: str | Path, problems: Problems) -> Node:
    """The tree of a file.

    Raises ConfigError when the file cannot be read or its text is no YAML.
    """
    name, start = str(path), Mark(Source(str(path), ""), 1, 1)
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one byte more tells that it is too long
    except FileNotFoundError:
        near = difflib.get_close_matches(name, (str(p) for p in _neighbours(path)), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        problems.stop(start, f"there is no such file{hint}")
    except (OSError, ValueError) as error:
        problems.stop(start, f"this file cannot be read: {getattr(error, 'strerror', None) or error}")
    return read(decode(name, data, problems), problems)


def _neighbours(path: str | Path) -> list[Path]:
    try:
        return list(Path(path).parent.glob("*.y*ml"))
    except OSError:
        return []


def read_text(text: str, name: str, problems: Problems) -> Node:
    """The tree of a text; raises ConfigError when it is no YAML."""
    return read(Source(name, text.removeprefix("\ufeff")), problems)
