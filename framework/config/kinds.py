"""What a value must be: each kind can tell whether a value fits, read it, and say in words what it wants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..registry import nearest
from .errors import Problems
from .reader import BROKEN, Key, Node
from .scalars import resolve, write
from .writer import flow


class Invalid:
    """Stands for a value about which a problem was reported."""


INVALID = Invalid()


class Kind:
    """The base of kinds."""

    words: str
    """What is wanted, for the sentence "units of dense must be …"."""

    def fits(self, node: Node) -> bool:
        """Whether the value looks right from outside; what it contains is not looked at."""
        raise NotImplementedError

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        """The plain value of a node that fits; INVALID, with its problems noted, when its inside is wrong."""
        return node.plain()

    def check(self, node: Node, where: str, problems: Problems) -> Any:
        """The plain value of any node; INVALID, with its problems noted, when it is not of this kind.

        where: what the value is called in messages, such as "units of dense".
        """
        if node.value is BROKEN:
            return INVALID
        if self.fits(node):
            return self.read(node, where, problems)
        return self.refuse(node, where, problems)

    def refuse(self, node: Node, where: str, problems: Problems) -> Invalid:
        """Notes that the value is not of this kind."""
        problems.add(node.mark, f"{where} must be {self.words}, got {shown(node)}{self.remedy(node)}")
        return INVALID

    def remedy(self, node: Node) -> str:
        """What to write instead, where that can be guessed; it begins with "; "."""
        return ""


def shown(node: Node) -> str:
    """A value in a message: text in quotes, everything cut to a sensible length."""
    text = repr(node.value) if isinstance(node.value, str) else flow(_without_broken(node))
    return text if len(text) <= 60 else text[:57] + "…"


def _without_broken(node: Node) -> Any:
    if isinstance(node.value, list):
        return [_without_broken(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: _without_broken(item) for key, item in node.value.items()}
    return "…" if node.value is BROKEN else node.value


class Anything(Kind):
    """A value that the signature says nothing about."""

    words = "anything"

    def fits(self, node: Node) -> bool:
        return True


class Null(Kind):
    words = "null"

    def fits(self, node: Node) -> bool:
        return node.value is None


_SPELLINGS = {"yes": True, "on": True, "no": False, "off": False}


class Boolean(Kind):
    words = "true or false"

    def fits(self, node: Node) -> bool:
        return isinstance(node.value, bool)

    def remedy(self, node: Node) -> str:
        meant = _SPELLINGS.get(node.value.lower()) if isinstance(node.value, str) else None
        return "" if meant is None else f"; write {write(meant)}"


class Number(Kind):
    """A float; an integer will do."""

    words = "a number"

    def fits(self, node: Node) -> bool:
        value = node.value
        return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        assert isinstance(node.value, int | float)
        return float(node.value)

    def remedy(self, node: Node) -> str:
        if not isinstance(node.value, str):
            return ""
        meant = _as_number(node.value)
        if meant is None:
            return ""
        return f"; write {write(meant)}" + (" without quotes" if node.value == write(meant) else "")


class Integer(Number):
    words = "an integer"

    def fits(self, node: Node) -> bool:
        return isinstance(node.value, int) and not isinstance(node.value, bool)

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        return node.value

    def remedy(self, node: Node) -> str:
        if isinstance(node.value, float) and node.value.is_integer():
            return f"; write {int(node.value)}" if abs(node.value) < 1e15 else ""
        return super().remedy(node)


def _as_number(text: str) -> int | float | None:
    """The number that somebody meant who wrote `1_000` or `0,5`, or put it in quotes."""
    try:
        meant = resolve(text.strip().replace("_", "").replace(",", "."))
    except ValueError:
        return None
    return meant if isinstance(meant, int | float) and not isinstance(meant, bool) else None


class Text(Kind):
    words = "text"

    def fits(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def remedy(self, node: Node) -> str:
        value = node.value
        return f"; write it in quotes: '{write(value)}'" if isinstance(value, bool | int | float) else ""


class PythonOnly(Kind):
    """A function or another object that only Python code can give."""

    words = "a Python object, which a file cannot give"

    def fits(self, node: Node) -> bool:
        return False

    def remedy(self, node: Node) -> str:
        return "; leave it out, or set it in Python"


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few values."""

    values: Sequence[Any]

    @property
    def words(self) -> str:  # type: ignore[override]
        return either([repr(v) if isinstance(v, str) else write(v) for v in self.values])

    def fits(self, node: Node) -> bool:
        return any(type(node.value) is type(value) and node.value == value for value in self.values)

    def remedy(self, node: Node) -> str:
        near = nearest(str(node.value), [value for value in self.values if isinstance(value, str)])
        return f"; did you mean {near!r}?" if near else ""


