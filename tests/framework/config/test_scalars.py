"""The core schema of YAML 1.2, both ways."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from framework.config.scalars import FORBIDDEN, is_word, resolve, write


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1e-3", 1e-3),
        ("1E3", 1e3),
        ("1e3", 1e3),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5e+2", -150.0),
        ("+.5", 0.5),
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("0x10", 16),
        ("0o10", 8),
        ("010", 10),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_numbers_and_constants(word: str, value: Any) -> None:
    resolved = resolve(word)
    assert resolved == value
    assert type(resolved) is type(value)


NO_NUMBERS = "1_000 1:30 2024-01-01 12:30:45 0b1 0x 0o8 1e 1.e e3 1,5 30s"
NO_CONSTANTS = "on off yes no y n On NO tRUE nULL <<= = - . .."


@pytest.mark.parametrize("word", [*NO_NUMBERS.split(), *NO_CONSTANTS.split()])
def test_words_that_are_words(word: str) -> None:
    assert resolve(word) == word


def test_not_a_number() -> None:
    value = resolve(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("word", ["9" * 101, "0x" + "f" * 5000, "1." + "0" * 200, "1e999", "-1e400"])
def test_absurd_numbers_are_refused(word: str) -> None:
    with pytest.raises(ValueError, match="the number"):
        resolve(word)


scalars = st.none() | st.booleans() | st.integers(-(10**90), 10**90) | st.floats(allow_nan=False) | st.text()


@given(scalars)
def test_what_is_written_is_read_back(value: Any) -> None:
    if isinstance(value, str) and FORBIDDEN.search(value):
        return
    text = write(value)
    [event] = [e for e in yaml.parse(text, Loader=yaml.SafeLoader) if isinstance(e, yaml.ScalarEvent)]
    back = event.value if event.style else resolve(event.value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("text", ["no", "1e3", "0o10", "", "~", "a: b", "- a", "#", "1_000", "*a", ".5", "null", "y"])
def test_what_could_be_misread_is_quoted(text: str) -> None:
    assert not is_word(text)


@pytest.mark.parametrize("text", ["relu", "he_normal", "val_loss", "runs/best.json", "./a", "two words"])
def test_plain_words_stay_plain(text: str) -> None:
    assert write(text) == text
