"""Kinds made of other kinds: lists, mappings, and values of any of several kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import Problems
from .kinds import INVALID, Anything, Kind, Null, PythonOnly, either, plain_or_dots
from .reader import BROKEN, Key, Node
from .writer import flow


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
        fits_as_item = isinstance(self.items, Kind) and self.items.fits(node) and node.value is not None
        return f"; put it in a list: [{flow(plain_or_dots(node))}]" if fits_as_item else ""


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
        named = [kind.words for kind in self._possible() or self.kinds[:1]]
        return either(list(dict.fromkeys(named)))

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
        if not trials:
            return self.refuse(node, where, problems)
        problems.extend(trials[0])
        return INVALID

    def _candidates(self, node: Node) -> list[Kind]:
        """The kinds that the writer of this value may have had in mind."""
        possible = self._possible()
        if len(possible) == 1 and node.value is not None:
            return possible
        return [kind for kind in self.kinds if kind.fits(node) and kind.resembles(node)]

    def remedy(self, node: Node) -> str:
        return next((remedy for kind in self._possible() or self.kinds if (remedy := kind.remedy(node))), "")

    def _possible(self) -> list[Kind]:
        return [kind for kind in self.kinds if not isinstance(kind, Null | PythonOnly)]
