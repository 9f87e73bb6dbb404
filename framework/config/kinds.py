"""What a value must be: each kind can tell whether a value fits, read it, and say in words what it wants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..registry import nearest
from .errors import Problems
from .reader import BROKEN, Node
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

    def resembles(self, node: Node) -> bool:
        """Whether the writer of a value that fits may have had this kind in mind, among others."""
        return True

    def remedy(self, node: Node) -> str:
        """What to write instead, where that can be guessed; it begins with "; "."""
        return ""


def shown(node: Node) -> str:
    """A value in a message: text in quotes, everything cut to a sensible length."""
    text = repr(node.value) if isinstance(node.value, str) else flow(plain_or_dots(node))
    return text if len(text) <= 60 else text[:57] + "…"


def plain_or_dots(node: Node) -> Any:
    """The plain value for showing it, with dots for what has been complained about."""
    if isinstance(node.value, list):
        return [plain_or_dots(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain_or_dots(item) for key, item in node.value.items()}
    return "…" if node.value is BROKEN else node.value


class Anything(Kind):
    """A value that the signature says nothing about."""

    words = "anything"

    def fits(self, node: Node) -> bool:
        return True

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        return node.plain() if _is_whole(node) else INVALID


def _is_whole(node: Node) -> bool:
    """Whether nothing in a value has been complained about."""
    if isinstance(node.value, list):
        return all(_is_whole(item) for item in node.value)
    if isinstance(node.value, dict):
        return all(_is_whole(item) for item in node.value.values())
    return node.value is not BROKEN


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


def either(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
