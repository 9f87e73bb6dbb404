"""Type hints as a schema: what fits, and the sentence for what does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union

import numpy as np
import pytest

from framework.config.schema import arguments_of
from framework.registry import Configurable

from .toys import Circle, ShapeSpec, check, complaint

FITTING = [
    (bool, "true", True),
    (int, "3", 3),
    (float, "3", 3.0),
    (float, "1e-3", 0.001),
    (float, ".inf", float("inf")),
    (str, "abc", "abc"),
    (str, "'3'", "3"),
    (None, "null", None),
    (int | None, "null", None),
    (Optional[int], "3", 3),  # noqa: UP045 - users may write it so
    (Union[int, str], "a", "a"),  # noqa: UP007
    (int | float, "3", 3),
    (float | int, "3", 3),
    (float | int, "3.5", 3.5),
    (Literal["same", "valid"], "same", "same"),
    (Literal["auto"] | int, "3", 3),
    (list[int], "[1, 2]", [1, 2]),
    (Sequence[float], "[1, 2.5]", [1.0, 2.5]),
    (tuple[int, ...], "[]", []),
    (tuple[int, int], "[1, 2]", [1, 2]),
    (int | tuple[int, int], "3", 3),
    (int | tuple[int, int], "[3, 4]", [3, 4]),
    (Sequence[int | None], "[1, null]", [1, None]),
    (list, "[1, a]", [1, "a"]),
    (dict, "{a: 1}", {"a": 1}),
    (Mapping[int, float], "{0: 1, 1: 2.5}", {0: 1.0, 1: 2.5}),
    (dict[str, Any], "{a: [1, {b: 2}]}", {"a": [1, {"b": 2}]}),
    (Any, "{a: [1]}", {"a": [1]}),
    (object, "3", 3),
    (np.ndarray, "[1, 2]", [1, 2]),
    (Annotated[int, "a note"], "3", 3),
    (Path, "a/b", "a/b"),
    (str | os.PathLike, "a/b", "a/b"),
    ("a name that only type checkers know", "3", 3),
    (ShapeSpec, "dot", "dot"),
    (ShapeSpec, "{circle: 2}", {"circle": {"radius": 2.0}}),
    (ShapeSpec, "{CIRCLE: {radius: 2}}", {"CIRCLE": {"radius": 2.0}}),
    (ShapeSpec, "{type: circle, radius: 2}", {"circle": {"radius": 2.0}}),
    (ShapeSpec, "{dot: }", "dot"),
    (ShapeSpec, "{group: [dot, {circle: 1}]}", {"group": {"members": ["dot", {"circle": {"radius": 1.0}}]}}),
    (ShapeSpec, "{group: {frame: dot}}", {"group": {"frame": "dot"}}),
    (ShapeSpec, "{picture: 2}", {"picture": {"scale": 2.0}}),
    (ShapeSpec, "{picture: {scale: dot}}", {"picture": {"scale": "dot"}}),
    (ShapeSpec, "{picture: {scale: {circle: 2}}}", {"picture": {"scale": {"circle": {"radius": 2.0}}}}),
    (ShapeSpec | None, "null", None),
]


@pytest.mark.parametrize(("annotation", "text", "value"), FITTING, ids=lambda item: str(item)[:40])
def test_what_fits(annotation: Any, text: str, value: Any) -> None:
    found, problems = check(annotation, text)
    assert problems == []
    assert found == value
    assert type(found) is type(value)


KNOWN = "(known: circle, dot, group, picture)"
WRITTEN = f"a shape is written as its name or {{name: {{argument: value}}}} {KNOWN}"
REFUSED = [
    (bool, "1", "it must be true or false, got 1"),
    (bool, "yes", "it must be true or false, got 'yes'; write true"),
    (bool, "'off'", "it must be true or false, got 'off'; write false"),
    (int, "true", "it must be an integer, got true"),
    (int, "2.5", "it must be an integer, got 2.5"),
    (int, "1e3", "it must be an integer, got 1000.0; write 1000"),
    (int, "1_000", "it must be an integer, got '1_000'; write 1000"),
    (int, "'3'", "it must be an integer, got '3'; write 3 without quotes"),
    (int, "[1]", "it must be an integer, got [1]"),
    (float, "false", "it must be a number, got false"),
    (float, "fast", "it must be a number, got 'fast'"),
    (float, "0,5", "it must be a number, got '0,5'; write 0.5"),
    (float, ".nan", "it must be a number, got .nan"),
    (float, "null", "it must be a number, got null"),
    (str, "3", "it must be text, got 3; write it in quotes: '3'"),
    (str, "[a]", "it must be text, got [a]"),
    (None, "3", "it must be null, got 3"),
    (int | None, "a", "it must be an integer, got 'a'"),
    (int | str, "1.5", "it must be an integer or text, got 1.5; write it in quotes: '1.5'"),
    (
        bool | int | list[int],
        "a",
        "it must be an integer, true or false or a list, each item an integer, got 'a'",
    ),
    (Literal["same", "valid"], "sam", "it must be 'same' or 'valid', got 'sam'; did you mean 'same'?"),
    (Literal["auto", 0, 1], "true", "it must be 'auto', 0 or 1, got true"),
    (list[int], "3", "it must be a list, each item an integer, got 3; put it in a list: [3]"),
    (list[int], "[1, a]", "item 2 of it must be an integer, got 'a'"),
    (tuple[int, int], "[1]", "it must be a list of 2: an integer, an integer, got [1]"),
    (Mapping[int, float], "{a: 1}", "the key 'a' of it must be an integer, got 'a'"),
    (Mapping[int, float], "{0: a}", "0 of it must be a number, got 'a'"),
    (dict, "[1]", "it must be a mapping, got [1]"),
    (
        Callable[[], None],
        "print",
        "it must be a Python object, which a file cannot give, got 'print'; leave it out, or set it in Python",
    ),
    (ShapeSpec, "circel", f"unknown shape 'circel'; did you mean 'circle'? {KNOWN}"),
    (ShapeSpec, "{circel: 1}", f"unknown shape 'circel'; did you mean 'circle'? {KNOWN}"),
    (ShapeSpec, "{type: circel}", f"unknown shape 'circel'; did you mean 'circle'? {KNOWN}"),
    (ShapeSpec, "3", f"it must be a shape, got 3; {WRITTEN}"),
    (ShapeSpec, "{1: 2}", f"it must be a shape, got {{1: 2}}; {WRITTEN}"),
    (ShapeSpec, "{type: 1, a: 2}", f"it must be a shape, got {{type: 1, a: 2}}; {WRITTEN}"),
    (
        ShapeSpec,
        "{circle: , radius: 2}",
        "it must be a shape, got {circle: null, radius: 2}; indent the arguments "
        "under 'circle:', or write {circle: {argument: value}}",
    ),
    (ShapeSpec, "{dot: 3}", "dot takes no bare value, got 3 (accepted: none)"),
    (ShapeSpec, "{dot: {size: 3}}", "unknown key 'size' in dot (accepted: none)"),
    (
        ShapeSpec,
        "{circle: {radius: 1, color: red}}",
        "unknown key 'color' in circle; did you mean 'colour'? (accepted: radius, colour, name)",
    ),
    (
        ShapeSpec,
        "{circle: {radius:1}}",
        "unknown key 'radius:1' in circle; write a space after the ':' (accepted: radius, colour, name)",
    ),
    (
        ShapeSpec,
        "{circle: {radus: 1}}",
        "unknown key 'radus' in circle; did you mean 'radius'? (accepted: radius, colour, name)",
    ),
    (ShapeSpec, "circle", "missing key 'radius' in circle; add 'radius: …' (a number)"),
    (ShapeSpec, "{circle: big}", "radius of circle must be a number, got 'big'"),
    (
        ShapeSpec,
        "{circle: {radius: 1, colour: green}}",
        "colour of circle must be 'red' or 'blue', got 'green'",
    ),
    (ShapeSpec, "{circle: -1}", "Circle: radius must be positive, got -1.0"),
    (ShapeSpec, "{circle: 1e6}", "Circle: this is too large"),
    (
        ShapeSpec,
        "{group: {members: dot}}",
        "members of group must be a list, each item a shape, got 'dot'; put it in a list: [dot]",
    ),
    (
        ShapeSpec,
        "{picture: '2'}",
        "scale of picture must be a number or a shape, got '2'; write 2 without quotes",
    ),
    (ShapeSpec, "{picture: dto}", f"unknown shape 'dto'; did you mean 'dot'? {KNOWN}"),
    (ShapeSpec, "{picture: large}", f"scale of picture must be a number or a shape, got 'large'; {WRITTEN}"),
    (
        ShapeSpec,
        "{picture: {on_draw: print}}",
        "on_draw of picture must be a Python object, which a file cannot "
        "give, got 'print'; leave it out, or set it in Python",
    ),
]


@pytest.mark.parametrize(("annotation", "text", "message"), REFUSED, ids=lambda item: str(item)[:40])
def test_what_does_not_fit(annotation: Any, text: str, message: str) -> None:
    assert complaint(annotation, text).split(" ", 1)[1] == message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{circle: {radius: 1, x: 2}}", "1:22"),  # an unknown key: at the key
        ("{circle: {colour: red}}", "1:2"),  # a missing one: at the component
        ("{circle: {radius: x}}", "1:19"),  # a wrong value: at the value
        ("{circle: -1}", "1:10"),  # what the constructor refuses: at the argument
        ("{circle: {radius: -1}}", "1:19"),
        ("{circle: 5000}", "1:2"),  # or at the component, where it names none
        ("{group: [dot, dto]}", "1:15"),
        ("{group: [dot, {circle: {radius: x}}]}", "1:33"),
        ("type: circle\nradius: x", "2:9"),
        ("type: circel", "1:7"),
    ],
)
def test_each_problem_has_its_own_place(text: str, place: str) -> None:
    assert complaint(ShapeSpec, text).split(" ")[0] == place


def test_all_problems_are_found_in_one_run() -> None:
    text = "group:\n  members:\n    - circel\n    - {circle: x}\n    - {circle: {radius: -1}}\n  fram: dot\n"
    _, problems = check(ShapeSpec, text)
    assert [p.split(" ")[0] for p in problems] == ["3:7", "4:16", "5:25", "6:3"]


def test_what_has_been_complained_about_is_passed_over() -> None:
    for annotation in (int, Any, ShapeSpec, list[int], int | None, dict[str, Any]):
        _, problems = check(annotation, "!x 1")
        assert problems == ["1:1 the tag '!x' is not allowed: a file holds plain values; remove it"]
    _, problems = check(Any, "{a: [!x 1]}")
    assert len(problems) == 1


def test_null_is_welcome_where_it_is_the_default() -> None:
    class Old(Configurable):
        def __init__(self, size: int = None) -> None:  # type: ignore[assignment]  # noqa: RUF013
            self.size = size

    kind = arguments_of(Old)["size"].kind
    assert kind.words == "an integer"
    assert [type(k).__name__ for k in kind.kinds] == ["Integer", "Null"]  # type: ignore[attr-defined]


def test_hints_that_exist_for_type_checkers_only_accept_anything() -> None:
    class Odd(Configurable):
        def __init__(self, value: NoSuchName) -> None:  # type: ignore[name-defined]  # noqa: F821
            self.value = value

    assert arguments_of(Odd)["value"].kind.words == "anything"


def test_arguments_without_hints_accept_anything() -> None:
    class Bare(Configurable):
        def __init__(self, value, other=3):  # type: ignore[no-untyped-def]
            self.value, self.other = value, other

    found = arguments_of(Bare)
    assert [(a.kind.words, a.required) for a in found.values()] == [("anything", True), ("anything", False)]


def test_a_family_s_common_arguments_come_last() -> None:
    from framework.layers import Dense

    assert next(iter(arguments_of(Dense))) == "units"
    assert list(arguments_of(Dense))[-2:] == ["name", "trainable"]


def test_a_data_class_is_a_section() -> None:
    @dataclass
    class Frame:
        width: int
        title: str = ""
        items: Sequence[int] = ()

    assert check(Frame, "{width: 3}") == (Frame(3), [])
    assert check(Frame, "{width: 3, items: }") == (Frame(3), [])  # an empty key counts as left out
    assert complaint(Frame, "{widht: 3, width: 1}").startswith("1:2 unknown key 'widht' in it; did you mean 'width'?")
    assert complaint(Frame, "{width: }") == "1:8 width of it must be an integer, got null"
    assert complaint(Frame, "3") == "1:1 it must be a mapping (keys: width, title, items), got 3"


def test_the_toys_are_what_they_seem() -> None:
    assert Circle.from_config({"radius": 2.0}).radius == 2.0
