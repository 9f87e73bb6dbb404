"""Bytes like those of real files, but damaged: flipped, cut, spliced, and with odd numbers where sizes may stand."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

ODD = (0, 1, 2, 3, 27, 28, 29, 127, 128, 255, 256, 784, 32767, 32768, 65535, 65536)
NUMBERS = (*ODD, *((1 << bits) + by for bits in (24, 30, 31, 32, 63, 64) for by in (-1, 0)))
"""Sizes and counts at which programs are wrong."""
EDGE = 96
"""Bytes at either end of a file, where headers and directories are: half of all damage is done there."""

Edit = tuple[str, int, int, int]
"""What is done, where, and two numbers that say how."""

PLACES = st.one_of(st.integers(0, EDGE), st.integers(-EDGE, -1), st.integers(0, 1 << 16))
KINDS = ("flip", "set", "number", "delete", "insert", "repeat", "cut", "splice")
EDITS = st.lists(
    st.tuples(st.sampled_from(KINDS), PLACES, st.integers(0, 255), st.integers(0, 255)), min_size=1, max_size=5
)


def damaged(seeds: Sequence[bytes], edits: st.SearchStrategy[list[Edit]] = EDITS) -> st.SearchStrategy[bytes]:
    """One of the seeds, with some damage done to it."""
    which = st.integers(0, len(seeds) - 1)
    return st.tuples(which, which, edits).map(lambda drawn: apply(seeds[drawn[0]], drawn[2], seeds[drawn[1]]))


def apply(content: bytes, edits: Sequence[Edit], other: bytes = b"") -> bytes:
    """The bytes after these edits; `other` is what is spliced in.

    >>> apply(b"abc", [("cut", 1, 0, 0)])
    b'a'
    """
    for kind, place, how, much in edits:
        content = _edited(content, kind, place % (len(content) + 1), how, much, other)
    return content


def _edited(content: bytes, kind: str, at: int, how: int, much: int, other: bytes) -> bytes:
    before, after = content[:at], content[at:]
    if kind == "flip":
        return before + bytes(value ^ (1 << how % 8) for value in after[:1]) + after[1:]
    if kind == "set":
        return before + bytes([how][: len(after)]) + after[1:]
    if kind == "number":
        width, order = (1, 2, 4, 8)[much % 4], ("big", "little")[much // 4 % 2]
        number = NUMBERS[how % len(NUMBERS)] % (1 << 8 * width)
        return before + number.to_bytes(width, order) + after[width:]  # type: ignore[arg-type]
    if kind == "delete":
        return before + after[1 + how :]
    if kind == "insert":
        return before + bytes([how]) * (1 + much) + after
    if kind == "repeat":
        return before + after[: 1 + how] * (1 + much % 8) + after
    if kind == "splice":
        return before + other[len(other) * how // 256 :]
    return before