@dataclass(frozen=True)
class ListOf(Kind):
    """A list with items of one kind, or of one kind for each of its places."""

    items: Kind | Sequence[Kind]

    @property
    def words(self) -> str:  # type: ignore[override]
        if isinstance(self.items, Kind):
            return "a list" if isinstance(self.items, Anything) else f"a list, each item {self.items.words}"
        return f"a list of {len(self.items)}: {', '.join(kind.words for kind in self.items)}"

    def fits(self, node: Node) -> bool:
        if not isinstance(node.value, list):
            return False
        return isinstance(self.items, Kind) or len(node.value) == len(self.items)

    def kind_at(self, index: int) -> Kind:
        """What the item at this place must be."""
        return self.items if isinstance(self.items, Kind) else self.items[index]

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        assert isinstance(node.value, list)
        values = [
            self.kind_at(index).check(item, f"item {index + 1} of {where}", problems)
            for index, item in enumerate(node.value)
        ]
        return INVALID if INVALID in values else values

    def remedy(self, node: Node) -> str:
        if isinstance(node.value, list | dict) or node.value is None:
            return ""
        return f"; write [{flow(node.value)}]"


@dataclass(frozen=True)
class MappingOf(Kind):
    """A mapping with keys and values of one kind each."""

    keys: Kind
    values: Kind

    @property
    def words(self) -> str:  # type: ignore[override]
        if isinstance(self.values, Anything):
            return "a mapping"
        return f"a mapping, each key {self.keys.words} and each value {self.values.words}"

    def fits(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        assert isinstance(node.value, dict)
        values: dict[Key, Any] = {}
        for key, item in node.value.items():
            key_node = Node(key, node.mark_of(key))
            checked_key = self.keys.check(key_node, f"the key {key!r} of {where}", problems)
            value = self.values.check(item, f"{key!r} of {where}", problems)
            values[key] = INVALID if checked_key is INVALID else value
        return INVALID if INVALID in values.values() else values


@dataclass(frozen=True)
class OneOf(Kind):
    """A value of any of several kinds."""

    kinds: Sequence[Kind]

    @property
    def words(self) -> str:  # type: ignore[override]
        named = [kind.words for kind in self.kinds if not isinstance(kind, PythonOnly | Null)]
        return either(list(dict.fromkeys(named)) or ["null"])

    def fits(self, node: Node) -> bool:
        return any(kind.fits(node) for kind in self.kinds)

    def check(self, node: Node, where: str, problems: Problems) -> Any:
        if node.value is BROKEN:
            return INVALID
        candidates = self._candidates(node)
        trials = []
        for kind in candidates:
            trial = Problems()
            value = kind.check(node, where, trial)
            if not trial:
                return value
            trials.append(trial)
        if not trials or (isinstance(node.value, str) and self.remedy(node)):
            return self.refuse(node, where, problems)
        problems.extend(trials[0])
        return INVALID

    def _candidates(self, node: Node) -> list[Kind]:
        """The kinds that the writer of this value may have had in mind."""
        fitting = [kind for kind in self.kinds if kind.fits(node)]
        possible = [kind for kind in self.kinds if not isinstance(kind, Null | PythonOnly)]
        return fitting or (possible if len(possible) == 1 else [])

    def remedy(self, node: Node) -> str:
        return next((remedy for kind in self.kinds if (remedy := kind.remedy(node))), "")


def either(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
