"""JSON from files that nobody vouches for: what a text holds is limited before it is parsed.

One pass over the bytes counts, without making anything of them; only what is within the limits goes to Python's parser.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple, NoReturn

LARGEST_DESCRIPTION = 16 << 20
"""Bytes of a text without the one string that is left out: Python's parser takes up to 25 times as much memory."""
MAX_DEPTH = 100
"""Lists and mappings inside of each other; Python's parser calls itself for each."""
MAX_TOKENS = 1_000_000
"""Numbers, texts, words, brackets, colons and commas in a text; a list of half as many numbers has as many."""
MAX_NUMBER_LENGTH = 100
"""Characters in a number: enough for any state of a random stream, too few to keep Python busy."""

# Possessive, so that nothing is tried twice: the time is proportional to the length, whatever the bytes are.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]|\s++|[^\[\]{}:,"\s]++|"', re.DOTALL)
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS = (b"true", b"false", b"null")


class JSONError(ValueError):
    """A text that is not JSON, or beyond the limits: `place` is line and column, `reason` what is wrong there."""

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(reason, place)
        self.reason = reason
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Span(NamedTuple):
    """A part of a text: from byte `start` up to byte `stop`."""

    start: int
    stop: int


def parse(content: bytes, apart: tuple[str, ...] = ()) -> tuple[Any, memoryview]:
    """The value of a text in UTF-8, and the inside of one long string, which is never made a string of Python.

    apart: the keys that lead to that string, in whose place the value has an empty one. Without one, the inside is
    empty, too. Raises JSONError for whatever is not JSON, has a key twice, NaN, infinity or half of a surrogate pair,
    or is beyond the limits above.

    >>> value, inside = parse(b'{"data": "AAAA", "rate": 0.5}', ("data",))
    >>> value, bytes(inside)
    ({'data': '', 'rate': 0.5}, b'AAAA')
    """
    long = check(content, apart)
    shorter = content if long is None else content[: long.start] + content[long.stop :]

    def offset(place: int) -> int:
        return place if long is None or place <= long.start else place + long.stop - long.start

    try:
        text = shorter.decode()
        value = json.loads(text)
    except UnicodeDecodeError as error:
        _refuse(content, offset(error.start), f"the byte 0x{shorter[error.start]:02x} is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(content, offset(len(text[: error.pos].encode())), _no_json(error.msg))
    except RecursionError:
        _refuse(content, 0, "it is nested too deep")
    return value, memoryview(content)[slice(*long or (0, 0))]


def check(content: bytes, apart: tuple[str, ...] = ()) -> Span | None:
    """Raises JSONError for a text beyond the limits; the span of the string `apart`, if it is there.

    Whether all the rest is JSON is left to the parser.
    """
    long: Span | None = None
    left_out = tokens = 0
    text: Span | None = None  # the string before this token
    seen: list[set[str]] = []  # the keys of each mapping that we are inside of; none for a list
    path: list[str] = []  # the key in each that we are at
    keys, stop = list(apart), 0
    while stop < len(content):
        start, stop = stop, _end_of_token(content, stop, bool(keys) and path == keys)
        if start - left_out > LARGEST_DESCRIPTION:
            break
        first = content[start : start + 1]
        tokens += not first.isspace()
        if tokens > MAX_TOKENS:
            _refuse(content, start, f"it holds more than {MAX_TOKENS:,} values and signs")
        if first == b'"':
            if stop - start == 1:
                _refuse(content, start, _no_json("this text is never closed"))
            if keys and path == keys:
                long = Span(start + 1, stop - 1)
                left_out = stop - start
            else:
                text = Span(start, stop)
                _check_escapes(content, text)
        elif first in b"{[":
            if len(seen) == MAX_DEPTH:
                _refuse(content, start, f"it is nested deeper than {MAX_DEPTH} levels")
            seen.append(set())
            path.append("")
        elif first in b"}]":
            if seen:
                seen.pop()
                path.pop()
        elif first == b":":
            if text is not None and seen:
                key = _text(content, text)
                if key in seen[-1]:
                    _refuse(content, text.start, f"it holds {key!r} twice")
                seen[-1].add(key)
                path[-1] = key
        elif first == b",":
            if path:
                path[-1] = ""
        elif not first.isspace():
            _check_word(content, Span(start, stop))
    if len(content) - left_out > LARGEST_DESCRIPTION:
        _refuse(
            content, 0, f"{len(content) - left_out:,} bytes beside the weights are more than {LARGEST_DESCRIPTION:,}"
        )
    return long


def _end_of_token(content: bytes, start: int, is_long: bool) -> int:
    """Where the token that begins here ends.

    is_long: whether, if it is a text, a search for its end is worth more than a scan.
    """
    if is_long and content.startswith(b'"', start):
        end = content.find(b'"', start + 1) + 1
        if end and content.find(b"\\", start, end) < 0:
            return end
    match = _TOKEN.match(content, start)
    assert match is not None  # every byte begins a token
    return match.end()


def _check_word(content: bytes, span: Span) -> None:
    word = content[slice(*span)]
    shown = word[:12].decode("utf-8", "replace") + ("…" if len(word) > 12 else "")
    if word in _WORDS:
        return
    if not _NUMBER.fullmatch(word):
        _refuse(content, span.start, _no_json(f"{shown!r} is no value"))
    if len(word) > MAX_NUMBER_LENGTH:
        _refuse(content, span.start, f"the number {shown} has {len(word):,} characters, more than {MAX_NUMBER_LENGTH}")
    if math.isinf(float(word)):
        _refuse(content, span.start, f"the number {shown} is too large")


def _check_escapes(content: bytes, span: Span) -> None:
    """JSON can write half of a surrogate pair, which is no character and cannot be printed."""
    if content.find(b"\\u", *span) >= 0:
        try:
            _text(content, span).encode()
        except UnicodeEncodeError:
            _refuse(content, span.start, "this text holds half of a surrogate pair, which is no character")


def _text(content: bytes, span: Span) -> str:
    try:
        return str(json.loads(content[slice(*span)].decode()))
    except UnicodeDecodeError as error:
        _refuse(content, span.start + error.start, f"the byte 0x{content[span.start + error.start]:02x} is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(content, span.start, _no_json(error.msg))


def _no_json(detail: str) -> str:
    return f"it is not JSON, or was cut short ({detail})"


def _refuse(content: bytes, offset: int, reason: str) -> NoReturn:
    begin = content.rfind(b"\n", 0, offset) + 1
    column = len(content[begin:offset].decode("utf-8", "replace")) + 1
    line = content.count(b"\n", 0, offset) + 1
    raise JSONError(reason, f"line {line}, column {column}")
