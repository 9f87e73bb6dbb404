"""Documents of lists, mappings and plain values, with parts that are replaced, left out, moved or nested wrongly."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

DEEP = "a place for many brackets"
"""Becomes nesting in the text, far deeper than documents can be that are written the usual way."""
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        3,
        28,
        2**31,
        2**63,
        2**64,
        10**400,
        0.5,
        -0.0,
        1e308,
        math.nan,
        math.inf,
        -math.inf,
    ),
    *(
        "",
        " ",
        "relu",
        "dense",
        "float64",
        "../x",
        "/etc/passwd",
        "__import__('os')",
        "\ud800",
        "\u2028",
        "\x00",
        "é" * 9,
    ),
    *([], {}, [[]], [None], {"": 0}, [1, 2, 3], [28, 28], [-1], {"class_name": "Dense"}, ["x"] * 40, DEEP),
)
KINDS = ("replace", "remove", "swap", "wrap", "repeat", "rename", "nudge")
EDITS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 4095), st.integers(0, 4095)), min_size=1, max_size=4)


def edited(tree: Any, edits: list[tuple[str, int, int]]) -> Any:
    """A copy of the document with these edits: what is done, to which part, and a number that says how.

    >>> edited({"a": [1, 2]}, [("remove", 1, 0)])
    {'a': [2]}
    """
    tree = copy.deepcopy(tree)
    for kind, place, how in edits:
        parts = list(places(tree))
        if not parts:
            break
        holder, key = parts[place % len(parts)]
        other, other_key = parts[how % len(parts)]
        value = holder[key]
        if kind == "replace":
            holder[key] = copy.deepcopy(VALUES[how % len(VALUES)])
        elif kind == "remove":
            del holder[key]
        elif kind == "swap":
            other[other_key] = copy.deepcopy(value)
        elif kind == "wrap":
            holder[key] = [value] if how % 2 else {"of": value}
        elif kind == "repeat" and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(value))
        elif kind == "nudge" and isinstance(value, int | float):
            holder[key] = value + (-1, 1, 0.5 if abs(value) < 1e300 else 2)[how % 3]  # no int so large has a half
        elif isinstance(holder, dict):
            holder[str(VALUES[how % len(VALUES)])[:20] if how % 2 else f"{key}s"] = holder.pop(key)
    return tree


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """All parts of a document, each as what holds it and its key or index there; long rows of numbers only once."""
    if isinstance(tree, dict):
        items = list(tree.items())
    elif isinstance(tree, list):
        items = list(enumerate(tree if len(tree) <= 32 else tree[:4]))
    else:
        return
    for key, value in items:
        yield tree, key
        yield from places(value)


def text(tree: Any, depth: int = 2000) -> bytes:
    """The document as JSON, NaN and infinities also; DEEP becomes that many brackets."""
    nested = "[" * depth + "]" * depth
    return json.dumps(tree).replace(json.dumps(DEEP), nested).encode()
