"""YAML text -> a tree of values that know where they were written.

The text is data and nothing else: the parser's events are turned into numbers, words, lists and mappings
here, so that no tag can construct anything. What one file may hold is limited before or while it is read.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from .errors import Mark, Problems, Source
from .scalars import FORBIDDEN, Scalar, resolve, write
from .syntax import explain

MAX_BYTES = 128 * 1024
"""Bytes of a file, and characters of a text or an override: the parser takes up to half a second for as many."""
MAX_DEPTH = 50
"""Lists and mappings inside of each other, aliases written out."""
MAX_VALUES = 4_000
"""Values in one text, once every alias is replaced by what it stands for."""

Key = str | int


class Broken:
    """Stands for a value that has been complained about: nothing more is said about it."""


BROKEN = Broken()


@dataclass
class Node:
    """A value with its place: a scalar, a list of nodes or a mapping of nodes, whose keys have places too."""

    value: Scalar | list[Node] | dict[Key, Node] | Broken
    mark: Mark
    key_marks: dict[Key, Mark] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value as plain data, without places."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value

    def find(self, *path: Key) -> Node:
        """The node under these keys and indices, or the last one on the way that exists."""
        node = self
        for part in path:
            children: Mapping[Any, Node] = {}
            if isinstance(node.value, list):
                children = dict(enumerate(node.value))
            elif isinstance(node.value, dict):
                children = node.value
            if part not in children:
                break
            node = children[part]
        return node

    def mark_of(self, key: Key) -> Mark:
        """Where a key of this mapping was written, or the mapping's own place when it lacks the key."""
        return self.key_marks.get(key, self.mark)


def decode(name: str, data: bytes, problems: Problems) -> Source:
    """The text of a file, without a byte order mark.

    Raises ConfigError when it is too long or not UTF-8.
    """
    start = Mark(Source(name, ""), 1, 1)
    if len(data) > MAX_BYTES:
        problems.stop(start, f"this is longer than {MAX_BYTES // 1024} KiB; a configuration is shorter")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        text = Source(name, data.decode("utf-8", "replace"))
        place = text.mark(len(data[: error.start].decode("utf-8")))
        problems.stop(place, f"the byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8 text")


def read(source: Source, problems: Problems, skip: int = 0, depth: int = 0) -> Node:
    """The tree of a text; its first `skip` characters are left out, and it will stand `depth` levels deep.

    Tags, keys that are repeated, and the like are added to `problems`, and reading goes on.
    Raises ConfigError for what makes reading on impossible: syntax errors and exceeded limits.
    """
    if len(source.text) > MAX_BYTES:
        problems.stop(Mark(source, 1, 1), f"this is longer than {MAX_BYTES // 1024} KiB; a configuration is shorter")
    forbidden = FORBIDDEN.search(source.text)
    if forbidden:
        place = source.mark(forbidden.start())
        problems.stop(place, f"the character {forbidden[0]!r} is not allowed; remove it")
    return _Composer(source, " " * skip + source.text[skip:], problems).document(depth)


