"""Values from the command line, such as `optimizer.learning_rate=0.01`, put into the tree of a file.

A path goes through the name of a component as if it were not there: `optimizer.learning_rate` reaches into
`optimizer: {sgd: {…}}`, and so does `optimizer.sgd.learning_rate`. The new values keep the override as their
place, so that whatever is wrong with them is reported there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from ..registry import canonical
from .components import Arguments, Component, Section, Written, unknown_key
from .compounds import ListOf, MappingOf, OneOf
from .errors import COMMAND_LINE, ConfigError, Mark, Problems, Source
from .kinds import Anything, Kind, shown
from .reader import BROKEN, Key, Node, read
from .scalars import MAX_NUMBER_LENGTH
from .schema import arguments_of

_ANYTHING = Anything()


def apply(overrides: Iterable[str], root: Node, kind: Kind, problems: Problems) -> None:
    """Changes the tree in place, one override after the other; what cannot be applied is noted."""
    for text in overrides:
        try:
            override = _Override(text, problems)
            override.put(root, kind, 0)
        except ConfigError:
            continue  # noted already; the next override may be wrong as well


class _Override:
    """One `path=value`.

    `position` counts the parts of the path: the part at it names something inside of the node at hand.
    """

    def __init__(self, text: str, problems: Problems) -> None:
        self.source = Source(COMMAND_LINE, text)
        self.problems = problems
        path, equals, _ = text.partition("=")
        if not equals or not path.strip():
            problems.stop(Mark(self.source, 1, 1), "an override is written key=value, as in train.epochs=3")
        self.path = path.split(".")
        self.value = read(self.source, problems, skip=len(path) + 1, depth=len(self.path))

    def put(self, node: Node, kind: Kind, position: int) -> None:
        """Puts the value where the path leads to from this node."""
        kind = _inside_of(kind, node)
        if isinstance(kind, Component):
            self._put_in_component(node, kind, position)
        elif isinstance(kind, Section):
            self._put_argument(node, arguments_of(kind.cls), self._owner(position), position)
        elif isinstance(node.value, list):
            self._put_in_list(node, kind, position)
        elif isinstance(kind, MappingOf | Anything):
            self._put_entry(node, kind, position)
        else:
            self._refuse(node, position)

    def _put_in_component(self, node: Node, component: Component, position: int) -> None:
        part = self.path[position]
        written = component.parse(node)
        if written is None and node.value is None and part in component.registry:
            written = Written(part, self._mark(position), Node({}, self._mark(position)))
        if written is None:
            return self._refuse(node, position)
        cls = component.registry[written.name] if written.name in component.registry else None  # noqa: SIM401
        accepted: Arguments = arguments_of(cls) if cls else {}
        if part not in accepted and canonical(part) == canonical(written.name):
            position += 1  # optimizer.sgd.learning_rate
        elif part not in accepted and part in component.registry:
            owner = self._owner(position)
            self._stop(position, f"{owner} is {written.name}; to replace it write {owner}={{{part}: …}}")
        arguments = component.named(written, cls, self.problems) if cls else written.arguments
        if position == len(self.path):
            arguments = self.value
        elif cls:
            self._put_argument(arguments, accepted, written.name, position)
        else:
            self._put_entry(arguments, _ANYTHING, position)
        node.value, node.key_marks = {written.name: arguments}, {written.name: written.mark}
        return None

    def _put_argument(self, node: Node, accepted: Arguments, owner: str, position: int) -> None:
        """Into a mapping that holds the arguments of a class."""
        part = self.path[position]
        if part in accepted:
            self._put_under(part, node, accepted[part].kind, position)
        elif self._is_last(position):
            self._put_under(part, node, _ANYTHING, position)  # the check of the file will refuse it
        else:
            self._stop(position, unknown_key(part, owner, accepted))

    def _put_entry(self, node: Node, kind: Kind, position: int) -> None:
        """Into a mapping that takes any key; it may hold integers as keys."""
        part = self.path[position]
        existing = node.value if isinstance(node.value, dict) else {}
        new = int(part) if _is_index(part) else part
        key = next((key for key in existing if str(key) == part), new)
        self._put_under(key, node, kind.values if isinstance(kind, MappingOf) else _ANYTHING, position)

    def _put_under(self, key: Key, node: Node, kind: Kind, position: int) -> None:
        """Under one key of a mapping, which is made where there is none."""
        if node.value is None:
            node.value = {}
        if not isinstance(node.value, dict):
            return self._refuse(node, position)
        if self._is_last(position):
            node.value[key], node.key_marks[key] = self.value, self._mark(position)
            return None
        child = node.value.get(key, Node(None, self._mark(position)))
        self.put(child, kind, position + 1)
        if key not in node.value:
            node.value[key], node.key_marks[key] = child, self._mark(position)
        return None

    def _put_in_list(self, node: Node, kind: Kind, position: int) -> None:
        assert isinstance(node.value, list)
        part, size = self.path[position], len(node.value)
        if not _is_index(part) or int(part) >= size:
            owner = self._owner(position)
            items = f"the items 0 to {size - 1}" if size > 1 else "the item 0" if size else "no items"
            self._stop(position, f"{owner} has {items}, not {part[:20]!r}; to replace the list write {owner}=[…]")
        index = int(part)
        if self._is_last(position):
            node.value[index] = self.value
        else:
            item = kind.kind_at(index) if isinstance(kind, ListOf) and kind.fits(node) else _ANYTHING
            self.put(node.value[index], item, position + 1)

    def _is_last(self, position: int) -> bool:
        return position == len(self.path) - 1

    def _owner(self, position: int) -> str:
        """The path up to a part."""
        return ".".join(self.path[:position])

    def _mark(self, position: int) -> Mark:
        """Where a part of the path stands."""
        return Mark(self.source, 1, 1 + sum(len(part) + 1 for part in self.path[:position]))

    def _stop(self, position: int, message: str) -> NoReturn:
        self.problems.stop(self._mark(position), message)

    def _refuse(self, node: Node, position: int) -> None:
        if node.value is BROKEN:
            return  # what is wrong with it has been said
        owner, part = self._owner(position) or "the file", self.path[position]
        state = "is not given" if node.value is None else f"is {shown(node)}"
        self._stop(position, f"{owner} {state}, so there is no {part!r} in it; write {owner}=… as a whole")


def _is_index(part: str) -> bool:
    return part.isdecimal() and len(part) <= MAX_NUMBER_LENGTH


def _inside_of(kind: Kind, node: Node) -> Kind:
    """The kind among several that a path can go into."""
    if not isinstance(kind, OneOf):
        return kind
    inner = [_inside_of(k, node) for k in kind.kinds]
    inner = [k for k in inner if isinstance(k, Component | Section | ListOf | MappingOf | Anything)]
    return next((k for k in inner if k.fits(node)), inner[0] if inner else kind)
