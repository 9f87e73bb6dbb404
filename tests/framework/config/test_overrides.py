"""Values from the command line in the tree of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from framework.config import overrides
from framework.config.errors import ConfigError, Problems, Source
from framework.config.reader import read
from framework.config.schema import kind_of

from .toys import ShapeSpec

FILE = """\
title: a picture
main: {circle: {radius: 1, colour: red}}
plain: circle
bare: {circle: 1}
typed: {type: circle, radius: 1}
shapes:
  - dot
  - circle: 1
  - group: {members: [dot, {circle: 3}]}
page: {width: 3}
weights: {0: 1.0}
anything: {a: [1, {b: 2}]}
"""


@dataclass(frozen=True, kw_only=True)
class Page:
    width: int = 1
    height: int = 1


@dataclass(frozen=True, kw_only=True)
class Book:
    title: str = ""
    main: ShapeSpec | None = None
    plain: ShapeSpec | None = None
    bare: ShapeSpec | None = None
    typed: ShapeSpec | None = None
    absent: ShapeSpec | None = None
    shapes: Sequence[ShapeSpec] = ()
    page: Page = Page()
    back: Page = Page()
    weights: Mapping[int, float] | None = None
    others: Mapping[int, float] | None = None
    anything: Any = None


def applied(*texts: str) -> Any:
    problems = Problems()
    root = read(Source("a.yaml", FILE), problems)
    overrides.apply(texts, root, kind_of(Book), problems)
    problems.raise_if_any()
    return root


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("title=another", "title", "another"),
        ("title=a = b", "title", "a = b"),
        ("title='5'", "title", "5"),
        ("title=", "title", None),
        ("main=dot", "main", "dot"),
        ("main={circle: 5}", "main", {"circle": 5}),
        ("main.radius=5", "main", {"circle": {"radius": 5, "colour": "red"}}),
        ("main.circle.radius=5", "main", {"circle": {"radius": 5, "colour": "red"}}),
        ("main.Circle.radius=5", "main", {"circle": {"radius": 5, "colour": "red"}}),
        ("main.circle={radius: 5}", "main", {"circle": {"radius": 5}}),
        ("main.name=x", "main", {"circle": {"radius": 1, "colour": "red", "name": "x"}}),
        ("plain.radius=5", "plain", {"circle": {"radius": 5}}),
        ("bare.radius=5", "bare", {"circle": {"radius": 5}}),
        ("bare.colour=blue", "bare", {"circle": {"radius": 1, "colour": "blue"}}),
        ("typed.radius=5", "typed", {"circle": {"radius": 5}}),
        ("absent.circle.radius=5", "absent", {"circle": {"radius": 5}}),
        ("absent.circle=5", "absent", {"circle": 5}),
        (
            "shapes.0=circle",
            "shapes",
            ["circle", {"circle": 1}, {"group": {"members": ["dot", {"circle": 3}]}}],
        ),
        (
            "shapes.1.radius=5",
            "shapes",
            ["dot", {"circle": {"radius": 5}}, {"group": {"members": ["dot", {"circle": 3}]}}],
        ),
        (
            "shapes.2.members.1.radius=5",
            "shapes",
            ["dot", {"circle": 1}, {"group": {"members": ["dot", {"circle": {"radius": 5}}]}}],
        ),
        ("page.width=5", "page", {"width": 5}),
        ("page.height=5", "page", {"width": 3, "height": 5}),
        ("back.height=5", "back", {"height": 5}),
        ("weights.0=5", "weights", {0: 5}),
        ("weights.1=5", "weights", {0: 1.0, 1: 5}),
        ("others.1=5", "others", {1: 5}),
        ("anything.a.1.b=5", "anything", {"a": [1, {"b": 5}]}),
        ("anything.c.d=5", "anything", {"a": [1, {"b": 2}], "c": {"d": 5}}),
    ],
)
def test_where_a_path_leads(override: str, key: str, value: Any) -> None:
    before, after = read(Source("a.yaml", FILE), Problems()).plain(), applied(override).plain()
    assert after == before | {key: value}


def test_overrides_are_applied_in_order() -> None:
    assert applied("main=dot", "main=circle", "main.radius=1", "main.radius=2").plain()["main"] == {
        "circle": {"radius": 2}
    }


def test_into_a_component_that_nobody_knows() -> None:
    """The check of the file complains about the name; the override does its part."""
    root = applied("main={cube: {a: 1}}", "main.a=2", "main.b.c=3")
    assert root.plain()["main"] == {"cube": {"a": 2, "b": {"c": 3}}}


def test_what_has_been_complained_about_is_passed_over() -> None:
    with pytest.raises(ConfigError) as caught:
        applied("main=!x 1", "main.radius=3", "weights=[1]", "weights.0.x=3")
    assert [p.message.split(" ")[:2] for p in caught.value.problems] == [["the", "tag"], ["weights.0", "is"]]


def test_a_new_value_is_placed_on_the_command_line() -> None:
    root = applied("main.radius={a: 5}")
    node = root.find("main", "circle", "radius", "a")
    assert (node.mark.source.name, node.mark.line, node.mark.column) == ("command line", 1, 17)
    assert node.mark.source.text == "main.radius={a: 5}"
    assert root.find("main", "circle").mark_of("radius").column == 6


@pytest.mark.parametrize(
    ("override", "column", "message"),
    [
        ("title", 1, "an override is written key=value, as in train.epochs=3"),
        ("=3", 1, "an override is written key=value, as in train.epochs=3"),
        ("pge.width=3", 1, "unknown key 'pge' at the top level; did you mean 'page'? (accepted: "),
        ("main.x.y=3", 6, "unknown key 'x' in circle (accepted: radius, colour, name)"),
        ("page.x.y=3", 6, "unknown key 'x' in page (accepted: width, height)"),
        ("main.dot.x=3", 6, "main is circle; to replace it write main={dot: …}"),
        (
            "absent.radius=3",
            8,
            "absent is not given, so there is no 'radius' in it; write absent=… as a whole",
        ),
        ("shapes.3=dot", 8, "shapes has the items 0 to 2, not '3'; to replace the list write shapes=[…]"),
        ("shapes.-1=dot", 8, "shapes has the items 0 to 2, not '-1'; to replace the list write shapes=[…]"),
        ("shapes.dot=3", 8, "shapes has the items 0 to 2, not 'dot'; to replace the list write shapes=[…]"),
        ("title.x=3", 7, "title is 'a picture', so there is no 'x' in it; write title=… as a whole"),
        ("main.radius.x=3", 13, "main.radius is 1, so there is no 'x' in it; write main.radius=… as a whole"),
        ("page.width=[1", 14, "expected ',' or ']' in the list opened at line 1, column 12"),
        ("main=!!python/name:os.system x", 6, "the tag '!!python/name:os.system' is not allowed"),
        (
            "main={a: 1, a: 2}",
            13,
            "duplicate key 'a', first written on the command line; keep one of the two",
        ),
    ],
)
def test_paths_that_lead_nowhere(override: str, column: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        applied(override)
    [problem] = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("command line", 1, column)
    assert problem.message.startswith(message)


def test_all_wrong_overrides_are_reported() -> None:
    with pytest.raises(ConfigError) as caught:
        applied("title", "page.width=[1", "shapes.9=dot")
    assert len(caught.value.problems) == 3
