"""Finds the ink of one digit in a picture: a scan, a photo or a drawing, dark on light or light on dark.

The paper is what most of the picture's border shows, a smooth surface where the light is uneven; ink is what
stands out from it. In a picture without noise that is every pixel that differs from the paper, so images
drawn by a program, MNIST's own among them, keep their faintest greys.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from framework.parameters import Array

ANALYSED = 1024
"""Pictures with a longer side are first reduced, by averaging whole blocks."""
LEAST = 0.04
"""A picture in which nothing stands out by this share of the range from black to white is blank."""
CLEAR = 5.0
"""In a picture with noise, ink stands out by this many standard deviations of it."""
FINE = 60
"""Ink that extends over more pixels than this is larger than any grey edge that matters at 20x20 ..."""
FAINT = 0.15
"""... so there, what has less than this share of the ink's contrast is shadow or compression."""
GRAIN = 0.01
"""In a picture with noise, ink that covers less than a square of this share of its side is only grain ..."""
GRAIN_PIXELS = 9
"""... and so is ink of fewer pixels than this."""


def ink_from_pixels(array: ArrayLike) -> Array | None:
    """The amount of ink (h, w) in [0, 1], 0 wherever there is paper or dirt; None for a blank picture.

    `array` and the errors are those of `as_grey`. Which of dark and light is the ink, the border tells.

    >>> ink_from_pixels([[255, 255, 255], [255, 0, 255], [255, 255, 255]])
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    contrast, noise = contrast_of(reduced(as_grey(array), ANALYSED))
    floor = CLEAR * noise
    if contrast.max() < max(LEAST, floor):
        return None
    strong = contrast >= otsu_threshold(contrast[contrast > floor])
    full = float(np.median(contrast[strong])) if noise else float(contrast.max())
    fine = _extent(strong) > FINE
    if fine:
        floor = max(floor, FAINT * full)
    ink = contrast > floor
    ink = _without_specks(ink, strong if fine or noise else ink)
    if noise and np.count_nonzero(ink) < max(GRAIN_PIXELS, (GRAIN * min(ink.shape)) ** 2):
        return None
    return np.where(ink, np.minimum(contrast / full, 1.0), 0.0)


def as_grey(array: ArrayLike) -> Array:
    """Grey levels (h, w) from 0, black, to 1, white, of a picture; what is transparent lies on white.

    array: (h, w) or (h, w, 1) grey, (h, w, 2) grey and alpha, (h, w, 3) RGB, (h, w, 4) RGBA; integers from 0 to
        255 or to 65535, or floats from 0 to 1 or to 255.

    Raises ValueError for another shape, type or range. Source of the weights: ITU-R BT.601.

    >>> as_grey([[[255, 255, 255, 255], [0, 0, 0, 0], [0, 0, 0, 255]]]).round(6)
    array([[1., 1., 0.]])
    """
    picture = np.asarray(array)
    if picture.dtype.kind not in "buif":
        raise ValueError(f"a picture of type {picture.dtype} cannot be read: give integers or floats")
    if picture.ndim == 2:
        picture = picture[:, :, None]
    if picture.ndim != 3 or picture.shape[2] not in (1, 2, 3, 4) or picture.size == 0:
        raise ValueError(f"a picture of shape {np.shape(array)} cannot be read: give (h, w) or (h, w, 1 to 4)")
    low, high = float(picture.min()), float(picture.max())
    if not (low >= 0 and high <= 65535):
        raise ValueError(
            f"a picture with values from {low:g} to {high:g} cannot be read: give 0 to 1, 0 to 255 or 0 to 65535"
        )
    if picture.dtype.kind == "f" or picture.dtype == bool:
        white = 1 if high <= 1 else 255 if high <= 255 else 65535
    else:
        white = 255 if high <= 255 else 65535
    levels = picture / np.float64(white)
    colours = levels.shape[2] - (levels.shape[2] in (2, 4))
    grey = levels[:, :, :3] @ (0.299, 0.587, 0.114) if colours == 3 else levels[:, :, 0]
    if colours == levels.shape[2]:
        return grey
    alpha = levels[:, :, -1]
    return grey * alpha + (1 - alpha)


def otsu_threshold(values: Array) -> float:
    """The least value of the upper class when values are split in two, the classes' means farthest apart.

    Maximises n0 n1 (m0 - m1)^2 over the 255 splits of a histogram of 256 bins; of equal values, their value.
    Source: N. Otsu, "A threshold selection method from gray-level histograms", 1979.

    >>> 1 < otsu_threshold(np.array([0.0, 1.0, 1.0, 7.0, 9.0])) <= 7
    True
    """
    low, high = values.min(), values.max()
    if low == high:
        return float(low)
    counts, edges = np.histogram(values, 256, (low, high))
    sums = counts * (edges[1:] + edges[:-1]) / 2
    n0, s0 = np.cumsum(counts)[:-1], np.cumsum(sums)[:-1]  # never 0: the least value lies in the first bin
    n1, s1 = counts.sum() - n0, sums.sum() - s0
    return float(edges[1 + np.argmax(n0 * n1 * (s0 / n0 - s1 / n1) ** 2.0)])


def components(mask: Array) -> Array:
    """Numbers the connected parts of a mask, diagonal neighbours included: 0, 1, ... in the order of its True.

    Each pixel begins as its own root; roots of neighbours are joined to the lower one until all agree.

    >>> components(np.array([[True, False, True], [True, False, True]]))
    array([0, 1, 0, 1])
    """
    n = np.count_nonzero(mask)
    number = np.full((mask.shape[0] + 1, mask.shape[1] + 2), -1)  # a margin, so that all have neighbours
    number[:-1, 1:-1][mask] = np.arange(n)
    here = number[:-1, 1:-1]
    neighbours = (number[:-1, 2:], number[1:, :-2], number[1:, 1:-1], number[1:, 2:])
    pairs = [(here[both], there[both]) for there in neighbours for both in [(here >= 0) & (there >= 0)]]
    a, b = (np.concatenate(side) for side in zip(*pairs, strict=True))
    root = np.arange(n)
    while a.size:
        root_a, root_b = root[a], root[b]
        apart = root_a != root_b
        a, b, root_a, root_b = a[apart], b[apart], root_a[apart], root_b[apart]
        np.minimum.at(root, np.maximum(root_a, root_b), np.minimum(root_a, root_b))
        while not np.array_equal(upper := root[root], root):
            root = upper
    return np.unique(root, return_inverse=True)[1]


def _without_specks(ink: Array, strong: Array) -> Array:
    """Keeps the parts of the ink that hold a strong pixel and would fill a pixel of the 20x20 image.

    That pixel is a twentieth of the largest part's extent, so in an image of MNIST's own size nothing is lost.
    """
    part = components(ink)
    area = np.bincount(part)
    largest = np.zeros_like(ink)
    largest[ink] = part == area.argmax()
    kept = area >= (_extent(largest) / 20) ** 2
    kept &= np.bincount(part, strong[ink]) > 0
    result = np.zeros_like(ink)
    result[ink] = kept[part]
    return result


def _extent(mask: Array) -> int:
    """The longer side of the box around a mask."""
    return max(int(np.ptp(places)) + 1 for places in np.nonzero(mask))


def reduced(grey: Array, longest: int) -> Array:
    """The picture with no side longer than this, by averaging blocks; up to a block less a pixel is cut.

    >>> reduced(np.array([[0.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0]]), longest=2)
    array([[0.5 , 0.75]])
    """
    block = math.ceil(max(grey.shape) / longest)
    if block == 1 or min(grey.shape) < block:
        return grey
    height, width = (n // block for n in grey.shape)
    cut = grey[: height * block, : width * block]
    return np.asarray(cut.reshape(height, block, width, block).mean(axis=(1, 3)))


def contrast_of(grey: Array) -> tuple[Array, float]:
    """How far each pixel of grey levels (h, w) stands out from the paper towards the ink, 0 or more, and the noise.

    The noise is a standard deviation, 0 for a picture whose border is for the most part of one grey.

    >>> contrast_of(np.array([[1.0, 1.0, 1.0], [1.0, 0.25, 1.0], [1.0, 1.0, 1.0]]))[0].max()
    np.float64(0.75)
    """
    border = _border(grey.shape)
    level = np.median(grey[border])
    if np.median(np.abs(grey[border] - level)) < 1e-6:
        difference, noise = grey - level, 0.0
        difference[np.abs(difference) < 1e-6] = 0
    else:
        paper, noise = _paper(grey)
        difference = grey - paper
    if (difference**3).sum() < 0:  # the long tail is the ink: here it is darker than the paper
        difference = -difference
    return np.maximum(difference, 0), noise


def _border(shape: tuple[int, ...]) -> Array:
    """A mask of the picture's outermost 3 %, at least a pixel."""
    margin = max(1, round(0.03 * min(shape)))
    mask = np.ones(shape, bool)
    mask[margin:-margin, margin:-margin] = False
    return mask


