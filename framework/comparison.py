"""What differs between two settings, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_LENGTH = 60


def differences(before: Any, now: Any) -> list[str]:
    """Where two values of plain data differ: a key with its path, what it was, and what it is now.

    >>> differences({"train": {"epochs": 3}, "seed": 1}, {"train": {"epochs": 4}, "seed": 1})
    ['train.epochs (3 then, 4 now)']
    """
    return list(_different(before, now, ""))


def _different(before: Any, now: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*before, *now]):
            yield from _different(before.get(key, _NOTHING), now.get(key, _NOTHING), f"{path}.{key}".lstrip("."))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from _different(one, other, f"{path}.{number}".lstrip("."))
    elif isinstance(before, list) and isinstance(now, list):
        yield f"{path or 'all'} ({len(before)} entries then, {len(now)} now)"
    elif before != now and repr(before) != repr(now):  # NaN is not equal to itself
        yield f"{path or 'all'} ({_shown(before)} then, {_shown(now)} now)"


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"
