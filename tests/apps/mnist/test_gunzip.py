"""Gzipped files, read bit by bit: whole, damaged, and made to cost time."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest

from apps.mnist.gunzip import Unpacked

CONTENT = bytes(range(256)) * 1000
PACKED = gzip.compress(CONTENT, mtime=0)


def unpacked(packed: bytes, step: int = 1000) -> bytes:
    stream = Unpacked(io.BytesIO(packed))
    return b"".join(iter(lambda: stream.read(step), b""))


@pytest.mark.parametrize("step", [1000, 1 << 20])
def test_gives_what_was_packed(step: int) -> None:
    assert unpacked(PACKED, step) == CONTENT


def test_gives_as_much_as_was_asked_for() -> None:
    stream = Unpacked(io.BytesIO(PACKED))
    assert [len(stream.read(size)) for size in (0, 1, 7, 100_000, 0, 200_000, 1, 0)] == [
        0,
        1,
        7,
        100_000,
        0,
        155_992,
        0,
        0,
    ]


def test_a_small_file_that_unpacks_to_a_huge_one_is_left_packed() -> None:
    stream = Unpacked(io.BytesIO(gzip.compress(bytes(50_000_000))))
    assert stream.read(10) == bytes(10)
    assert len(stream._packed) > 40_000


def test_names_and_comments_in_the_header_are_passed_over() -> None:
    named = PACKED[:3] + bytes([0b11000]) + PACKED[4:10] + b"a name\0" + b"x" * 300_000 + b"\0" + PACKED[10:]
    assert unpacked(named) == CONTENT


@pytest.mark.parametrize("length", [0, 2, 9, 10, 11, len(PACKED) - 9, len(PACKED) - 1])
def test_what_is_cut_short_is_told(length: int) -> None:
    with pytest.raises(EOFError, match="cut short"):
        unpacked(PACKED[:length])


def test_a_wrong_checksum_is_told() -> None:
    with pytest.raises(zlib.error):
        unpacked(PACKED[:-8] + b"nope" + PACKED[-4:])


@pytest.mark.parametrize("more", [b"\0", PACKED, gzip.compress(b"") * 1000])
def test_what_stands_behind_the_end_is_told(more: bytes) -> None:
    with pytest.raises(ValueError, match="something behind the end"):
        unpacked(PACKED + more)
