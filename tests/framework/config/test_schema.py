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


REFUSED = [
    (bool, "1", "it must be true or false, got 1"),
    (int | None, "a", "it must be an integer, got 'a'"),
    (str | int, "1.5", "it must be an integer or text, got 1.5; write it in quotes: '1.5'"),
    (
        bool | int | list[int],
        "a",
        "it must be an integer, true or false or a list, each item an integer, got 'a'",
    ),
    (Literal["same", "valid"], "sam", "it must be 'same' or 'valid', got 'sam'; did you mean 'same'?"),
    (tuple[int, int], "[1]", "it must be a list of 2: an integer, an integer, got [1]"),
    (Mapping[int, float], "{0: a}", "0 of it must be a number, got 'a'"),
    (
        Callable[[], None],
        "print",
        "it must be a Python object, which a file cannot give, got 'print'; leave it out, or set it in Python",
    ),
    (ShapeSpec, "{circle: big}", "radius of circle must be a number, got 'big'"),
]


@pytest.mark.parametrize(("annotation", "text", "message"), REFUSED, ids=lambda item: str(item)[:40])
def test_what_does_not_fit(annotation: Any, text: str, message: str) -> None:
    assert complaint(annotation, text).split(" ", 1)[1] == message


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

    assert check(Frame, "{width: 3}") == (Frame(3), [])


def test_the_toys_are_what_they_seem() -> None:
    assert Circle.from_config({"radius": 2.0}).radius == 2.0
