"""Components and sections: the ways to write them, and where each mistake in one is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from framework.config.components import Component, Section
from framework.config.schema import arguments_of
from framework.registry import Configurable, Registry

from .toys import complaint, examine, shapes

SHAPE = Component(shapes, arguments_of)
KNOWN = "(known: circle, dot, group, picture)"
WRITTEN = f"a shape is written as its name or {{name: {{argument: value}}}} {KNOWN}"
CIRCLE = "(accepted: radius, colour, name)"


@pytest.mark.parametrize("text", ["circle: 2", "circle: {radius: 2}", "{type: circle, radius: 2}"])
def test_a_component_has_one_value_however_it_is_written(text: str) -> None:
    assert examine(SHAPE, text) == ({"circle": {"radius": 2.0}}, [])


@pytest.mark.parametrize("text", ["dot", "dot: ", "dot: {}", "type: dot"])
def test_a_component_without_arguments_is_its_name(text: str) -> None:
    assert examine(SHAPE, text) == ("dot", [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("circel", f"1:1 unknown shape 'circel'; did you mean 'circle'? {KNOWN}"),
        ("{circel: 1}", f"1:2 unknown shape 'circel'; did you mean 'circle'? {KNOWN}"),
        ("type: circel", f"1:7 unknown shape 'circel'; did you mean 'circle'? {KNOWN}"),
        ("3", f"1:1 it must be a shape, got 3; {WRITTEN}"),
        ("{1: 2}", f"1:1 it must be a shape, got {{1: 2}}; {WRITTEN}"),
        ("{type: 1, a: 2}", f"1:1 it must be a shape, got {{type: 1, a: 2}}; {WRITTEN}"),
        (
            "{circle: , radius: 2}",
            "1:1 it must be a shape, got {circle: null, radius: 2}; indent the arguments under 'circle:', "
            "or write {circle: {argument: value}}",
        ),
        ("{dot: 3}", "1:7 dot takes no bare value, got 3 (accepted: none)"),
        ("{dot: {size: 3}}", "1:8 unknown key 'size' in dot (accepted: none)"),
        (
            "{circle: {radius: 1, color: red}}",
            f"1:22 unknown key 'color' in circle; did you mean 'colour'? {CIRCLE}",
        ),
        ("{circle: {radius:1}}", f"1:11 unknown key 'radius:1' in circle; write a space after the ':' {CIRCLE}"),
        ("{circle: {radus: 1}}", f"1:11 unknown key 'radus' in circle; did you mean 'radius'? {CIRCLE}"),
        ("circle", "1:1 missing key 'radius' in circle; add 'radius: …' (a number)"),
        ("{circle: {colour: red}}", "1:2 missing key 'radius' in circle; add 'radius: …' (a number)"),
        ("{circle: big}", "1:10 radius of circle must be a number, got 'big'"),
        ("type: circle\nradius: x", "2:9 radius of circle must be a number, got 'x'"),
        ("{circle: {radius: 1, colour: green}}", "1:30 colour of circle must be 'red' or 'blue', got 'green'"),
        ("{circle: -1}", "1:10 Circle: radius must be positive, got -1.0"),  # at the argument that it names
        ("{circle: {radius: -1}}", "1:19 Circle: radius must be positive, got -1.0"),
        ("{circle: 1e6}", "1:2 Circle: this is too large"),  # or at the component
        ("{group: [dot, {circle: {radius: x}}]}", "1:33 radius of circle must be a number, got 'x'"),
    ],
)
def test_each_mistake_has_its_place_and_sentence(text: str, message: str) -> None:
    assert complaint(SHAPE, text) == message


def test_all_problems_are_found_in_one_run() -> None:
    text = "group:\n  members:\n    - circel\n    - {circle: x}\n    - {circle: {radius: -1}}\n  fram: dot\n"
    _, problems = examine(SHAPE, text)
    assert [p.split(" ")[0] for p in problems] == ["3:7", "4:16", "5:25", "6:3"]


def test_where_nothing_is_registered_the_module_is_missing() -> None:
    empty: Registry[Configurable] = Registry("oddity", Configurable)
    assert Component(empty, arguments_of).words == "an oddity"
    assert complaint(Component(empty, arguments_of), "a").startswith("1:1 unknown oddity 'a': none is registered;")


@dataclass
class Frame:
    width: int
    title: str = ""
    items: Sequence[int] = ()


def test_a_section_is_an_instance_of_its_class() -> None:
    section = Section(Frame, arguments_of)
    assert examine(section, "{width: 3, title: a}") == (Frame(3, "a"), [])
    assert examine(section, "{width: 3, items: }") == (Frame(3), [])  # an empty key counts as left out
    assert complaint(section, "{widht: 3, width: 1}").startswith("1:2 unknown key 'widht' in it; did you mean 'width'?")
    assert complaint(section, "{width: }") == "1:8 width of it must be an integer, got null"
    assert complaint(section, "3") == "1:1 it must be a mapping (keys: width, title, items), got 3"
