"""Lists, mappings and alternatives: what fits, and which part is to blame for what does not."""

from __future__ import annotations

from typing import Any

import pytest

from framework.config.components import Component
from framework.config.compounds import ListOf, MappingOf, OneOf
from framework.config.kinds import INVALID, Anything, Boolean, Integer, Kind, Null, Number, PythonOnly, Text
from framework.config.schema import arguments_of

from .toys import complaint, examine, shapes

SHAPE = Component(shapes, arguments_of)
LIST, PAIR, MAPPING = ListOf(Integer()), ListOf([Integer(), Text()]), MappingOf(Integer(), Number())
NUMBER_OR_SHAPE = OneOf([Number(), SHAPE])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (LIST, "[]", []),
        (LIST, "[1, 2]", [1, 2]),
        (PAIR, "[1, a]", [1, "a"]),
        (MAPPING, "{0: 1, 1: 2.5}", {0: 1.0, 1: 2.5}),
        (MappingOf(Text(), LIST), "{a: [1]}", {"a": [1]}),
        (OneOf([Integer(), Number()]), "3", 3),
        (OneOf([Number(), Integer()]), "3", 3.0),  # first come, first served
        (OneOf([LIST, Null()]), "null", None),
        (NUMBER_OR_SHAPE, "3", 3.0),
        (NUMBER_OR_SHAPE, "dot", "dot"),
    ],
)
def test_what_fits_is_read_part_by_part(kind: Kind, text: str, value: Any) -> None:
    found, problems = examine(kind, text)
    assert (found, type(found), problems) == (value, type(value), [])


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (LIST, "3", "1:1 it must be a list, each item an integer, got 3; put it in a list: [3]"),
        (LIST, "a", "1:1 it must be a list, each item an integer, got 'a'"),
        (LIST, "[1, a]", "1:5 item 2 of it must be an integer, got 'a'"),
        (ListOf(Anything()), "null", "1:1 it must be a list, got null"),
        (ListOf(SHAPE), "dot", "1:1 it must be a list, each item a shape, got 'dot'; put it in a list: [dot]"),
        (ListOf(LIST), "[[1], [2, a]]", "1:11 item 2 of item 2 of it must be an integer, got 'a'"),
        (PAIR, "[1]", "1:1 it must be a list of 2: an integer, text, got [1]"),
        (PAIR, "[1, 2]", "1:5 item 2 of it must be text, got 2; write it in quotes: '2'"),
        (MAPPING, "[1]", "1:1 it must be a mapping, each key an integer and each value a number, got [1]"),
        (MAPPING, "{a: 1}", "1:2 the key 'a' of it must be an integer, got 'a'"),
        (MAPPING, "{0: a}", "1:5 0 of it must be a number, got 'a'"),
        (MappingOf(Anything(), Anything()), "[1]", "1:1 it must be a mapping, got [1]"),
        (OneOf([Integer(), Text()]), "1.5", "1:1 it must be an integer or text, got 1.5; write it in quotes: '1.5'"),
        (OneOf([Integer(), Boolean(), LIST]), "[a]", "1:2 item 1 of it must be an integer, got 'a'"),
        (NUMBER_OR_SHAPE, "'2'", "1:1 it must be a number or a shape, got '2'; write 2 without quotes"),
    ],
)
def test_the_part_that_does_not_fit_is_named(kind: Kind, text: str, message: str) -> None:
    assert complaint(kind, text) == message


def test_all_wrong_parts_are_found_in_one_run() -> None:
    for kind, text in ((LIST, "[a, 1, b]"), (MAPPING, "{0: a, 1: 1, 2: b}")):
        value, problems = examine(kind, text)
        assert value is INVALID
        assert len(problems) == 2


def test_a_word_is_taken_for_a_misspelt_name_only_where_it_is_near_one() -> None:
    assert complaint(NUMBER_OR_SHAPE, "dto").startswith("1:1 unknown shape 'dto'; did you mean 'dot'?")
    assert complaint(NUMBER_OR_SHAPE, "large").startswith("1:1 it must be a number or a shape, got 'large'; a shape is")


def test_null_and_python_objects_go_without_saying() -> None:
    assert OneOf([Integer(), Null(), PythonOnly()]).words == "an integer"
    assert OneOf([Integer(), Integer(), Text()]).words == "an integer or text"
    assert complaint(OneOf([PythonOnly(), Null()]), "3").endswith("leave it out, or set it in Python")


@pytest.mark.parametrize("kind", [LIST, MAPPING, OneOf([LIST, Null()])])
def test_what_has_been_complained_about_is_passed_over(kind: Kind) -> None:
    value, problems = examine(kind, "!x 1")
    assert value is INVALID
    assert problems == ["1:1 the tag '!x' is not allowed: a file holds plain values; remove it"]
