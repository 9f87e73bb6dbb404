"""Images that are softened a little, as ink runs and scanners blur."""

from __future__ import annotations

import math

import numpy as np

from ...arguments import is_number, require
from ...parameters import Array
from .base import Transform, registry
from .warping import check_images

WIDEST = math.sqrt(0.5)
"""The standard deviation in pixels of the weights (1/4, 1/2, 1/4), the widest of three that only smooth."""


@registry.register
class RandomBlur(Transform):
    """Softens each image by an amount of its own, as a narrow Gaussian does.

    With s drawn evenly from 0 to sigma, each pixel becomes the mean of itself and its neighbours with the weights
    (s² / 2, 1 - s², s² / 2), first along the rows and then along the columns; their standard deviation is s pixels.
    At the border of the image nothing is lost: the sum of the pixels stays the same. With sigma at zero the images
    come out exactly as they went in.

    sigma: the largest standard deviation in pixels, 0.7 at most.

    The result is a buffer that the next call overwrites.

    Raises ArgumentError for a sigma below 0 or above 0.7.

    >>> image = np.zeros((1, 3, 3), np.float32)
    >>> image[0, 1, 1] = 1
    >>> RandomBlur(0.7)(image, np.random.default_rng(0))[0].round(2)  # s = 0.45
    array([[0.01, 0.08, 0.01],
           [0.08, 0.64, 0.08],
           [0.01, 0.08, 0.01]], dtype=float32)
    """

    def __init__(self, sigma: float = 0.5) -> None:
        require(is_number(sigma, 0, WIDEST), self, "sigma", sigma, "a number of pixels from 0 to 0.7")
        self.sigma = sigma

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        check_images(images)
        share = rng.uniform(0, self.sigma, len(images)).astype(np.float32) ** 2 / 2
        share = share.reshape(-1, *(1,) * (images.ndim - 1))
        out = self.buffer("output", images.shape)
        np.copyto(out, images)
        flow = self.buffer("flow", images.shape)
        # Of what a pixel has more than its neighbour, a share flows over.
        self._even_out(out[:, :, :-1], out[:, :, 1:], share, flow[:, :, 1:])
        self._even_out(out[:, :-1], out[:, 1:], share, flow[:, 1:])
        return out

    def _even_out(self, first: Array, second: Array, share: Array, flow: Array) -> None:
        np.subtract(first, second, out=flow)
        flow *= share
        first -= flow
        second += flow
