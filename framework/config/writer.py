"""Plain data -> YAML in the short grammar that people write: blocks for structure, braces for arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .scalars import write

LINE_LENGTH = 100

_BLOCKS = {"model", "layers", "callbacks", "augment"}
"""Keys whose values are written one item a line, however short they are."""


def flow(value: Any) -> str:
    """A value on one line.

    >>> flow({"dense": {"units": 128, "kernel_initializer": "he_normal"}})
    '{dense: {units: 128, kernel_initializer: he_normal}}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{write(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return write(value)


def document(values: Mapping[str, Any]) -> str:
    """A whole file.

    >>> print(document({"seed": 42, "model": {"layers": ["flatten", {"dense": 10}]}}))
    seed: 42
    model:
      layers:
        - flatten
        - dense: 10
    <BLANKLINE>
    """
    return "".join(line + "\n" for line in _mapping(values, ""))


def _mapping(values: Mapping[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in values.items():
        lines += _entry(f"{indent}{write(key)}:", value, indent, key in _BLOCKS)
    return lines


def _entry(start: str, value: Any, indent: str, block: bool) -> list[str]:
    """`key: value`, on one line where it fits and no block is wanted, otherwise indented below the key."""
    line = f"{start} {flow(value)}"
    is_nested = isinstance(value, Mapping | list | tuple) and len(value) > 0
    if not is_nested or (not block and len(line) <= LINE_LENGTH):
        return [line]
    if isinstance(value, Mapping):
        return [start, *_mapping(value, indent + "  ")]
    return [start, *(line for item in value for line in _item(item, indent + "  "))]


def _item(value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping) and len(value) == 1:
        [(key, argument)] = value.items()
        return _entry(f"{indent}- {write(key)}:", argument, indent + "  ", False)
    return [f"{indent}- {flow(value)}"]
