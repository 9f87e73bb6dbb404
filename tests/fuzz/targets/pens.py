"""Files of pen strokes: UNIPEN's text, plain, gzipped, and as `compress` packs it."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

from hypothesis import strategies as st

from apps.mnist.data import DataError
from apps.mnist.unipen import read_pen_digits

from ..mutations import damaged
from ..target import Target, refused, saved

TEXT = b"""\
.VERSION 1.0
.SEGMENT DIGIT 0-1 ? "4"
.COMMENT 4 14 100
.PEN_DOWN
 267  333
 267  336
.PEN_UP
.DT 100
.PEN_DOWN
 1 2
.PEN_UP
.SEGMENT DIGIT 2 ? "1"
.COMMENT 1 7 30
.PEN_DOWN
80 400
80 90
.PEN_UP
"""
PACKED = base64.b64decode(
    "H52QLqwUkTIlyRMnIGK4gKHAxZQiR5oUcUIFBJEkR5JUhNEiBogfIETQENFwyJMmEimCoJGQZQwYDF1AmfiFyJMrThSAkGHjBggQ"
    "M4Lq5OkT6AwbDWc6+VIFSkMiFV/GVFrzZs6EO5PSbNrwYcSJFS9mrCjjY8gYJF2YRAkWq88ZU2naxKkAB4yVMOvezRF3KVc="
)
"""What `compress` makes of TEXT."""
WORDS = (
    *(b".SEGMENT", b".COMMENT", b".PEN_DOWN", b".PEN_UP", b".DT", b"DIGIT", b"?", b'"4"', b'"10"', b'""'),
    *(b"0-1", b"1-0"),
    *(b"0", b"1", b"7", b"500", b"501", b"-1", b"+1", b"1_0", b"1.5", b"999999999", b"1" * 5000, b"0-999999999", b"-"),
    *(b"\n", b" ", b"\r", b"\x00", b"\x85", b"\xff", "²".encode(), "٣".encode(), b"\n\n", b"\x1f\x9d", b"."),
)  # fmt: skip
TOKEN = re.compile(rb"\S+|\s+")
EDITS = st.lists(
    st.tuples(st.sampled_from("prd"), st.integers(0, 255), st.integers(0, len(WORDS) - 1)), min_size=1, max_size=4
)


def retold(edits: list[tuple[str, int, int]]) -> bytes:
    """The text with words put in, left out or repeated."""
    tokens = TOKEN.findall(TEXT)
    for kind, place, word in edits:
        at = place % (len(tokens) + 1)
        if kind == "p":
            tokens[at : at + 1] = [WORDS[word]]
        elif kind == "d":
            del tokens[at : at + 1 + word % 5]
        else:
            tokens[at:at] = tokens[at : at + word]
    return b"".join(tokens)


def seeds() -> list[bytes]:
    return [TEXT, PACKED, gzip.compress(TEXT, mtime=0)]


def inputs() -> st.SearchStrategy[bytes]:
    text = EDITS.map(retold)
    return st.one_of(damaged(seeds()), damaged([PACKED]), text, text.map(lambda said: gzip.compress(said, 1, mtime=0)))


def check(content: bytes, folder: Path) -> bool:
    path = saved(folder, "pendigits-orig.tra", content)
    try:
        digits = read_pen_digits(folder)
    except DataError as error:
        return refused(str(error), path)
    assert digits
    for digit in digits:
        assert 0 <= digit.label <= 9
        assert digit.strokes
        for stroke in digit.strokes:
            assert stroke.shape == (len(stroke), 2)
            assert len(stroke)
            assert stroke.min() >= 0
            assert stroke.max() <= 500
    return True


TARGETS = (Target("pen-strokes", seeds, inputs, check),)
