"""Transforms of one's own."""

import numpy as np
import pytest

from framework.data import transforms


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def test_users_transform_needs_only_a_call():
    class Invert(transforms.Transform):
        def __call__(self, images, rng):
            return 1 - images

    images = some_images(2, 4, 4)
    np.testing.assert_array_equal(Invert()(images, rng()), 1 - images)
    with pytest.raises(NotImplementedError, match="must define __call__"):
        transforms.Transform()(images, rng())
