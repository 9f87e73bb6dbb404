"""`python -m apps.mnist.predict CHECKPOINT IMAGE...`: which digit is on a photo, a scan or a drawing."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from framework.parameters import Array

from . import command
from .command import UsageError
from .recognizer import Prediction, Recognizer

LARGEST_IMAGE = 64_000_000
"""Pixels; a larger image is refused before it is decoded."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m apps.mnist.predict", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a model file, or the folder of a run")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="PNG or JPG of one digit, any size, any colours")
    parser.add_argument("--show", action="store_true", help="save beside each image what the model saw, as NAME.seen.png")
    options = parser.parse_args(arguments)

    recognizer = Recognizer.load(options.checkpoint)
    status = 0
    for path in options.images:
        try:
            prediction = recognizer.predict_image(read_image(path))
        except (OSError, ValueError) as error:
            print(f"{path}: {error}")
            status = 2
            continue
        print(f"{path}: {describe(prediction)}")
        if options.show and prediction is not None:
            print(f"  the model saw {save_seen(path, prediction)}")
    return status


def describe(prediction: Prediction | None) -> str:
    """One line: the digit and the probabilities of the likeliest ones."""
    if prediction is None:
        return "no ink found"
    order = np.argsort(-prediction.probabilities, kind="stable")[:3]
    shares = ", ".join(f"{digit}: {100 * prediction.probabilities[digit]:.1f} %" for digit in order)
    return f"{prediction.digit}  ({shares})"


def read_image(path: Path) -> Array:
    """The pixels of an image file, (h, w) or (h, w, 3 or 4) uint8, upright as its camera meant it.

    Raises UsageError when it is no image or a gigantic one, OSError when it cannot be read.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError:
        raise ImportError("reading images needs Pillow: pip install 'numpy-sequential[mnist]'") from None
    try:
        with Image.open(path) as image:
            if image.width * image.height > LARGEST_IMAGE:
                raise UsageError(f"{image.width}x{image.height} pixels are more than can be read; scale it down")
            upright = ImageOps.exif_transpose(image)
            return np.asarray(upright.convert("RGBA" if "A" in upright.getbands() else "RGB"))
    except UnidentifiedImageError:
        raise UsageError("this is no image file that can be read; save it as PNG or JPG") from None


def save_seen(path: Path, prediction: Prediction) -> Path:
    """Saves what the model saw, enlarged, beside the image; returns where."""
    from framework import plotting

    seen = path.with_name(f"{path.stem}.seen.png")
    plotting.gallery(prediction.image[None], [describe(prediction)], seen, columns=1)
    return seen


if __name__ == "__main__":
    command.run(main)
