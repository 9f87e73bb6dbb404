"""Pictures of a page that was read: the page with its digits marked, and what the model saw of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framework.files import write_atomically
from framework.parameters import Array

from .certainty import PROBABLE, SURE
from .ink import as_grey
from .preprocess import SIDE
from .recognizer import Located

ENLARGED = 2
"""How many times larger than the model's 28x28 pixels the pictures of many digits are."""
GAP = 4
COLOURS = ((0, 120, 80), (0, 104, 164), (198, 62, 10))
"""Of digits that are sure, probable and neither, on any grey."""


def save_pictures(path: Path, picture: Array, lines: Sequence[Sequence[Located]]) -> tuple[Path, Path]:
    """Saves what the model saw of each digit, and the page with the digits marked, beside the image; returns where."""
    from PIL import Image

    seen, marked = (path.with_name(f"{path.stem}.{kind}.png") for kind in ("seen", "marked"))
    save_image(seen, Image.fromarray(sheet(lines)))
    save_image(marked, _marked(picture, lines))
    return seen, marked


def save_image(path: Path, image: Any) -> None:
    """Writes an image of Pillow's as a PNG file, whole or not at all."""
    content = io.BytesIO()
    image.save(content, "PNG")
    write_atomically(path, content.getvalue())


def sheet(lines: Sequence[Sequence[Located]]) -> Array:
    """The images of all digits in the order of the page, enlarged, as grey levels (h, w) uint8."""
    cell = SIDE * ENLARGED + GAP
    levels = np.full((cell * len(lines) + GAP, cell * max(map(len, lines)) + GAP), 96, np.uint8)
    for row, line in enumerate(lines):
        for column, found in enumerate(line):
            image = np.rint(255 * found.image).astype(np.uint8).repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
            y, x = row * cell + GAP, column * cell + GAP
            levels[y : y + len(image), x : x + len(image)] = image
    return levels


def _marked(picture: Array, lines: Sequence[Sequence[Located]]) -> Any:
    """The page, in grey, with a box around each digit and its answer above that; green where it is sure.

    There is a margin around it, so that answers at the edge are not cut.
    """
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    height = float(np.median([found.box[3] for line in lines for found in line]))
    thick, size = max(1, round(height / 40)), max(10, round(0.4 * height))
    margin = size + 6 * thick
    grey = Image.fromarray(np.rint(255 * as_grey(picture)).astype(np.uint8))
    page = ImageOps.expand(grey, margin, fill=128).convert("RGB")
    draw = ImageDraw.Draw(page)
    font: Any = ImageFont.load_default(size)
    for line in lines:
        for found in line:
            x, y, w, h = found.box[0] + margin, found.box[1] + margin, *found.box[2:]
            colour = COLOURS[0 if found.probability >= SURE else 1 if found.probability >= PROBABLE else 2]
            edge = (x - 2 * thick, y - 2 * thick, x + w + 2 * thick, y + h + 2 * thick)
            draw.rectangle(edge, outline=colour, width=thick)
            said, place = str(found.digit), (x + w / 2, y - 3 * thick)
            plate = draw.textbbox(place, said, font=font, anchor="mb")
            draw.rectangle((plate[0] - thick, plate[1] - thick, plate[2] + thick, plate[3] + thick), fill=colour)
            draw.text(place, said, fill=(255, 255, 255), font=font, anchor="mb")
    return page
