"""Images of which a piece is missing, as when a pen skips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arguments import is_number, require
from ...parameters import Array
from .base import Transform, registry
from .warping import check_images


@registry.register
class RandomErasing(Transform):
    """Wipes a rectangle out of each image, of a size, a form and a place of its own.

    Its area is drawn evenly from its range, its height over its width from 1 / ratio to ratio, evenly by the
    logarithm, and its place evenly from those where it is inside the image. Sides are rounded to whole pixels,
    and none is longer than the image. Put it into `sometimes` to leave some of the images whole.

    area: up to such a share of the image, or the pair (lowest, highest); 0 wipes out nothing.
    ratio: how many times longer than wide the rectangle can be, upright or lying: 1 for squares only.
    fill: the value of pixels that are wiped out.

    The result is a buffer that the next call overwrites.

    Raises ArgumentError for an area that is no share, or a ratio below 1.

    >>> images = np.ones((64, 28, 28), np.float32)
    >>> wiped = RandomErasing(area=0.25)(images, np.random.default_rng(0))
    >>> bool(wiped.mean(axis=(1, 2)).min() >= 0.74)
    True

    Source: Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, "Random Erasing Data Augmentation", 2017.
    """

    def __init__(self, area: float | Sequence[float] = 0.05, ratio: float = 3.0, fill: float = 0.0) -> None:
        if isinstance(area, Sequence) and not isinstance(area, str):
            fits = len(area) == 2 and all(is_number(share, 0, 1) for share in area) and area[0] <= area[1]
            require(fits, self, "area", area, "a pair (lowest, highest) of shares from 0 to 1")
        else:
            require(is_number(area, 0, 1), self, "area", area, "from 0 to 1, or a pair (lowest, highest)")
        require(is_number(ratio, 1, 1000), self, "ratio", ratio, "a number from 1 to 1000")
        self.area = area
        self.ratio = ratio
        self.fill = fill

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        check_images(images)
        batch, height, width = images.shape[:3]
        amount = rng.random((4, batch))
        low, high = self.area if isinstance(self.area, Sequence) else (0.0, self.area)
        pixels = (low + (high - low) * amount[0]) * height * width
        ratio = self.ratio ** (2 * amount[1] - 1)
        rows = _between(np.sqrt(pixels * ratio), amount[2], height)
        columns = _between(np.sqrt(pixels / ratio), amount[3], width)

        wiped = self.buffer("wiped", (batch, height, width), np.bool_)
        np.logical_and(rows[:, :, None], columns[:, None, :], out=wiped)
        out = self.buffer("output", images.shape)
        np.copyto(out, images)
        np.copyto(out, self.fill, where=wiped.reshape(wiped.shape + (1,) * (images.ndim - 3)))
        return out


def _between(lengths: Array, places: Array, size: int) -> Array:
    """Which of `size` pixels in a row an interval covers, (n, size) bool: of such lengths, at such places in [0, 1)."""
    lengths = np.minimum(np.rint(lengths), size)
    first = np.floor(places * (size - lengths + 1))
    pixels = np.arange(size)
    covered: Array = (pixels >= first[:, None]) & (pixels < (first + lengths)[:, None])
    return covered
