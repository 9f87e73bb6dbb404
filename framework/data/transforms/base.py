"""What a transform is: a random change to training images (augmentation), a whole batch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from ...buffers import Buffered
from ...parameters import Array
from ...registry import Registry


class Transform(Buffered):
    """The base of transforms: a class whose call turns a batch of images into another of the same shape.

    What it returns must be a function of its arguments, the images and `rng` alone: one that counts its calls, say,
    gives other images where batches are made ahead of training (see `Batches`), since copies of it then do the work.

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

        Where batches are made ahead of training, this runs in another thread than the one that trains, on a deep copy
        of the transform that no other thread uses.

        images: (batch, height, width) or (batch, height, width, channels), float32. They must be left as
            they are; what is returned may be a buffer that the next call overwrites.
        """
        raise NotImplementedError(f"{type(self).__name__} must define __call__(images, rng)")


registry: Registry[Transform] = Registry("transform", Transform)
TransformSpec = Annotated[str | Mapping[str, Any] | Transform, registry]
