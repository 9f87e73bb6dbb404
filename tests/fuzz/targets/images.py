"""Pictures: PNG, JPEG, GIF, BMP, WebP and TIFF, with turned cameras, false sizes and far more inside than outside."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from apps.mnist.command import UsageError
from apps.mnist.predict import read_image
from apps.mnist.preprocess import image_from_pixels
from apps.mnist.scan import find_digits

from ..mutations import NUMBERS, Edit, apply, damaged
from ..target import Target, refused, saved

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")


@cache
def seeds() -> list[bytes]:
    """A small picture in every format, some modes, and turned by its EXIF entry."""
    from PIL import Image

    pixels = np.full((24, 32, 3), 240, np.uint8)
    pixels[4:20, 14:17] = 20
    rgb = Image.fromarray(pixels)
    pictures = [(rgb, name) for name in FORMATS]
    pictures += [(rgb.convert(mode), "PNG") for mode in ("L", "1", "P", "LA", "RGBA", "I;16")]
    pictures += [(rgb.convert("CMYK"), "JPEG"), (rgb.convert("F"), "TIFF"), (rgb.convert("RGBA"), "WEBP")]
    found = []
    for picture, name in pictures:
        file = io.BytesIO()
        picture.save(file, name)
        found.append(file.getvalue())
    exif = rgb.getexif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    for name in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        rgb.save(file, name, exif=exif)
        found.append(file.getvalue())
    return found


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file, with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colours: int, extra: Sequence[tuple[bytes, bytes]], rows: bytes) -> bytes:
    """A PNG file whose checksums are right, whatever its header says."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *(chunk(*part) for part in extra), chunk(b"IDAT", zlib.compress(rows, 1))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def repaired(edits: list[Edit], which: int) -> bytes:
    """A PNG file with damage in one part, and the checksum of the damaged part."""
    content = seeds()[0]
    parts, at = [], 8
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        parts.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    which %= len(parts)
    parts[which] = parts[which][0], apply(parts[which][1], edits)
    return content[:8] + b"".join(chunk(*part) for part in parts)


def inputs() -> st.SearchStrategy[bytes]:
    bomb = zlib.compress(bytes(20_000_000))
    extras = st.sampled_from(
        [
            (b"zTXt", b"a\0\0" + bomb),
            (b"iCCP", b"a\0\0" + bomb),
            (b"iTXt", b"a\0\1\0\0\0" + bomb),
            (b"eXIf", b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
            (b"eXIf", b"II*\0\xff\xff\xff\xff"),
            (b"tRNS", b"\0\1"),
            (b"acTL", b"\xff\xff\xff\xff\0\0\0\0"),
            (b"PLTE", bytes(9)),
        ]
    )
    sizes = st.one_of(st.integers(1, 40), st.sampled_from([n for n in NUMBERS if n < 1 << 32]))
    made = st.builds(
        png,
        sizes,
        sizes,
        st.sampled_from((8, 1, 16, 4, 3, 0, 255)),
        st.sampled_from((0, 2, 3, 4, 6, 7)),
        st.lists(extras, max_size=2),
        st.sampled_from((0, 1, 1000, 30_000)).map(bytes),
    )
    edits = st.lists(
        st.tuples(
            st.sampled_from(("flip", "set", "number", "cut")),
            st.integers(0, 99),
            st.integers(0, 255),
            st.integers(0, 7),
        ),
        min_size=1,
        max_size=3,
    )
    return st.one_of(damaged(seeds()), damaged(seeds()), made, st.builds(repaired, edits, st.integers(0, 9)))


def check(content: bytes, folder: Path) -> bool:
    path = saved(folder, "digit.png", content)
    try:
        pixels = read_image(path)
    except UsageError as error:
        return refused(str(error))
    try:
        image = image_from_pixels(pixels)
        if pixels.size < 100_000:
            find_digits(pixels)
    except ValueError as error:  # numbers that no picture has, as those of a file with floats may be
        return refused(str(error), "cannot be read")
    if image is not None:
        assert image.shape == (28, 28)
        assert np.isfinite(image).all()
        assert 0 <= image.min() <= image.max() <= 1
    return True


TARGETS = (Target("image", seeds, inputs, check),)
