"""Strokes that are made thicker or thinner, as with another pen."""

from __future__ import annotations

import math

import numpy as np

from ...arguments import is_number, require
from ...parameters import Array
from .base import Transform, registry
from .warping import check_images

CORNERS = math.sqrt(2) - 1
"""The share of the square in the octagon that is as wide along the diagonals as along the axes."""


@registry.register
class StrokeThickness(Transform):
    """Makes the strokes of each image thicker or thinner, by an amount of its own: grey-scale morphology.

    With w drawn evenly from -thinner to thicker, and a disc of radius 1, an image becomes

        (1 - |w| / 2) * image + |w| / 2 * (the dilation of the image by the disc, or its erosion where w < 0).

    Each edge of a stroke moves by |w| / 2 pixels, so that strokes become w pixels wider; those that are thinner than
    two pixels already fade rather than vanish. An image that was made thinner is then brightened by a factor, so that
    its brightest pixel is as bright as before. Bright is ink, 0 is paper. The disc is an octagon in the mean,
    neighbours beyond the border of the image do not count, and each channel is by itself. With both at zero the images
    come out exactly as they went in.

    thinner: up to so many pixels of width taken away, 1.5 at most.
    thicker: up to so many pixels of width added, 2 at most.

    The result is a buffer that the next call overwrites.

    Raises ArgumentError for an amount out of range.

    >>> image = np.zeros((1, 5, 5), np.float32)
    >>> image[:, :, 2] = 1  # a line down, one pixel wide
    >>> thicker = StrokeThickness(thinner=0, thicker=2)(image, np.random.default_rng(0))
    >>> thicker[0, 2].round(2)  # w = 1.27
    array([0.  , 0.64, 1.  , 0.64, 0.  ], dtype=float32)

    Source: J. Serra, "Image Analysis and Mathematical Morphology", 1982.
    """

    def __init__(self, thinner: float = 0.8, thicker: float = 1.2) -> None:
        require(is_number(thinner, 0, 1.5), self, "thinner", thinner, "a number of pixels from 0 to 1.5")
        require(is_number(thicker, 0, 2), self, "thicker", thicker, "a number of pixels from 0 to 2")
        self.thinner = thinner
        self.thicker = thicker

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        check_images(images)
        wider = rng.uniform(-self.thinner, self.thicker, len(images)).astype(np.float32)
        wider = wider.reshape(-1, *(1,) * (images.ndim - 1))
        sign, share = np.sign(wider), np.abs(wider) / 2

        # An erosion is the dilation of the negative: images to be thinned change their sign before and after.
        out = self.buffer("output", images.shape)
        np.multiply(self._dilated(images, sign), sign, out=out)
        out -= images
        out *= share
        out += images
        _restore_peaks(out, images, wider < 0)
        return out

    def _dilated(self, images: Array, sign: Array) -> Array:
        """The largest value around each pixel of sign * images."""
        batch, height, width, *channels = images.shape
        # Pixels in a frame of what is never the largest, so that neighbours are found at fixed distances in memory.
        shape = (batch, height + 2, width + 2, *channels)
        frame = self.buffer("frame", shape, fill=-np.inf)
        np.multiply(images, sign, out=frame[:, 1:-1, 1:-1])
        across, cross, square = (self.buffer(name, shape, fill=0) for name in ("across", "cross", "square"))
        right = math.prod(channels)
        below = (width + 2) * right
        _with_neighbours(frame, frame, right, out=across)
        _with_neighbours(across, across, below, out=square)
        _with_neighbours(across, frame, below, out=cross)
        square *= CORNERS
        cross *= 1 - CORNERS
        cross += square
        return cross[:, 1:-1, 1:-1]


def _with_neighbours(images: Array, others: Array, step: int, out: Array) -> None:
    """The largest of each value and two of `others`, one step in memory before it and one behind; not for the ends."""
    flat, others, inner = images.reshape(-1), others.reshape(-1), out.reshape(-1)[step:-step]
    np.maximum(flat[step:-step], others[: -2 * step], out=inner)
    np.maximum(inner, others[2 * step :], out=inner)


def _restore_peaks(out: Array, images: Array, changed: Array) -> None:
    """Multiplies each image that was changed so that its largest value becomes what it was: by 4 at most."""
    inside = tuple(range(1, images.ndim))
    peaks = out.max(axis=inside, keepdims=True)
    gain = np.ones_like(peaks)
    np.divide(images.max(axis=inside, keepdims=True), peaks, out=gain, where=changed & (peaks > 0))
    out *= gain
