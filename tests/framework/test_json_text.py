"""JSON with limits: what is read, and the place of everything that is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import json_text
from framework.json_text import MAX_DEPTH, MAX_NUMBER_LENGTH, JSONError, check, parse

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**90), 10**90) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)  # fmt: skip


@given(plain, st.booleans(), st.sampled_from([None, 1]))
def test_all_that_python_writes_is_read(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert parse(text.encode())[0] == value


@given(st.text(st.sampled_from('{}[]:,"\\ \n01-+.eEtruefalsn\u00e9'), max_size=30))
def test_what_python_refuses_is_refused_with_a_place(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(JSONError, match=r"^line \d+, column \d+: "):
            parse(text.encode())
        return
    try:
        assert parse(text.encode())[0] == expected
    except JSONError as error:
        assert "twice" in error.reason or "too large" in error.reason  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, column 1: it is not JSON, or was cut short"),
        (b'{"a": 1,\n "a": 2}', "line 2, column 2: it holds 'a' twice"),
        (b'{"a": 1, "\\u0061": 2}', "line 1, column 10: it holds 'a' twice"),
        (b'{"a": "\\ud800"}', "line 1, column 7: this text holds half of a surrogate pair"),
        (b'{"\\udfff": 1}', "line 1, column 2: this text holds half of a surrogate pair"),
        (b'["\\ud83d\\ude00", NaN]', "line 1, column 18: it is not JSON, or was cut short ('NaN' is no value)"),
        (b"[-Infinity]", "line 1, column 2: it is not JSON"),
        (b"[1e999]", "line 1, column 2: the number 1e999 is too large"),
        (b"[" + b"1" * (MAX_NUMBER_LENGTH + 1), f"the number 111111111111… has 101 characters, more than {100}"),
        (b"[0x10]", "'0x10' is no value"),
        (b"[01]", "'01' is no value"),
        (b'"never', "line 1, column 1: it is not JSON, or was cut short (this text is never closed)"),
        (b'["\xff"]', "line 1, column 3: the byte 0xff is not UTF-8"),
        (b'{"\xff": 1}', "line 1, column 3: the byte 0xff is not UTF-8"),
        ('["é", x]'.encode(), "line 1, column 7: it is not JSON"),
        (b"\xef\xbb\xbf{}", "line 1, column 1: it is not JSON"),
        ("[1]".encode("utf-16"), "line 1, column 1: it is not JSON"),
        (b"[1]]", "line 1, column 4: it is not JSON"),
        (b"[" * (MAX_DEPTH + 1), f"line 1, column 101: it is nested deeper than {MAX_DEPTH} levels"),
        (b'{"a":' * 10**6, "line 1, column 501: it is nested deeper than"),
    ],
)
def test_what_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(JSONError) as caught:
        parse(content)
    assert said in str(caught.value)


def test_the_long_text_stays_bytes_and_places_behind_it_are_right() -> None:
    content = b'{"weights": {"x": "y", "data": "QUJD"}, "data": "D",\n "a": 1}'
    value, inside = parse(content, ("weights", "data"))
    assert value == {"weights": {"x": "y", "data": ""}, "data": "D", "a": 1}
    assert bytes(inside) == b"QUJD"
    for damaged in (content.replace(b"1}", b"}"), content.replace(b'"D"', b'"\x01"')):
        with pytest.raises(JSONError) as caught:
            parse(damaged, ("weights", "data"))
        with pytest.raises(json.JSONDecodeError) as expected:
            json.loads(damaged)
        assert caught.value.place == f"line {expected.value.lineno}, column {expected.value.colno}"


def test_there_is_no_long_text_where_none_is_asked_for_or_there() -> None:
    assert parse(b'{"data": "A"}') == ({"data": "A"}, memoryview(b""))
    assert parse(b'{"data": ["A"]}', ("data",)) == ({"data": ["A"]}, memoryview(b""))


def test_size_and_number_are_limited_before_anything_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_TOKENS", 100)
    monkeypatch.setattr(json_text, "LARGEST_DESCRIPTION", 1_000)
    monkeypatch.setattr(json_text.json, "loads", lambda text: pytest.fail("it was parsed"))
    for content in (b"[" + b"0," * 100, b"," * 101, b"[]" * 51, b'""' * 101):
        with pytest.raises(JSONError, match="more than 100 values and signs"):
            check(content)
    for content in (b" " * 1_001, b"," * 50 + b" " * 1_000 + b",", b'"' + b"a" * 1_000 + b'"'):
        with pytest.raises(JSONError, match="bytes beside the weights are more than 1,000"):
            check(content)
    monkeypatch.undo()
    monkeypatch.setattr(json_text, "LARGEST_DESCRIPTION", 20)
    assert len(parse(b'{"data": "' + b"A" * 1_000 + b'"}', ("data",))[1]) == 1_000
