"""Images that are bent a little everywhere, as a hand is never quite steady."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ...arguments import is_number, require
from ...parameters import Array
from .affine import RandomAffine
from .base import Transform, TransformSpec, registry
from .warping import check_images, warp

REACH = 3
"""How many sigmas away from a pixel the noise still counts."""


@registry.register
class ElasticDistortion(Transform):
    """Moves every pixel a little, neighbours alike: displacements of random noise, smoothed with a Gaussian.

    Each pixel comes from where it is plus `alpha * (G * U)`, where U is noise that is even between -1 and 1, one such
    field for each direction, image and call, and G a Gaussian with the standard deviation `sigma`. The displacements
    are about 0.163 * alpha / sigma pixels in size (root mean square, sigma from 1 up), and those of pixels at a
    distance r are correlated by exp(-r² / (4 sigma²)). Pixels in between are interpolated linearly. With alpha at
    zero the images come out exactly as they went in.

    alpha: the noise in pixels, before it is smoothed.
    sigma: the width of the smoothing in pixels: small for trembling lines, large for whole strokes that are bent.
    fill: the value of pixels that come from outside of the image.
    affine: a `random_affine` that moves the pixels farther, all in one interpolation: that is faster, and keeps lines
        sharper, than one transform behind the other. Its own `fill` is not used.

    The result is a buffer that the next call overwrites.

    Raises ArgumentError for a negative alpha, a sigma that is not above zero, or another transform as `affine`.

    >>> distort = ElasticDistortion(alpha=34, sigma=4)
    >>> images = np.random.default_rng(0).random((64, 28, 28), np.float32)
    >>> distort(images, np.random.default_rng(1)).shape
    (64, 28, 28)

    Source: P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis", 2003, whose alpha and sigma for digits of 29 by 29 pixels are the defaults.
    """

    def __init__(
        self, alpha: float = 34.0, sigma: float = 4.0, fill: float = 0.0, affine: TransformSpec | None = None
    ) -> None:
        require(is_number(alpha, 0) and alpha < math.inf, self, "alpha", alpha, "a number of pixels of at least 0")
        fits = is_number(sigma, 0) and 0 < sigma < math.inf
        require(fits, self, "sigma", sigma, "a number of pixels above 0")
        self._affine = None if affine is None else registry.create(affine)
        fits = self._affine is None or isinstance(self._affine, RandomAffine)
        require(fits, self, "affine", affine, "a random_affine or None")
        self.alpha = alpha
        self.sigma = sigma
        self.fill = fill
        self.affine = affine

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        check_images(images)
        displacements = self.draw(images.shape, rng)
        matrices = self._affine.draw(len(images), rng) if isinstance(self._affine, RandomAffine) else None
        return warp(images, matrices, self.fill, self.buffer("output", images.shape), displacements, memory=self)

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Random displacements (2, batch, height, width) for images of this shape, in a buffer."""
        batch, height, width = shape[:3]
        down, across = _smoothing(height, self.sigma), _smoothing(width, self.sigma)
        noise = self.buffer("noise", (2 * batch, down.shape[1], across.shape[1]))
        rng.random(out=noise, dtype=np.float32)
        noise -= 0.5
        noise *= 2 * self.alpha
        # The Gaussian of two dimensions is one along the rows and then one along the columns.
        rows = self.buffer("rows", (2 * batch, down.shape[1], width))
        np.matmul(noise, across.T, out=rows)
        smooth = self.buffer("displacements", (2 * batch, height, width))
        np.matmul(down, rows, out=smooth)
        return smooth.reshape(2, batch, height, width)


@lru_cache(maxsize=32)
def _smoothing(size: int, sigma: float) -> Array:
    """The weights (size, knots) that make noise at knots into a smooth function at so many pixels.

    Smooth noise has no detail finer than sigma: it takes noise at knots sigma apart, amplified so that the sum is as
    large as with noise at each pixel, and its covariance is the same to a thousandth.
    """
    step = max(1.0, sigma)
    count = math.ceil((size - 1) / step) + 1 + 2 * math.ceil(REACH * sigma / step)
    pixels = np.arange(size) - (size - 1) / 2
    knots = step * (np.arange(count) - (count - 1) / 2)
    with np.errstate(over="ignore"):  # far away from a narrow Gaussian
        gaussian = np.exp(-0.5 * ((pixels[:, None] - knots) / sigma) ** 2)
        total = np.exp(-0.5 * (np.arange(-6, 7) / sigma) ** 2).sum()
    if sigma > 1:  # the sum over all whole numbers is the integral
        total = math.sqrt(2 * math.pi) * sigma
    weights: Array = (math.sqrt(step) / total * gaussian).astype(np.float32)
    weights.flags.writeable = False
    return weights
