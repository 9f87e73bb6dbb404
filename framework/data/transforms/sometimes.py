"""A transform for some of the images only."""

from __future__ import annotations

import numpy as np

from ...arguments import is_number, require
from ...parameters import Array
from .base import Transform, TransformSpec, registry


@registry.register
class Sometimes(Transform):
    """Does to each image what another transform does, with a probability; the others stay exactly as they are.

    transform: what changes them; it sees only those that were chosen.
    probability: of being chosen, for each image by itself.

    The result is a buffer that the next call overwrites.

    Raises ArgumentError for a probability outside of 0 to 1.

    >>> images = np.ones((64, 28, 28), np.float32)
    >>> wiped = Sometimes({"random_erasing": [0.1, 0.2]}, probability=0.25)(images, np.random.default_rng(0))
    >>> int((wiped.min(axis=(1, 2)) == 0).sum())
    17
    """

    def __init__(self, transform: TransformSpec, probability: float = 0.5) -> None:
        require(is_number(probability, 0, 1), self, "probability", probability, "from 0 to 1")
        self._transform = registry.create(transform)
        self.transform = transform
        self.probability = probability

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        chosen = np.flatnonzero(rng.random(len(images)) < self.probability)
        out = self.buffer("output", images.shape)
        np.copyto(out, images)
        if chosen.size:
            some = self.buffer("chosen", images.shape)[: chosen.size]
            np.take(out, chosen, axis=0, out=some, mode="clip")
            out[chosen] = self._transform(some, rng)
        return out
