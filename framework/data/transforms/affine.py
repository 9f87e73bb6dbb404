"""Images that are turned, scaled, slanted and shifted a little."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...arguments import is_number, require
from ...parameters import Array
from .base import Transform, registry
from .warping import warp


@registry.register
class RandomAffine(Transform):
    """Turns, scales, shears and shifts each image a little, about its centre and each by its own amounts.

    Every amount is drawn evenly from its range. Pixels in between are interpolated linearly; those from
    outside the image have the value `fill`. With all ranges at zero the images come out exactly as they
    went in.

    rotation: up to so many degrees in both directions.
    scale: up to such a fraction smaller or larger (0.1 stands for 0.9 to 1.1), or the pair (lowest, highest).
    shear: slant of vertical lines, up to so many degrees in both directions.
    shift: up to so many pixels left or right, and up or down.

    The result is a buffer that the next call overwrites.

    fill: the value of pixels that come from outside of the image.
    stretch: up to such a fraction wider for its height, or higher for its width, at the same area (0.2 stands for an
        aspect ratio between 1 / 1.2 and 1.2 times what it was), evenly by the logarithm. It comes before the others.

    Raises ArgumentError when a range is negative or too large.

    >>> augment = RandomAffine(rotation=15, scale=0.1, shift=2)
    >>> images = np.random.default_rng(0).random((64, 28, 28), np.float32)
    >>> augment(images, np.random.default_rng(1)).shape
    (64, 28, 28)
    """

    def __init__(
        self,
        rotation: float = 0.0,
        scale: float | Sequence[float] = 0.0,
        shear: float = 0.0,
        shift: float = 0.0,
        fill: float = 0.0,
        stretch: float = 0.0,
    ) -> None:
        require(is_number(rotation, 0, 180), self, "rotation", rotation, "between 0 and 180 degrees")
        require(is_number(shear, 0) and shear < 90, self, "shear", shear, "at least 0 and below 90 degrees")
        require(is_number(shift, 0) and shift < math.inf, self, "shift", shift, "a number of pixels of at least 0")
        if isinstance(scale, Sequence) and not isinstance(scale, str):
            fits = len(scale) == 2 and all(map(is_number, scale)) and 0 < scale[0] <= scale[1] < math.inf
            require(fits, self, "scale", scale, "a pair (lowest, highest) of factors above 0")
        else:
            fits = is_number(scale, 0) and scale < 1
            require(fits, self, "scale", scale, "at least 0 and below 1, or a pair (lowest, highest)")
        require(is_number(stretch, 0) and stretch < math.inf, self, "stretch", stretch, "a fraction of at least 0")
        self.rotation = rotation
        self.scale = scale
        self.shear = shear
        self.shift = shift
        self.fill = fill
        self.stretch = stretch

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        out = self.buffer("output", images.shape)
        return warp(images, self.draw(len(images), rng), self.fill, out, memory=self)

    def draw(self, count: int, rng: np.random.Generator) -> Array:
        """Random matrices (count, 2, 3) for `warp`."""
        # Always five numbers an image, so that changing one range leaves the other amounts as they were.
        amount = rng.uniform(-1.0, 1.0, (5, count))
        low, high = self.scale if isinstance(self.scale, Sequence) else (1 - self.scale, 1 + self.scale)
        angle = math.radians(self.rotation) * amount[0]
        scale = (high + low) / 2 + (high - low) / 2 * amount[1]
        slant = np.tan(math.radians(self.shear) * amount[2])
        shift = self.shift * amount[3:]

        # A point p of the image goes to scale * Rotation @ Shear @ p + shift. `warp` asks where each pixel
        # comes from, which is the inverse: 1/scale * inverse(Shear) @ transpose(Rotation) @ (p - shift).
        cos, sin = np.cos(angle), np.sin(angle)
        matrices = np.empty((count, 2, 3))
        matrices[:, 0, 0] = (cos - slant * sin) / scale
        matrices[:, 0, 1] = (-sin - slant * cos) / scale
        matrices[:, 1, 0] = sin / scale
        matrices[:, 1, 1] = cos / scale
        if self.stretch:  # drawn last, and only if it is used, so that it changes no other amount of this batch
            wider = np.sqrt((1 + self.stretch) ** rng.uniform(-1.0, 1.0, count))
            matrices[:, 0, :2] /= wider[:, None]
            matrices[:, 1, :2] *= wider[:, None]
        matrices[:, :, 2] = -np.einsum("nij,jn->ni", matrices[:, :, :2], shift)
        return matrices
