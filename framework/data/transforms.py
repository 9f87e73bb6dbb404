"""Random changes to training images (augmentation), a whole batch at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from ..arguments import is_number, require
from ..buffers import Buffered
from ..parameters import Array
from ..registry import Registry

CHUNK_PIXELS = 12_800
"""How many pixels `warp` works on at once: few enough for its temporaries to stay in the cache."""


class Transform(Buffered):
    """The base of transforms: a class whose call turns a batch of images into another of the same shape.

    `self.buffer(name, shape)` keeps memory from call to call, for transforms that care about speed.

    >>> class Noise(Transform):
    ...     def __init__(self, stddev=0.1):
    ...         self.stddev = stddev
    ...     def __call__(self, images, rng):
    ...         return images + self.stddev * rng.standard_normal(images.shape, np.float32)
    >>> Noise(0.2)(np.zeros((64, 28, 28), np.float32), np.random.default_rng(0)).std().round(2)
    np.float32(0.2)
    """

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        """The changed images; every random number comes from `rng`.

        images: (batch, height, width) or (batch, height, width, channels), float32. They must be left as
            they are; what is returned may be a buffer that the next call overwrites.
        """
        raise NotImplementedError(f"{type(self).__name__} must define __call__(images, rng)")


registry: Registry[Transform] = Registry("transform", Transform)
register = registry.register
get = registry.create
TransformSpec = Annotated[str | Mapping[str, Any] | Transform, registry]


@register
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
        self.rotation = rotation
        self.scale = scale
        self.shear = shear
        self.shift = shift
        self.fill = fill

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        return warp(images, self.draw(len(images), rng), self.fill, out=self.buffer("output", images.shape))

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
        matrices[:, :, 2] = -np.einsum("nij,jn->ni", matrices[:, :, :2], shift)
        return matrices


def warp(images: Array, matrices: Array, fill: float = 0.0, out: Array | None = None) -> Array:
    """Moves the pixels of each image by an affine map of its own, with bilinear interpolation.

    images: (batch, height, width) or (batch, height, width, channels).
    matrices: (batch, 2, 3): image n shows at (x, y) what it had at `matrices[n] @ (x, y, 1)`. Both count
        in pixels from the centre of the image, x to the right and y down.
    fill: the value outside the image.
    out: float32, in the shape of the images; a new array when None.

    Raises ValueError when the shapes do not fit.

    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> warp(image, np.array([[[1, 0, 1], [0, 1, 0]]]))[0]  # what was one pixel to the right
    array([[1., 2., 0.],
           [4., 5., 0.],
           [7., 8., 0.]], dtype=float32)
    """
    if images.ndim not in (3, 4):
        raise ValueError(
            f"images must have the shape (batch, height, width) or (batch, height, width, channels), not {images.shape}"
        )
    if matrices.shape != (len(images), 2, 3):
        raise ValueError(f"{len(images)} images need as many 2 by 3 matrices, not shape {matrices.shape}")
    if out is None:
        out = np.empty(images.shape, np.float32)
    # From here on, both have an axis of channels.
    source, target = (images, out) if images.ndim == 4 else (images[..., None], out[..., None])
    batch, height, width, channels = source.shape

    # Images are copied into frames with a border of `fill`: one pixel left, right and above, two below.
    # Coordinates outside are clipped into the border, so that neither they nor the right and lower
    # neighbours of a pixel need a special case: what follows a row is the left border of the next.
    frame_width = width + 2
    frame_size = (height + 3) * frame_width
    chunk = max(1, min(batch, CHUNK_PIXELS // (height * width)))
    frames = np.full((chunk, height + 3, frame_width), fill, np.float32)
    first_pixels = frame_size * np.arange(chunk)[:, None, None]

    # Where each pixel comes from, in frame coordinates: columns[..., x] + rows[..., y].
    maps = matrices[..., None]
    columns = maps[:, :, 0] * (np.arange(width) - (width - 1) / 2)
    rows = maps[:, :, 1] * (np.arange(height) - (height - 1) / 2) + maps[:, :, 2]
    rows += np.array([[(width + 1) / 2], [(height + 1) / 2]])
    columns, rows = columns.astype(np.float32), rows.astype(np.float32)

    shape = (chunk, height, width)
    x, y, whole, upper, lower = (np.empty(shape, np.float32) for _ in range(5))
    index, index_y = np.empty(shape, np.intp), np.empty(shape, np.intp)
    for start in range(0, batch, chunk):
        part = slice(start, min(start + chunk, batch))
        count = part.stop - start
        if count < chunk:
            x, y, whole, upper, lower = x[:count], y[:count], whole[:count], upper[:count], lower[:count]
            index, index_y, first_pixels = index[:count], index_y[:count], first_pixels[:count]
        np.add(columns[part, 0, None, :], rows[part, 0, :, None], out=x)
        np.add(columns[part, 1, None, :], rows[part, 1, :, None], out=y)
        np.clip(x, 0, width + 1, out=x)
        np.clip(y, 0, height + 1, out=y)
        # Split both into the pixel and the fraction of the way to the next one.
        np.floor(x, out=whole)
        np.copyto(index, whole, casting="unsafe")
        x -= whole
        np.floor(y, out=whole)
        np.copyto(index_y, whole, casting="unsafe")
        y -= whole
        index_y *= frame_width
        index += index_y
        index += first_pixels
        for channel in range(channels):
            frames[:count, 1 : height + 1, 1 : width + 1] = source[part, :, :, channel]
            pixels = frames.reshape(-1)
            _interpolate(pixels, index, x, out=upper, scratch=whole)
            _interpolate(pixels[frame_width:], index, x, out=lower, scratch=whole)
            lower -= upper
            lower *= y
            np.add(upper, lower, out=target[part, :, :, channel])
    return out


def _interpolate(pixels: Array, index: Array, fraction: Array, out: Array, scratch: Array) -> None:
    """out = pixels[index] + fraction * (pixels[index + 1] - pixels[index])"""
    # No index is out of range; clipping is only much faster than raising.
    np.take(pixels, index, out=out, mode="clip")
    np.take(pixels[1:], index, out=scratch, mode="clip")
    scratch -= out
    scratch *= fraction
    out += scratch
