"""The first values of weights."""

import math

import numpy as np
import pytest

from framework import initializers
from framework.initializers import fans, truncated_normal
from framework.registry import ArgumentError, spec

RANDOM = [name for name in initializers.registry if "seed" in initializers.registry[name].signature()]
SHAPE = (40, 30)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_registry_has_keras_names_and_aliases():
    assert set(initializers.registry) == {
        "zeros", "ones", "constant", "identity", "orthogonal",
        "random_normal", "random_uniform", "truncated_normal", "variance_scaling",
        "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("alias", "cls"),
    [
        ("normal", initializers.RandomNormal),
        ("uniform", initializers.RandomUniform),
        ("zero", initializers.Zeros),
        ("one", initializers.Ones),
    ],
)
def test_keras_aliases(alias, cls):
    assert type(initializers.get(alias)) is cls


@pytest.mark.parametrize("name", list(initializers.registry))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_and_type(name, dtype):
    array = initializers.get(name)(SHAPE, rng(), dtype)
    assert array.shape == SHAPE
    assert array.dtype == dtype
    assert array.flags.writeable


@pytest.mark.parametrize("name", list(initializers.registry))
def test_config_round_trip(name):
    initializer = initializers.get(name)
    twin = initializers.get(spec(initializer))
    assert type(twin) is type(initializer)
    assert twin.get_config() == initializer.get_config()
    np.testing.assert_array_equal(twin(SHAPE, rng()), initializer(SHAPE, rng()))


def test_the_named_scalings_have_only_a_seed():
    assert initializers.HeNormal(seed=3).get_config() == {"seed": 3}
    assert repr(initializers.HeNormal()) == "HeNormal()"


@pytest.mark.parametrize("name", RANDOM)
class TestRandomness:
    def test_a_seed_gives_the_same_values_on_every_call(self, name):
        initializer = initializers.get({name: {"seed": 7}})
        first = initializer(SHAPE, rng(1))
        np.testing.assert_array_equal(first, initializer(SHAPE, rng(2)))
        assert not np.array_equal(first, initializers.get({name: {"seed": 8}})(SHAPE))

    def test_without_a_seed_the_callers_generator_is_used_and_advances(self, name):
        initializer, generator = initializers.get(name), rng(1)
        first, second = initializer(SHAPE, generator), initializer(SHAPE, generator)
        assert not np.array_equal(first, second)
        np.testing.assert_array_equal(first, initializer(SHAPE, rng(1)))

    def test_without_either_the_values_are_fresh(self, name):
        initializer = initializers.get(name)
        assert not np.array_equal(initializer(SHAPE), initializer(SHAPE))

    def test_double_precision_gives_the_same_weights(self, name):
        initializer = initializers.get({name: {"seed": 7}})
        double = initializer(SHAPE, dtype="float64")
        np.testing.assert_array_equal(initializer(SHAPE), double.astype("float32"))


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    initializers.HeNormal()(SHAPE)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


# Distributions: 200,000 numbers, fixed seeds.

LARGE = (500, 400)


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("glorot_uniform", 2 / 900),
        ("glorot_normal", 2 / 900),
        ("he_uniform", 2 / 500),
        ("he_normal", 2 / 500),
        ("lecun_uniform", 1 / 500),
        ("lecun_normal", 1 / 500),
        ("variance_scaling", 1 / 500),
        ("random_normal", 0.05**2),
        ("random_uniform", 0.1**2 / 12),
        ("truncated_normal", (0.05 * 0.87962566103423978) ** 2),
    ],
)
def test_mean_and_variance(name, variance):
    values = initializers.get(name)(LARGE, rng(), "float64")
    assert values.var() == pytest.approx(variance, rel=0.01)
    assert abs(values.mean()) < 4 * math.sqrt(variance / values.size)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("glorot_uniform", math.sqrt(6 / 900)),
        ("he_uniform", math.sqrt(6 / 500)),
        ("lecun_uniform", math.sqrt(3 / 500)),
        ("random_uniform", 0.05),
        ("truncated_normal", 0.1),
        ("he_normal", 2 * math.sqrt(2 / 500) / 0.87962566103423978),
    ],
)
def test_values_reach_their_limits_and_not_beyond(name, limit):
    largest = np.abs(initializers.get(name)(LARGE, rng(), "float64")).max()
    assert 0.999 * limit < largest <= limit


@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 500), ("fan_out", 400), ("fan_avg", 450)])
@pytest.mark.parametrize("distribution", ["truncated_normal", "normal", "untruncated_normal", "uniform"])
def test_variance_scaling(mode, fan, distribution):
    initializer = initializers.VarianceScaling(3.0, mode, distribution, seed=1)
    values = initializer(LARGE, dtype="float64")
    assert values.var() * fan == pytest.approx(3.0, rel=0.01)
    peak = np.abs(values).max() / values.std()
    if distribution == "untruncated_normal":
        assert peak > 4
    else:
        limit = math.sqrt(3) if distribution == "uniform" else 2 / 0.87962566103423978
        assert peak == pytest.approx(limit, rel=0.01)


def test_truncated_normal_is_a_normal_within_its_limits():
    values = truncated_normal(500_000, rng())
    assert np.abs(values).max() <= 2
    # P(|z| < 1) / P(|z| < 2) for a standard normal
    assert np.mean(np.abs(values) < 1) == pytest.approx(0.6826895 / 0.9544997, abs=0.003)


