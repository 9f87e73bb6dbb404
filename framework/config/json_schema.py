"""The kinds of values as a JSON Schema, for editors: the same signatures that check a file, known while it is typed.

Written for draft 7, which editors support best. What only a constructor can refuse, such as a rate above 1, is
not in it, and `{type: name, ...}`, `name` and `{name: ...}` are all there, in any spelling that is read.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Mapping
from typing import Any

from ..registry import ArgumentError, Configurable, Registry, canonical, first_argument, plain
from .components import Component, Section
from .compounds import ListOf, MappingOf, OneOf
from .docstrings import notes_on, summary, text_of
from .kinds import Boolean, Choice, Integer, Kind, Null, Number, PythonOnly, Text
from .schema import arguments_of
from .settings import Settings

DRAFT = "http://json-schema.org/draft-07/schema#"
NEVER: dict[str, Any] = {"not": {}}

Schema = dict[str, Any]


def experiment_schema() -> Schema:
    """The schema of a whole experiment file, with every class that is registered now.

    >>> schema = experiment_schema()
    >>> schema["properties"]["optimizer"]["anyOf"][0]
    {'$ref': '#/definitions/optimizer'}
    >>> schema["definitions"]["loss.mean_squared_error"]["properties"]["name"]["default"]
    'mean_squared_error'
    """
    generator = _Generator()
    schema = generator.of_arguments(Settings, may_be_empty=True)
    schema["required"] = ["model", "loss"]  # a model alone may lack the loss, an experiment may not
    return {
        "$schema": DRAFT,
        "title": "An experiment: data, model and training",
        **schema,
        "definitions": dict(sorted(generator.definitions.items())),
    }


class _Generator:
    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def of(self, kind: Kind) -> Schema:
        """The schema of the values that are of a kind."""
        match kind:
            case Null():
                return {"type": "null"}
            case Boolean():
                return {"type": "boolean"}
            case Integer():
                return {"type": "integer"}
            case Number():
                return {"type": "number"}
            case Text():
                return {"type": "string"}
            case Choice():
                return {"enum": list(kind.values)}
            case ListOf():
                return self.of_list(kind)
            case MappingOf():
                keys = {"propertyNames": {"pattern": "^-?[0-9]+$"}} if isinstance(kind.keys, Integer) else {}
                return {"type": "object", **keys, "additionalProperties": self.of(kind.values)}
            case OneOf():
                return any_of(self.of(each) for each in kind.kinds)
            case Component():
                return self.of_component(kind.registry)
            case Section():
                return self.of_arguments(kind.cls, may_be_empty=True)
            case PythonOnly():
                return NEVER
        return {}

    def of_list(self, kind: ListOf) -> Schema:
        if isinstance(kind.items, Kind):
            return {"type": "array", "items": self.of(kind.items)}
        size = len(kind.items)
        return {"type": "array", "items": [self.of(item) for item in kind.items], "minItems": size, "maxItems": size}

    def of_bare(self, kind: Kind) -> Schema:
        """Of a value that stands for the first argument: a mapping there holds the arguments instead."""
        match kind:
            case OneOf():
                return any_of(self.of_bare(each) for each in kind.kinds)
            case Component():
                self.of_component(kind.registry)
                return {"$ref": f"#/definitions/{kind.registry.concept}.name"}
            case MappingOf() | Section() | Null():
                return NEVER
        return self.of(kind) or {"type": ["boolean", "number", "string", "array"]}

    def of_arguments(self, cls: type, may_be_empty: bool = False) -> Schema:
        """Of a mapping with a class's arguments. may_be_empty: a key with nothing behind it counts as left out."""
        text = text_of(cls)
        arguments = arguments_of(cls)
        said = notes_on(cls, arguments)
        defaults = _defaults(cls)
        properties = {}
        for name, argument in arguments.items():
            schema = self.of(argument.kind)
            if may_be_empty and not argument.required:
                schema = any_of([schema, {"type": "null"}])
            extra = {"description": said[name]} if name in said else {}
            if name in defaults:
                extra["default"] = defaults[name]
            # Beside "$ref" nothing else counts in draft 7.
            properties[name] = {"allOf": [schema], **extra} if extra and "$ref" in schema else schema | extra
        required = [name for name, argument in arguments.items() if argument.required]
        return {
            **({"description": text} if text else {}),
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }

    def of_component(self, registry: Registry[Any]) -> Schema:
        """A reference to the component's definition, which is made at the first request."""
        concept = registry.concept
        if concept not in self.definitions:
            self.definitions[concept] = {}  # a component may contain others of its kind
            self.define(registry)
        return {"$ref": f"#/definitions/{concept}"}

    def define(self, registry: Registry[Any]) -> None:
        concept = registry.concept
        names = list(registry)
        if not names:  # others register theirs when they are imported
            self.definitions[concept] = {"type": ["string", "object"]}
            return
        for name in names:
            self.definitions[f"{concept}.{name}"] = self.of_arguments(registry[name])
        complete = [name for name in names if not _required(registry[name])]
        self.definitions[f"{concept}.name"] = _name(registry, complete) if complete else NEVER
        self.definitions[concept] = {
            "description": summary(text_of(registry.base)),
            "if": {"type": "object", "required": ["type"]},
            "then": self.typed(registry, names),
            "else": any_of([{"$ref": f"#/definitions/{concept}.name"}, self.keyed(registry, names)]),
        }

    def keyed(self, registry: Registry[Any], names: Iterable[str]) -> Schema:
        """`{name: {arguments}}`, or `{name: first argument}`."""
        properties, spellings = {}, {}
        for name in names:
            for written in _names_of(registry, name):
                properties[written] = self.inside(registry, name)
            spellings[_pattern(_names_of(registry, name))] = properties[name]
        return {
            "type": "object",
            "properties": properties,
            "patternProperties": spellings,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }

    def inside(self, registry: Registry[Any], name: str) -> Schema:
        """Of what stands behind `name:`."""
        cls = registry[name]
        reference = {"$ref": f"#/definitions/{registry.concept}.{name}"}
        required = _required(cls)
        forms = [reference]
        if not required:
            forms.append({"type": "null"})
        try:
            first = first_argument(cls)
        except ArgumentError:
            first = ""
        if first and not set(required) - {first}:
            forms.append(self.of_bare(arguments_of(cls)[first].kind))
        described = summary(text_of(cls))
        return {"description": described, **any_of(forms)} if len(forms) > 1 else any_of(forms)

    def typed(self, registry: Registry[Any], names: Iterable[str]) -> Schema:
        """`{type: name, ...arguments}`."""
        cases = []
        for name in names:
            cls = registry[name]
            base = f"#/definitions/{registry.concept}.{name}/properties/"
            arguments = {key: {"$ref": base + key} for key in arguments_of(cls)}
            fits: Schema = {
                "properties": {"type": {}, **arguments},
                "required": ["type", *_required(cls)],
                "additionalProperties": False,
            }
            is_it = {"properties": {"type": {"pattern": _pattern(_names_of(registry, name))}}}
            cases.append({"if": is_it, "then": fits})
        return {"properties": {"type": _name(registry, names)}, "allOf": cases}


