"""Moving the pixels of images, each image by a map of its own."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ...buffers import Buffered
from ...parameters import Array

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

CHUNK_PIXELS = 102_400
"""How many pixels `warp` works on at once: its scratch memory fits into a large cache, and it calls NumPy seldom, which
counts where a thread has to wait for Python's lock after every call."""
EXACT = 2**24
"""The whole numbers below this are all float32."""


def warp(
    images: Array,
    matrices: Array | None = None,
    fill: float = 0.0,
    out: Array | None = None,
    displacements: Array | None = None,
    memory: Buffered | None = None,
) -> Array:
    """Moves the pixels of each image by a map of its own, with bilinear interpolation.

    images: (batch, height, width) or (batch, height, width, channels).
    matrices: (batch, 2, 3): image n shows at (x, y) what it had at `matrices[n] @ (x, y, 1)`. Both count
        in pixels from the centre of the image, x to the right and y down. None leaves them where they are.
    fill: the value outside the image.
    out: float32, in the shape of the images; a new array when None.
    displacements: (2, batch, height, width): how much farther right, and how much farther down, each pixel comes
        from than the matrices say; None for nothing.
    memory: where scratch memory is kept from call to call.

    Raises ValueError when the shapes do not fit.

    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> warp(image, np.array([[[1, 0, 1], [0, 1, 0]]]))[0]  # what was one pixel to the right
    array([[1., 2., 0.],
           [4., 5., 0.],
           [7., 8., 0.]], dtype=float32)
    """
    check_images(images)
    _check_maps(images, matrices, displacements)
    if out is None:
        out = np.empty(images.shape, np.float32)
    # From here on, both have an axis of channels.
    source, target = (images, out) if images.ndim == 4 else (images[..., None], out[..., None])
    batch, height, width, channels = source.shape
    chunk = max(1, min(batch, CHUNK_PIXELS // (height * width)))
    frames = _Frames(memory or Buffered(), height, width, chunk, fill)

    maps = np.empty((2, batch, 3), np.float32)
    maps[...] = np.eye(2, 3)[:, None] if matrices is None else matrices.swapaxes(0, 1)
    maps[:, :, 2] += [[(width + 1) / 2], [(height + 1) / 2]]  # into the coordinates of frames
    pixels = _homogeneous_pixels(height, width)
    for start in range(0, batch, chunk):
        part = slice(start, min(start + chunk, batch))
        points = frames.scratch("points", 2, part.stop - start, height * width)
        np.matmul(maps[:, part], pixels, out=points)
        if displacements is not None:
            points += displacements[:, part].reshape(points.shape)
        places, fractions = frames.locate(points)
        for channel in range(channels):
            frames.read(source[part, :, :, channel], places, fractions, out=target[part, :, :, channel])
    return out


class _Frames:
    """Images with a border around them, between whose pixels one can read.

    The border, of the value `fill`, is one pixel left, right and above, and two below. Points outside are clipped
    into it, so that neither they nor the right and lower neighbours of a pixel need a special case: what follows
    a row is the left border of the next. Point (1, 1) is the first pixel of the image.
    """

    def __init__(self, memory: Buffered, height: int, width: int, count: int, fill: float) -> None:
        self._memory = memory
        self._shape = (height + 3, width + 2)
        self._size = (height + 3) * (width + 2)
        self._lowest_right = np.array([width + 1, height + 1], np.float32)[:, None, None]
        self._index_type = np.float32 if count * self._size < EXACT else np.float64
        self.scratch("frames", count, *self._shape)[...] = fill

    def scratch(self, name: str, *shape: int, dtype: DTypeLike = np.float32) -> Array:
        """Memory that is kept; it holds what the last use of this name left there."""
        return self._memory.buffer(f"warp {name}", (math.prod(shape),), dtype).reshape(shape)

    def locate(self, points: Array) -> tuple[Array, Array]:
        """The pixels in whose squares the points (2, count, n) lie, in as many frames, and how far they are from them.

        Returns the places of the pixels among those of all frames, and the points, which are fractions now.
        """
        np.clip(points, 0, self._lowest_right, out=points)
        whole = self.scratch("whole", *points.shape, dtype=self._index_type)
        np.floor(points, out=whole)
        points -= whole
        x, y = whole
        y *= self._shape[1]
        x += y
        x += self._size * np.arange(len(x), dtype=x.dtype)[:, None]
        places = self.scratch("places", *x.shape, dtype=np.intp)
        np.copyto(places, x, casting="unsafe")
        return places, points

    def read(self, images: Array, places: Array, fractions: Array, out: Array) -> None:
        """What images (count, height, width) have between these pixels."""
        frames = self.scratch("frames", len(images), *self._shape)
        frames[:, 1:-2, 1:-1] = images
        pixels, width = frames.reshape(-1), self._shape[1]
        corners = self.scratch("corners", 4, *places.shape)
        for corner, offset in zip(corners, (0, 1, width, width + 1), strict=True):
            # No place is out of range, but for one behind the last frame that counts nothing; clipping is only much
            # faster than raising.
            np.take(pixels[offset:], places, out=corner, mode="clip")
        upper, lower = corners[:2], corners[2:]
        across, down = fractions
        lower -= upper
        lower *= down
        upper += lower
        left, right = upper
        right -= left
        right *= across
        np.add(left.reshape(images.shape), right.reshape(images.shape), out=out)


@lru_cache(maxsize=8)
def _homogeneous_pixels(height: int, width: int) -> Array:
    """(x, y, 1) of each pixel, from the centre of the image: (3, height * width)."""
    y, x = np.indices((height, width), np.float32)
    pixels = np.stack([x - (width - 1) / 2, y - (height - 1) / 2, np.ones_like(x)]).reshape(3, -1)
    pixels.flags.writeable = False
    return pixels


def check_images(images: Array) -> None:
    """Raises ValueError unless these have the shape of images."""
    if images.ndim not in (3, 4):
        raise ValueError(
            f"images must have the shape (batch, height, width) or (batch, height, width, channels), not {images.shape}"
        )


def _check_maps(images: Array, matrices: Array | None, displacements: Array | None) -> None:
    if matrices is not None and matrices.shape != (len(images), 2, 3):
        raise ValueError(f"{len(images)} images need as many 2 by 3 matrices, not shape {matrices.shape}")
    expected = (2, *images.shape[:3])
    if displacements is not None and displacements.shape != expected:
        raise ValueError(
            f"images of shape {images.shape} need displacements of shape {expected}, not {displacements.shape}"
        )
