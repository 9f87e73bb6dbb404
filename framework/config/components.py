"""Mappings whose keys are the arguments of a class: the components of a registry, and plain sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..registry import ArgumentError, Configurable, Registry, UnknownNameError, first_argument, nearest
from .errors import Mark, Problems
from .kinds import INVALID, Kind, shown
from .reader import Key, Node


@dataclass(frozen=True)
class Argument:
    """What one argument of a constructor must be, and whether it may be left out."""

    kind: Kind
    required: bool


Arguments = Mapping[str, Argument]


@dataclass(frozen=True)
class Written:
    """A component as it was written: its name, where that stands, its arguments or its first argument."""

    name: str
    mark: Mark
    arguments: Node


@dataclass(frozen=True)
class Component(Kind):
    """A component of a registry: a name, a one-key mapping, or a mapping with a `type`."""

    registry: Registry[Any]
    arguments_of: Callable[[type], Arguments]

    @property
    def words(self) -> str:  # type: ignore[override]
        concept = self.registry.concept
        return f"{'an' if concept[0] in 'aeiou' else 'a'} {concept}"

    def fits(self, node: Node) -> bool:
        return self.parse(node) is not None

    def parse(self, node: Node) -> Written | None:
        """The parts of a component, or None when the value has another form."""
        if isinstance(node.value, str):
            return Written(node.value, node.mark, Node({}, node.mark))
        if not isinstance(node.value, dict):
            return None
        kind = node.value.get("type")
        if kind is not None and isinstance(kind.value, str):
            rest = {key: value for key, value in node.value.items() if key != "type"}
            return Written(kind.value, kind.mark, Node(rest, node.mark, node.key_marks))
        if len(node.value) != 1:
            return None
        [(name, arguments)] = node.value.items()
        if not isinstance(name, str):
            return None
        mark = node.mark_of(name)
        return Written(name, mark, Node({}, mark) if arguments.value is None else arguments)

    def resembles(self, node: Node) -> bool:
        written = self.parse(node)
        is_mapping = isinstance(node.value, dict)
        return is_mapping or (written is not None and nearest(written.name, self.registry) is not None)

    def remedy(self, node: Node) -> str:
        if isinstance(node.value, dict) and (names := [k for k in node.value if str(k) in self.registry]):
            return f"; indent the arguments under '{names[0]}:', or write {{{names[0]}: {{argument: value}}}}"
        known = ", ".join(self.registry) or "none"
        return f"; {self.words} is written as its name or {{name: {{argument: value}}}} (known: {known})"

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        """The component as a name or `{name: {argument: value}}`; constructing one has been tried."""
        written = self.parse(node)
        assert written is not None
        cls = self.find(written, problems)
        if cls is None:
            return INVALID
        node = self.named(written, cls, problems)
        values = check_arguments(node, self.arguments_of(cls), written.name, written.mark, problems)
        if values is None or construct(cls.from_config, (values,), node, written.mark, problems) is INVALID:
            return INVALID
        return {written.name: values} if values else written.name

    def find(self, written: Written, problems: Problems) -> type[Configurable] | None:
        """The class that the name stands for; None, with its problem noted, when there is none."""
        try:
            return self.registry[written.name]
        except UnknownNameError as error:
            message = str(error)
            if not list(self.registry):
                message = (
                    f"unknown {self.registry.concept} {written.name!r}: none is registered; first import the "
                    f"module that registers it, as 'import apps.mnist.data' does for the dataset 'mnist'"
                )
            problems.add(written.mark, message)
            return None

    def named(self, written: Written, cls: type[Configurable], problems: Problems) -> Node:
        """The arguments as a mapping: a bare value belongs to the first one."""
        node = written.arguments
        if isinstance(node.value, dict):
            return node
        try:
            name = first_argument(cls)
        except ArgumentError:
            accepted = ", ".join(self.arguments_of(cls)) or "none"
            problems.add(node.mark, f"{written.name} takes no bare value, got {shown(node)} (accepted: {accepted})")
            return Node({}, written.mark)
        return Node({name: node}, written.mark, {name: node.mark})


@dataclass(frozen=True)
class Section(Kind):
    """A mapping that holds the arguments of one class; its value is an instance of it."""

    cls: type
    arguments_of: Callable[[type], Arguments]

    @property
    def words(self) -> str:  # type: ignore[override]
        return f"a mapping (keys: {', '.join(self.arguments_of(self.cls))})"

    def fits(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def read(self, node: Node, where: str, problems: Problems) -> Any:
        node = self._without_empty_keys(node)
        values = check_arguments(node, self.arguments_of(self.cls), where, node.mark, problems)
        if values is None:
            return INVALID
        return construct(self._make, (values,), node, node.mark, problems)

    def _without_empty_keys(self, node: Node) -> Node:
        """`callbacks:` with nothing behind it counts as left out, where it may be."""
        assert isinstance(node.value, dict)
        arguments = self.arguments_of(self.cls)
        empty = {
            key
            for key, item in node.value.items()
            if item.value is None and (argument := arguments.get(str(key))) and not argument.required
            if not argument.kind.fits(item)
        }
        given = {key: item for key, item in node.value.items() if key not in empty}
        return Node(given, node.mark, node.key_marks)

    def _make(self, values: Mapping[str, Any]) -> Any:
        return self.cls(**values)


def check_arguments(
    node: Node, arguments: Arguments, owner: str, mark: Mark, problems: Problems
) -> dict[str, Any] | None:
    """The values of the arguments that a mapping gives; None, with all problems noted, when some are wrong.

    owner: what the mapping belongs to, such as "sgd"; empty at the top level. mark: where a missing argument
    is reported.
    """
    assert isinstance(node.value, dict)
    before = len(problems)
    values = {}
    meant = set()  # what misspelt keys were to be: these are not missing as well
    for key, item in node.value.items():
        argument = arguments.get(str(key))
        if argument is None:
            problems.add(node.mark_of(key), unknown_key(key, owner, arguments))
            meant.add(_meant(key, arguments))
        else:
            where = f"{key} of {owner}" if owner else str(key)
            values[str(key)] = argument.kind.check(item, where, problems)
    for name, argument in arguments.items():
        if argument.required and name not in node.value and name not in meant:
            problems.add(mark, missing_key(name, owner, argument.kind.words))
    return None if len(problems) > before or INVALID in values.values() else values


def missing_key(name: str, owner: str, words: str) -> str:
    """The sentence for a key that must be there; `words` say what its value must be."""
    return f"missing key {name!r} {_inside(owner)}; add '{name}: …' ({words})"


def _inside(owner: str) -> str:
    return f"in {owner}" if owner else "at the top level"


def _meant(key: Key, accepted: Iterable[str]) -> str | None:
    return nearest(str(key).split(":")[0], accepted)


def unknown_key(key: Key, owner: str, accepted: Mapping[str, Any]) -> str:
    """The sentence for a key that a mapping does not take."""
    near = _meant(key, accepted)
    hint = f"; did you mean {near!r}?" if near else ""
    if near and str(key).startswith(f"{near}:"):
        hint = "; write a space after the ':'"
    return f"unknown key {key!r} {_inside(owner)}{hint} (accepted: {', '.join(accepted) or 'none'})"


def construct(make: Callable[..., Any], arguments: tuple[Any, ...], node: Node, mark: Mark, problems: Problems) -> Any:
    """What `make` returns; INVALID when it refuses, with its reason noted at the culprit's place."""
    try:
        return make(*arguments)
    except ArgumentError as error:
        at = node.value.get(error.argument) if isinstance(node.value, dict) and error.argument else None
        problems.add(at.mark if at else mark, str(error))
    except (ValueError, TypeError, ArithmeticError, MemoryError) as error:
        problems.add(mark, str(error) or type(error).__name__)
    return INVALID