def _paper(grey: Array) -> tuple[Array, float]:
    """The paper's grey under uneven light, a quadratic surface, and the standard deviation of its noise.

    Least squares, first on the border alone, then on all that is like it; outliers are left out in turn.
    """
    height, width = grey.shape
    step = math.ceil(math.sqrt(grey.size / 40_000))  # as many pixels are plenty for six coefficients
    sample = grey[::step, ::step]
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    terms = np.stack(np.broadcast_arrays(*_quadratic(y[::step], x[:, ::step])), axis=-1)
    border = _border(sample.shape)
    used, noise, coefficients = border, 0.0, np.zeros(6)
    for allowed in (border, border, border, np.ones_like(border), np.ones_like(border), np.ones_like(border)):
        coefficients = np.linalg.lstsq(terms[used], sample[used], rcond=None)[0]
        away = np.abs(sample - terms @ coefficients)
        noise = 1.4826 * float(np.median(away[used]))  # of a normal distribution: its standard deviation
        used = allowed & (away <= 2.5 * max(noise, 1e-6))
    surface = sum(c * term for c, term in zip(coefficients, _quadratic(y, x), strict=True))
    return np.asarray(surface), max(noise, 1 / 512)  # no finer than the steps between 8-bit greys


def _quadratic(y: Array, x: Array) -> tuple[Array, ...]:
    return np.ones((1, 1)), x, y, x * x, x * y, y * y
