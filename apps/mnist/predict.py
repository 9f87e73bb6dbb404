"""`python -m apps.mnist.predict CHECKPOINT IMAGE...`: which digit, or which digits, a photo or a scan shows."""

from __future__ import annotations

import argparse
import math
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from framework.parameters import Array

from . import command
from .command import UsageError, reason
from .marking import save_image, save_pictures
from .recognizer import Located, Prediction, Recognizer

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

LARGEST_IMAGE = 51_000_000
"""Pixels; a larger image is refused before it is decoded, which may take 20 bytes for each."""
LARGEST_FILE = 1 << 28
"""Bytes; a file with more is not opened."""
MOST_SCANS = 100
"""Of a JPEG file: each costs as much time as the whole picture, however few bytes it has. Cameras write up to 10."""
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
"""What is read. Pillow knows many more, and hands some of them, such as EPS, to other programs."""
LONGEST_SIDE = 2048
"""Pixels; a larger image is reduced when it is read: a digit needs no more."""
SEEN_SCALE = 10
"""How many times larger than the model's 28x28 pixels `--show` saves what it saw."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m apps.mnist.predict", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a model file, or the folder of a run")
    parser.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="PNG or JPG of one digit, any size, any colours"
    )
    parser.add_argument(
        "--digits", choices=("one", "many"), default="one", help="many: read all the digits of a page, line by line"
    )
    parser.add_argument("--table", action="store_true", help="of many digits, tell where each is and how sure it is")
    parser.add_argument(
        "--show",
        action="store_true",
        help="save beside each image what the model saw, as NAME.seen.png; of many also where, as NAME.marked.png",
    )
    command.add_import_option(parser)
    options = parser.parse_args(arguments)

    command.import_modules(options.imports)
    recognizer = Recognizer.load(options.checkpoint)
    status = 0
    for path in options.images:
        try:
            if options.digits == "one":
                _read_one(recognizer, path, options.show)
            else:
                _read_many(recognizer, path, options.table, options.show)
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:  # the other images may be good
            said = reason(error)
            print(f"error: {said if said.startswith(f'{path}: ') else f'{path}: {said}'}", file=sys.stderr)
            status = 2
    return status


def _read_one(recognizer: Recognizer, path: Path, show: bool) -> None:
    prediction = recognizer.predict_image(read_image(path))
    print(f"{path}: {describe(prediction)}", flush=True)
    if show and prediction is not None:
        print(f"  the model saw {save_seen(path, prediction)}", flush=True)


def _read_many(recognizer: Recognizer, path: Path, table: bool, show: bool) -> None:
    picture = read_image(path)
    lines = recognizer.read_image(picture)
    print(f"{path}: {counted(lines)}")
    for line in lines:
        print("".join(str(found.digit) for found in line))
    if table and lines:
        print("\n".join(rows(lines)))
    sys.stdout.flush()
    if show and lines:
        seen, marked = save_pictures(path, picture, lines)
        print(f"  the model saw {seen}, at these places: {marked}", flush=True)


def counted(lines: Sequence[Sequence[Located]]) -> str:
    """How much there is on a page, in words.

    >>> counted([])
    'no ink found'
    """
    digits = sum(map(len, lines))
    if digits == 0:
        return "no ink found"
    return f"{digits} digit{'s' * (digits > 1)} in {len(lines)} line{'s' * (len(lines) > 1)}"


def rows(lines: Sequence[Sequence[Located]]) -> list[str]:
    """A table of the digits: line and place, both from 1, the digit, its probability, and its box in pixels."""
    table = ["line  place  digit  probability     x     y  width  height"]
    for number, line in enumerate(lines, 1):
        for place, found in enumerate(line, 1):
            x, y, w, h = (round(value) for value in found.box)
            share = f"{100 * found.probability:.1f} %"
            table.append(f"{number:4}{place:7}{found.digit:7}{share:>13}{x:6}{y:6}{w:7}{h:8}")
    return table


def describe(prediction: Prediction | None) -> str:
    """One line: the digit and the probabilities of the likeliest ones."""
    if prediction is None:
        return "no ink found"
    order = np.argsort(-prediction.probabilities, kind="stable")[:3]
    shares = ", ".join(f"{digit}: {100 * prediction.probabilities[digit]:.1f} %" for digit in order)
    return f"{prediction.digit}  ({shares})"


def read_image(path: Path) -> Array:
    """The pixels of an image file, upright as its camera meant it: grey (h, w), RGB (h, w, 3) or RGBA (h, w, 4).

    Raises UsageError when it is no image, a damaged or a gigantic one, OSError when there is no such file.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError:
        raise ImportError("reading images needs Pillow: pip install 'numpy-sequential[mnist]'") from None
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow only warns of is refused below, or harms nobody
        try:
            if os.fstat(file.fileno()).st_size > LARGEST_FILE:
                raise UsageError("too many bytes for an image; scale it down")
            with Image.open(file, formats=FORMATS) as image:
                if image.format == "JPEG" and _scans(file) > MOST_SCANS:
                    raise UsageError("made to take long (a JPEG file of very many scans); save it anew as PNG")
                if image.width * image.height > LARGEST_IMAGE:
                    raise UsageError(f"{image.width}x{image.height} pixels are too many; scale it down")
                ImageOps.exif_transpose(image, in_place=True)
                return np.asarray(_reduced(_as_known_mode(image)))
        except UsageError:
            raise
        except UnidentifiedImageError:
            raise UsageError("not an image file that can be read; save it as PNG or JPG") from None
        except Image.DecompressionBombError:
            raise UsageError("far too many pixels; scale it down") from None
        except Exception as error:  # decoders raise anything on damaged files
            raise UsageError(f"the image is damaged ({reason(error)}); save it anew as PNG or JPG") from error


def save_seen(path: Path, prediction: Prediction) -> Path:
    """Saves what the model saw, enlarged, beside the image; returns where."""
    from PIL import Image

    seen = path.with_name(f"{path.stem}.seen.png")
    pixels = np.rint(255 * prediction.image).astype(np.uint8)
    save_image(seen, Image.fromarray(pixels.repeat(SEEN_SCALE, axis=0).repeat(SEEN_SCALE, axis=1)))
    return seen


def _scans(file: BinaryIO) -> int:
    """How often a JPEG file begins to tell its pixels; leaves the file where it stands."""
    place = file.tell()
    file.seek(0)
    scans = file.read().count(b"\xff\xda")
    file.seek(place)
    return scans


def _as_known_mode(image: PillowImage) -> PillowImage:
    """The image with its depth and its transparency kept, in a mode that `image_from_pixels` understands."""
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("F")  # 16 bits and more a pixel: RGB would clip them
    transparent = "transparency" in image.info or image.mode.upper().endswith("A")
    mode = "RGBA" if transparent else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _reduced(image: PillowImage) -> PillowImage:
    factor = math.ceil(max(image.size) / LONGEST_SIDE)
    return image.reduce(factor) if factor > 1 else image


if __name__ == "__main__":
    command.run(main)
