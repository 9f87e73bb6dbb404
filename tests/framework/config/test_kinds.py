"""Kinds of single values: what fits, what is read, and the sentence for what does not fit."""

from __future__ import annotations

import math
from typing import Any

import pytest

from framework.config.errors import Problems, Source
from framework.config.kinds import (
    INVALID,
    Anything,
    Boolean,
    Choice,
    Integer,
    Kind,
    Null,
    Number,
    PythonOnly,
    Text,
    either,
    shown,
)
from framework.config.reader import read

from .toys import complaint, examine


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Boolean(), "false", False),
        (Integer(), "-3", -3),
        (Number(), "3", 3.0),
        (Number(), "-.inf", -math.inf),
        (Text(), "'3'", "3"),
        (Null(), "~", None),
        (Anything(), "{a: [1, b]}", {"a": [1, "b"]}),
        (Choice(["auto", 0, 1]), "0", 0),
    ],
)
def test_what_fits_is_read_as_its_own_type(kind: Kind, text: str, value: Any) -> None:
    found, problems = examine(kind, text)
    assert (found, type(found), problems) == (value, type(value), [])


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Boolean(), "1", "it must be true or false, got 1"),
        (Boolean(), "yes", "it must be true or false, got 'yes'; write true"),
        (Boolean(), "'off'", "it must be true or false, got 'off'; write false"),
        (Integer(), "true", "it must be an integer, got true"),
        (Integer(), "2.5", "it must be an integer, got 2.5"),
        (Integer(), "1e3", "it must be an integer, got 1000.0; write 1000"),
        (Integer(), "1e30", "it must be an integer, got 1e+30"),
        (Integer(), "1_000", "it must be an integer, got '1_000'; write 1000"),
        (Integer(), "'3'", "it must be an integer, got '3'; write 3 without quotes"),
        (Integer(), "[1]", "it must be an integer, got [1]"),
        (Number(), "false", "it must be a number, got false"),
        (Number(), "fast", "it must be a number, got 'fast'"),
        (Number(), "0,5", "it must be a number, got '0,5'; write 0.5"),
        (Number(), ".nan", "it must be a number, got .nan"),
        (Number(), "null", "it must be a number, got null"),
        (Text(), "3", "it must be text, got 3; write it in quotes: '3'"),
        (Text(), "[a]", "it must be text, got [a]"),
        (Null(), "3", "it must be null, got 3"),
        (Choice(["same", "valid"]), "sam", "it must be 'same' or 'valid', got 'sam'; did you mean 'same'?"),
        (Choice(["auto", 0, 1]), "true", "it must be 'auto', 0 or 1, got true"),
    ],
)
def test_what_does_not_fit_is_shown_with_what_to_write(kind: Kind, text: str, message: str) -> None:
    assert complaint(kind, text) == f"1:1 {message}"


def test_no_value_of_a_file_is_a_python_object() -> None:
    for text in ("print", "3", "null", "[]"):
        assert complaint(PythonOnly(), text).endswith("; leave it out, or set it in Python")


@pytest.mark.parametrize("kind", [Anything(), Boolean(), Integer(), Text(), Null(), Choice(["a"]), PythonOnly()])
def test_what_has_been_complained_about_is_passed_over(kind: Kind) -> None:
    value, problems = examine(kind, "!x 1")
    assert value is INVALID
    assert problems == ["1:1 the tag '!x' is not allowed: a file holds plain values; remove it"]


def test_anything_is_invalid_where_its_inside_is() -> None:
    value, problems = examine(Anything(), "{a: [!x 1]}")
    assert value is INVALID
    assert len(problems) == 1


def test_a_value_is_shown_cut_and_with_dots_for_what_is_broken() -> None:
    assert shown(read(Source("", "[a, !x 1]"), Problems())) == '[a, "…"]'
    long = shown(read(Source("", "x" * 100), Problems()))
    assert (len(long), long[-1]) == (58, "…")


def test_alternatives_are_joined_as_one_says_them() -> None:
    assert [either(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a or b", "a, b or c"]