def any_of(schemas: Iterable[Schema]) -> Schema:
    """Of a value that fits one of these, in the simplest form.

    >>> any_of([{"type": "integer"}, {"type": "number"}, {"type": "null"}, {"not": {}}])
    {'type': ['integer', 'number', 'null']}
    """
    flat: list[Schema] = []
    for schema in schemas:
        parts = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
        flat += [part for part in parts if part != NEVER and part not in flat]
    if {} in flat:
        return {}
    types = [schema["type"] for schema in flat if set(schema) == {"type"}]
    if len(types) > 1:
        together = [name for each in types for name in (each if isinstance(each, list) else [each])]
        flat = [schema for schema in flat if set(schema) != {"type"}]
        flat.append({"type": list(dict.fromkeys(together))})
    if not flat:
        return NEVER
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def _required(cls: type) -> list[str]:
    return [name for name, argument in arguments_of(cls).items() if argument.required]


def _defaults(cls: type) -> Mapping[str, Any]:
    """The defaults that have a plain form, and that JSON knows."""
    signature = cls.signature() if issubclass(cls, Configurable) else inspect.signature(cls).parameters
    found = {}
    for name, parameter in signature.items():
        try:
            value = plain(parameter.default)
        except TypeError:
            continue
        if not (isinstance(value, float) and not math.isfinite(value)):
            found[name] = value
    return found


def _names_of(registry: Registry[Any], name: str) -> list[str]:
    """All names of a class, its first in front."""
    return [name, *registry.aliases(name)]


def _name(registry: Registry[Any], names: Iterable[str]) -> Schema:
    """The names for an editor to offer, and all other ways to spell them."""
    written = [each for name in names for each in _names_of(registry, name)]
    return {"type": "string", "anyOf": [{"enum": written}, {"pattern": _pattern(written)}]}


def _pattern(names: Iterable[str]) -> str:
    """Matches the names whatever their case, with or without underscores; JSON Schema has no flag for that."""
    forms = dict.fromkeys(canonical(name) for name in names)
    return "^(" + "|".join("[-_ ]*".join(_letter(letter) for letter in form) for form in forms) + ")$"


def _letter(letter: str) -> str:
    return f"[{letter.upper()}{letter}]" if letter.isalpha() else letter
