"""The weights that all start from."""

from __future__ import annotations

import numpy as np

from benchmarks import nets, plain_numpy
from framework.layers import Conv2D


def test_weights_are_he_normal_and_the_same_every_time() -> None:
    kernels = nets.dense_weights()[::2]
    assert [k.shape for k in kernels] == [(784, 128), (128, 64), (64, 10)]
    for kernel in kernels[:2]:
        np.testing.assert_allclose(kernel.std(), (2 / len(kernel)) ** 0.5, rtol=0.05)
    for ours, theirs in zip(nets.dense_weights(seed=3), plain_numpy.initial(3), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_kernels_count_all_that_they_see() -> None:
    k1, b1, k2, *_ = nets.lenet_weights()
    assert (k1.shape, k2.shape, b1.any()) == ((5, 5, 1, 8), (5, 5, 8, 16), False)
    np.testing.assert_allclose(k2.std(), (2 / 200) ** 0.5, rtol=0.05)


def test_channels_first_is_the_same_net() -> None:
    k1, _, k2, _, w1, _, w2, _ = nets.lenet_weights()
    first = nets.channels_first(nets.lenet_weights())
    np.testing.assert_array_equal(first[0][3, 0], k1[:, :, 0, 3])
    np.testing.assert_array_equal(first[2][3, 5], k2[:, :, 5, 3])
    np.testing.assert_array_equal(first[6], w2)
    maps = np.random.default_rng(0).random((2, 4, 4, 16), np.float32)  # what the second pooling gives
    flat = maps.transpose(0, 3, 1, 2).reshape(2, -1)
    np.testing.assert_allclose(flat @ first[4], maps.reshape(2, -1) @ w1, rtol=1e-5, atol=1e-5)


def test_the_net_has_the_shapes_that_its_layers_need() -> None:
    images = np.zeros((1, 28, 28, 1), np.float32)
    rows = Conv2D(16, 5)(Conv2D(8, 5)(images)[:, ::2, ::2])[:, ::2, ::2]
    assert rows.reshape(1, -1).shape[1] == nets.LENET[2][0]