def test_mean_and_stddev_shift_and_scale():
    for cls in (initializers.RandomNormal, initializers.TruncatedNormal):
        values = cls(mean=5.0, stddev=2.0, seed=0)(LARGE, dtype="float64")
        unit = cls(mean=0.0, stddev=1.0, seed=0)(LARGE, dtype="float64")
        np.testing.assert_allclose(values, 5 + 2 * unit)
    assert np.all(initializers.RandomNormal(1.5, 0.0)(SHAPE) == 1.5)
    assert np.all(initializers.RandomUniform(0.5, 0.5)(SHAPE) == 0.5)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), (1, 1)),
        ((10,), (10, 10)),
        ((784, 128), (784, 128)),
        ((5, 16, 32), (80, 160)),
        ((3, 3, 16, 32), (144, 288)),
        ((2, 3, 4, 5, 6), (120, 144)),
    ],
)
def test_fans_as_keras_counts_them(shape, expected):
    assert fans(shape) == expected


def test_convolution_kernels_are_scaled_by_their_window():
    kernel = initializers.HeNormal(seed=0)((3, 3, 64, 200))
    assert kernel.var() == pytest.approx(2 / (9 * 64), rel=0.02)


@pytest.mark.parametrize("shape", [(6, 6), (20, 5), (5, 20), (3, 3, 4, 10), (2, 2, 3, 40)])
def test_orthogonal(shape):
    Q = initializers.Orthogonal(gain=2.0, seed=0)(shape, dtype="float64").reshape(-1, shape[-1])
    if Q.shape[0] < Q.shape[1]:
        Q = Q.T
    np.testing.assert_allclose(Q.T @ Q, 4.0 * np.eye(Q.shape[1]), atol=1e-12)


def test_orthogonal_matrices_are_evenly_distributed():
    # Without the correction of signs, the first entry would always be negative.
    first = [initializers.Orthogonal(seed=s)((2, 2))[0, 0] for s in range(200)]
    assert 70 < sum(x > 0 for x in first) < 130


def test_constants():
    assert np.all(initializers.get({"constant": 0.1})((2, 3)) == np.float32(0.1))
    assert not initializers.Zeros()(SHAPE).any()
    assert np.all(initializers.Ones()(SHAPE) == 1)
    np.testing.assert_array_equal(initializers.Identity(3.0)((2, 3)), [[3, 0, 0], [0, 3, 0]])


def test_empty_and_scalar_shapes():
    for name in set(initializers.registry) - {"orthogonal", "identity"}:
        assert initializers.get(name)(()).shape == ()
        assert initializers.get(name)((0, 4)).shape == (0, 4)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: initializers.RandomNormal(stddev=-1), "stddev"),
        (lambda: initializers.TruncatedNormal(stddev=math.nan), "stddev"),
        (lambda: initializers.RandomUniform(minval=1, maxval=0), "minval"),
        (lambda: initializers.VarianceScaling(scale=0), "scale"),
        (lambda: initializers.VarianceScaling(mode="fan"), "mode"),
        (lambda: initializers.VarianceScaling(distribution="gauss"), "distribution"),
        (lambda: initializers.HeNormal(seed=-1), "seed"),
        (lambda: initializers.HeNormal(seed=1.5), "seed"),
        (lambda: initializers.Orthogonal(seed="x"), "seed"),
    ],
)
def test_bad_arguments_are_named(make, argument):
    with pytest.raises(ArgumentError, match=f"{argument} (= |must be )") as caught:
        make()
    assert caught.value.argument == argument


def test_the_message_lists_what_is_accepted():
    with pytest.raises(ArgumentError, match="mode must be one of fan_in, fan_out, fan_avg, got 'fan'"):
        initializers.VarianceScaling(mode="fan")


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="two dimensions or more"):
        initializers.Orthogonal()((3,))
    with pytest.raises(ValueError, match="makes matrices"):
        initializers.Identity()((3,))


def test_large_arrays_are_drawn_piece_by_piece(monkeypatch):
    for cls in (initializers.RandomNormal, initializers.GlorotUniform):
        whole = cls(seed=3)((50, 7))
        monkeypatch.setattr(initializers, "PIECE", 11)
        np.testing.assert_array_equal(cls(seed=3)((50, 7)), whole)
        monkeypatch.undo()


def test_users_initializer_needs_only_a_call():
    with pytest.raises(NotImplementedError, match="must define __call__"):
        initializers.Initializer()((2,))
    with pytest.raises(NotImplementedError, match="must define draw"):
        initializers.RandomInitializer()((2,))


class Ramp(initializers.RandomInitializer):
    """Of a user, who draws the whole array."""

    def draw(self, shape, rng):
        return np.linspace(0, 1, math.prod(shape)).reshape(shape) + rng.random(shape)


def test_an_initializer_of_your_own_may_draw_the_whole_array():
    values = Ramp()((4, 3), rng())
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, Ramp().draw((4, 3), rng()).astype(np.float32))
    assert Ramp()((4, 3), rng(), np.float64).dtype == np.float64


def test_draw_may_be_built_on_that_of_another_initializer():
    class Halved(initializers.RandomNormal):
        def draw(self, shape, rng):
            return super().draw(shape, rng) / 2

    whole = initializers.RandomNormal().draw(SHAPE, rng())
    assert whole.dtype == np.float64
    np.testing.assert_array_equal(Halved()(SHAPE, rng()), (whole / 2).astype(np.float32))
