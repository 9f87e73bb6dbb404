"""Plain data as YAML."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from framework.config.errors import Problems, Source
from framework.config.reader import read
from framework.config.scalars import FORBIDDEN
from framework.config.writer import LINE_LENGTH, document


def test_what_is_long_is_written_in_lines() -> None:
    text = document({"train": {"epochs": 1, "comment": "x" * LINE_LENGTH}, "values": list(range(60))})
    assert text.startswith("train:\n  epochs: 1\n  comment: xxx")
    assert "\nvalues:\n  - 0\n  - 1\n" in text


def test_empty_blocks_stay_on_their_line() -> None:
    assert document({"callbacks": [], "model": {}}) == "callbacks: []\nmodel: {}\n"


words = st.text(max_size=8).filter(lambda text: not FORBIDDEN.search(text))
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.integers(0, 99), inner, max_size=4),
    max_leaves=12,
)
keys = words | st.sampled_from(["model", "layers", "callbacks", "augment"])


@given(st.dictionaries(keys, values, min_size=1, max_size=4))
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    problems = Problems()
    back = read(Source("a.yaml", document(value)), problems).plain()
    problems.raise_if_any()
    assert back == value
