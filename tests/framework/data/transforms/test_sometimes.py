"""Sometimes: which images it changes, and how."""

import copy

import numpy as np
import pytest

from framework.data import transforms
from framework.data.transforms import RandomAffine, Sometimes, Transform
from framework.registry import ArgumentError, UnknownNameError, spec


class Negative(Transform):
    def __call__(self, images, rng):
        return 1 - images


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def test_about_so_many_images_are_changed_and_the_others_are_the_same_to_the_bit():
    images = some_images(4000, 3, 3)
    result = Sometimes(Negative(), probability=0.3)(images, rng())
    changed = (result != images).any(axis=(1, 2))
    assert changed.mean() == pytest.approx(0.3, abs=0.03)
    np.testing.assert_array_equal(result[changed], 1 - images[changed])
    np.testing.assert_array_equal(result[~changed], images[~changed])


def test_never_and_always():
    images = some_images(70, 8, 8)
    np.testing.assert_array_equal(Sometimes({"random_affine": {"shift": 3}}, probability=0)(images, rng()), images)
    always = Sometimes({"random_affine": {"shift": 3}}, probability=1)(images, rng(1)).copy()
    stream = rng(1)
    stream.random(70)
    np.testing.assert_array_equal(always, RandomAffine(shift=3)(images, stream))


def test_the_transform_sees_only_the_chosen_images():
    class Counting(Transform):
        def __call__(self, images, rng):
            assert len(images) > 0
            return images + len(images)

    result = Sometimes(Counting(), probability=0.5)(np.zeros((40, 2, 2), np.float32), rng())
    assert set(result.ravel().tolist()) == {0.0, float((result[:, 0, 0] > 0).sum())}


def test_same_generator_same_bits_in_batches_of_any_size():
    augment = {"stroke_thickness": {}}
    large, small, sometimes = some_images(50, 8, 8), some_images(20, 8, 8), Sometimes(augment)
    expected = sometimes(large, rng()).copy()
    np.testing.assert_array_equal(sometimes(small, rng(1)), Sometimes(augment)(small, rng(1)))
    np.testing.assert_array_equal(sometimes(large, rng()), expected)
    assert sometimes(some_images(4, 8, 8, 3), rng()).shape == (4, 8, 8, 3)


def test_input_is_untouched_and_output_is_float32():
    images = some_images(30, 12, 9)
    before = images.copy()
    images.flags.writeable = False
    result = Sometimes("random_blur")(images, rng())
    np.testing.assert_array_equal(images, before)
    assert (result.shape, result.dtype) == (images.shape, np.float32)
    assert not np.shares_memory(result, images)


def test_copies_share_no_memory_with_it():
    images, sometimes = some_images(30, 8, 8), Sometimes("random_affine", probability=1)
    other = copy.deepcopy(sometimes)
    assert not np.shares_memory(sometimes(images, rng()), other(images, rng()))
    assert other._transform is not sometimes._transform


def test_it_is_written_as_the_others_are():
    sometimes = Sometimes({"random_erasing": 0.2}, probability=0.25)
    assert spec(sometimes) == {"sometimes": {"transform": {"random_erasing": 0.2}, "probability": 0.25}}
    assert transforms.get(spec(sometimes)).get_config() == sometimes.get_config()
    assert spec(transforms.get({"sometimes": "random_blur"})) == {"sometimes": "random_blur"}


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentError, match=r"Sometimes: probability must be from 0 to 1, got 1.5") as caught:
        Sometimes("random_blur", 1.5)
    assert caught.value.argument == "probability"
    with pytest.raises(UnknownNameError, match="did you mean 'random_blur'"):
        Sometimes("random_blurr")
