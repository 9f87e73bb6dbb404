"""Drawings as files: saved as two PNGs and JSON, opened from that JSON or from any image."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from framework.arguments import is_number
from framework.files import write_new
from framework.locks import FolderLock
from framework.parameters import Array

from ..corrections import PATIENCE
from ..files import DataError
from ..predict import read_image
from ..preprocess import SIDE, image_from_pixels
from .drawing import Drawing, Point, Stroke
from .raster import Raster

FORMAT = "numpy-sequential drawing"
VERSION = 1
LARGEST_FILE = 16 << 20
MOST_POINTS = 100_000
LARGE = 560
"""Side, in pixels, of the large picture of a drawing."""
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")


def save_drawing(folder: Path, drawing: Drawing, image: Array, brush: float, answer: int | str | None) -> list[Path]:
    """Saves what the model saw (28x28 PNG), what was drawn (560x560 PNG) and the strokes (JSON); returns the paths.

    image: (28, 28), or (n, 28, 28) of the n digits of a number, each of which gets a PNG of its own.
    Nothing is ever overwritten: a name that is taken gets a number. Raises OSError when nothing can be written.
    """
    seen = np.rint(255 * image.reshape(-1, SIDE, SIDE)).astype(np.uint8)
    numbers = [f"-{place}" for place in range(1, len(seen) + 1)] if len(seen) > 1 else [""]
    documents = {
        ".json": to_json(drawing),
        **{f"-28x28{number}.png": png(levels) for number, levels in zip(numbers, seen, strict=True)},
        "-560x560.png": png(_large(drawing, brush)),
    }
    said = "unread" if answer is None else str(answer)
    return save_beside(folder, f"digit-{time.strftime('%Y%m%d-%H%M%S')}-{said}", documents)


def save_beside(folder: Path, stem: str, documents: dict[str, bytes]) -> list[Path]:
    """Writes files of the same stem and these endings, all or none, under a number if one of them is there already."""
    number = 1
    with FolderLock(folder, timeout=PATIENCE, clean=False, name=".drawings.lock"):  # another window saves there, too
        while True:
            name = stem if number == 1 else f"{stem}-{number}"
            contents = {folder / f"{name}{ending}": content for ending, content in documents.items()}
            if not any(path.exists() for path in contents):
                break
            number += 1
        write_new(contents)
    return [*contents]


def png(levels: Array) -> bytes:
    """Grey levels (h, w) or colours (h, w, 3), uint8, as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(levels).save(file, "PNG")
    return file.getvalue()


def to_json(drawing: Drawing) -> bytes:
    """The drawing as JSON: each stroke its segments, each segment its points [x, y, seconds]."""
    picture = None if drawing.picture is None else np.rint(255 * drawing.picture).astype(int).tolist()
    document = {
        "format": FORMAT,
        "version": VERSION,
        "strokes": [
            [[[round(x, 5), round(y, 5), round(t, 3)] for x, y, t in segment] for segment in stroke.segments]
            for stroke in drawing.strokes
        ],
        "picture": picture,
    }
    return (json.dumps(document, allow_nan=False) + "\n").encode()


def open_drawing(path: Path) -> Drawing:
    """The drawing in a JSON file, or the digit of an image as MNIST would have it, to be drawn on.

    Raises DataError or UsageError, naming the file, for what is neither or is damaged, OSError when it cannot be read.
    """
    if path.suffix.lower() == ".json":
        return _from_json(path, load_json(path))
    try:
        picture = image_from_pixels(read_image(path))
    except ValueError as error:
        problem, _, remedy = str(error).partition("; ")
        raise DataError(path, f"cannot be opened: {problem}", remedy or "give an image of a digit") from error
    if picture is None:
        raise DataError(path, "shows no ink", "give an image of a digit")
    return Drawing(picture=picture)


def load_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file of bounded size; raises DataError for anything else."""
    if path.stat().st_size > LARGEST_FILE:
        raise DataError(path, f"has more than the {LARGEST_FILE:,} bytes of a drawing", "give a saved drawing")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise DataError(path, "is not JSON, or was cut short", "give a saved drawing") from None
    if not isinstance(document, dict):
        raise DataError(path, "is not a saved drawing", "give one")
    return document


def _from_json(path: Path, document: dict[str, Any]) -> Drawing:
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise DataError(path, "is neither a saved drawing nor a model", "give a file that the window has saved")
    try:
        strokes = tuple(_stroke(stroke) for stroke in document["strokes"])
        picture = _picture(document.get("picture"))
    except (KeyError, TypeError, ValueError):
        raise DataError(path, "is a damaged drawing", "save it anew") from None
    drawing = Drawing(strokes, picture)
    if drawing.is_empty:
        raise DataError(path, "shows no ink", "give a drawing of a digit")
    if drawing.points > MOST_POINTS:
        raise DataError(path, f"has more than {MOST_POINTS:,} points", "give a drawing of one digit")
    return drawing


def _stroke(segments: Any) -> Stroke:
    stroke = Stroke(tuple(tuple(_point(point) for point in segment) for segment in segments))
    if not stroke.segments or not all(stroke.segments):
        raise ValueError("a stroke without points")
    return stroke


def _point(values: Any) -> Point:
    x, y, t = values
    if not all(is_number(value) for value in values) or not (0 <= x <= 1 and 0 <= y <= 1 and 0 <= t < 1e9):
        raise ValueError("a point outside of the canvas")
    return float(x), float(y), float(t)


def _picture(rows: Any) -> Array | None:
    if rows is None:
        return None
    levels = np.asarray(rows)
    if levels.shape != (SIDE, SIDE) or levels.dtype.kind != "i" or levels.min() < 0 or levels.max() > 255:
        raise ValueError("not 28x28 levels")
    return (levels / 255).astype(np.float32) if levels.any() else None


def _large(drawing: Drawing, brush: float) -> Array:
    """What the canvas shows, (560, 560) uint8, white on black."""
    raster = Raster(LARGE, brush * LARGE / SIDE)
    raster.draw([segment for stroke in drawing.strokes for segment in stroke.segments])
    if drawing.picture is None:
        return raster.levels
    cell = LARGE // SIDE
    cells = np.rint(255 * drawing.picture).astype(np.uint8).repeat(cell, axis=0).repeat(cell, axis=1)
    return np.asarray(np.maximum(raster.levels, cells))