class _Composer:
    """Builds the tree of one text from the parser's events."""

    def __init__(self, source: Source, text: str, problems: Problems) -> None:
        self.source = source
        self.text = text
        self.problems = problems
        self.anchors: dict[str, Node] = {}
        self.unfinished: set[str] = set()  # anchors of the collections that we are inside of
        self.count = 0
        self.events = self._events()

    def document(self, depth: int) -> Node:
        """The only document of the text."""
        next(self.events)  # stream start
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return Node(None, self.source.mark(0))
        root = self._node(next(self.events), depth)
        next(self.events)  # document end
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            self.problems.stop(self._mark(event), "a second document begins here; a file holds only one")
        return root

    def _events(self) -> Iterator[yaml.Event]:
        loader = None
        try:
            loader = yaml.SafeLoader(self.text)
            while loader.check_event():
                yield loader.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            place = error.problem_mark or error.context_mark
            self.problems.stop(self.source.mark(place.index if place else 0), explain(error, self.text))
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError, IndexError):
            # The parser converts some numbers without a check, as in "\\UFFFFFFFF" and "%YAML 1111…".
            index = loader.get_mark().index if loader else 0
            self.problems.stop(self.source.mark(index), "this escape or number is out of range; correct it")

    def _mark(self, event: yaml.Event) -> Mark:
        assert event.start_mark is not None
        return Mark(self.source, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        mark = self._mark(event)
        self._count(mark, depth)
        if isinstance(event, yaml.AliasEvent):
            assert event.anchor is not None
            return self._alias(event.anchor, mark, depth)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        node = Node(None, mark)
        if event.anchor:
            self.anchors[event.anchor] = node
            self.unfinished.add(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            node.value = self._scalar(event, mark)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.value = self._items(depth)
        else:
            node.value = self._entries(node.key_marks, depth)
        if event.anchor:
            self.unfinished.discard(event.anchor)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
            self.problems.add(mark, f"the tag {tag!r} is not allowed: a file holds plain values; remove it")
            node.value = BROKEN
        return node

    def _count(self, mark: Mark, depth: int) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            self.problems.stop(mark, f"there are more than {MAX_VALUES:,} values, aliases written out")
        if depth > MAX_DEPTH:
            self.problems.stop(mark, f"this is nested deeper than {MAX_DEPTH} levels")

    def _scalar(self, event: yaml.ScalarEvent, mark: Mark) -> Scalar | Broken:
        forbidden = FORBIDDEN.search(event.value)
        if forbidden:
            self.problems.add(mark, f"the character {forbidden[0]!r} is not allowed in text; remove it")
            return BROKEN
        if event.style is not None:  # quoted, or a block of text
            return event.value
        try:
            return resolve(event.value)
        except ValueError as error:
            self.problems.add(mark, str(error))
            return BROKEN

    def _items(self, depth: int) -> list[Node]:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _entries(self, key_marks: dict[Key, Mark], depth: int) -> dict[Key, Node]:
        entries: dict[Key, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key_node = self._node(event, depth + 1)
            node = self._node(next(self.events), depth + 1)
            is_merge = isinstance(event, yaml.ScalarEvent) and event.style is None and event.value == "<<"
            key = self._key(key_node, is_merge)
            if key is None:
                continue
            if key in entries:
                first = key_marks[key]
                self.problems.add(
                    key_node.mark,
                    f"duplicate key {key!r}, first written {first.words}; keep one of the two",
                )
                continue
            entries[key], key_marks[key] = node, key_node.mark
        return entries

    def _key(self, node: Node, is_merge: bool) -> Key | None:
        if is_merge:
            self.problems.add(node.mark, "merge keys '<<' are not part of YAML 1.2; write the keys out")
        elif isinstance(node.value, str | int) and not isinstance(node.value, bool):
            return node.value
        elif not isinstance(node.value, Broken):
            written = "a list or mapping" if isinstance(node.value, list | dict) else write(node.value)
            self.problems.add(node.mark, f"a key must be text or an integer, not {written}; put it in quotes")
        return None

    def _alias(self, anchor: str, mark: Mark, depth: int) -> Node:
        if anchor in self.unfinished:
            self.problems.stop(mark, f"the alias '*{anchor}' stands inside of what it refers to")
        if anchor not in self.anchors:
            self.problems.stop(
                mark,
                f"the alias '*{anchor}' has no anchor '&{anchor}' above it; put text that begins with '*' in quotes",
            )
        copy = self._copy(self.anchors[anchor], mark, depth)
        copy.mark = mark
        return copy

    def _copy(self, node: Node, mark: Mark, depth: int) -> Node:
        """A node of its own for each alias, so that an override changes one place only."""
        self._count(mark, depth)
        copy = Node(node.value, node.mark, dict(node.key_marks))
        if isinstance(node.value, list):
            copy.value = [self._copy(item, mark, depth + 1) for item in node.value]
        elif isinstance(node.value, dict):
            copy.value = {key: self._copy(item, mark, depth + 1) for key, item in node.value.items()}
        return copy
