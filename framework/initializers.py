"""The first values of weights: an initializer is called with a shape and returns an array.

Random ones take their numbers from their own `seed` if they have one, else from the caller's generator,
else from fresh entropy. They draw in double precision and round at the end, so that a float64 model starts
from the same weights as its float32 twin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import numpy as np

from .arguments import is_number, is_whole, require
from .parameters import Array, Shape
from .registry import ArgumentError, Configurable, Registry, registered

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

STD_OF_TRUNCATED_NORMAL = 0.87962566103423978
"""Standard deviation of a standard normal that is cut off at -2 and 2."""

PIECE = 1 << 20
"""How many values are drawn at a time."""


Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "normal", "untruncated_normal", "uniform"]


class Initializer(Configurable):
    """The base of initializers: a class whose call makes an array of a given shape.

    >>> class Stripes(Initializer):
    ...     def __call__(self, shape, rng=None, dtype=np.float32):
    ...         return np.broadcast_to(np.arange(shape[-1]) % 2, shape).astype(dtype)
    >>> Stripes()((2, 4))
    array([[0., 1., 0., 1.],
           [0., 1., 0., 1.]], dtype=float32)
    """

    def __call__(
        self, shape: Sequence[int], rng: np.random.Generator | None = None, dtype: DTypeLike = np.float32
    ) -> Array:
        """A new array of this shape and type; random initializers without a seed draw from `rng`."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(shape, rng=None, dtype=...)")


registry: Registry[Initializer] = Registry("initializer", Initializer)
register = registry.register
get = registry.create
InitializerSpec = Annotated[str | Mapping[str, Any] | Initializer, registry]


@register
class Constant(Initializer):
    """The same `value` everywhere.

    value: of every number.

    >>> Constant(0.5)((2, 2))
    array([[0.5, 0.5],
           [0.5, 0.5]], dtype=float32)
    """

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def __call__(
        self, shape: Sequence[int], rng: np.random.Generator | None = None, dtype: DTypeLike = np.float32
    ) -> Array:
        return np.full(tuple(shape), self.value, dtype)


@register(aliases=["zero"])
class Zeros(Constant):
    """All zeros.

    >>> Zeros()((3,))
    array([0., 0., 0.], dtype=float32)
    """

    def __init__(self) -> None:
        super().__init__(0.0)


@register(aliases=["one"])
class Ones(Constant):
    """All ones.

    >>> Ones()((3,))
    array([1., 1., 1.], dtype=float32)
    """

    def __init__(self) -> None:
        super().__init__(1.0)


@register
class Identity(Initializer):
    """`gain` on the main diagonal and zeros elsewhere, for matrices (also when they are not square).

    gain: the number on the diagonal.

    Raises ValueError, when called, for a shape that is not two-dimensional.

    >>> Identity(2.0)((2, 3))
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(
        self, shape: Sequence[int], rng: np.random.Generator | None = None, dtype: DTypeLike = np.float32
    ) -> Array:
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices, not arrays of shape {tuple(shape)}; try Orthogonal")
        rows, columns = shape
        return np.asarray(self.gain * np.eye(rows, columns), dtype)


class RandomInitializer(Initializer):
    """The base of random initializers, which define `draw(shape, rng)`.

    One whose values do not depend on each other may define `sample(count, shape, rng)` instead; a large array is
    then drawn by pieces, so that the first values of a layer do not need three times its memory.

    seed: None, or a non-negative integer that makes every call return the same values. Two layers that
    share a seed and a shape therefore start equal; leave it at None and seed the model instead.

    Raises ArgumentError for any other seed.
    """

    def __init__(self, seed: int | None = None) -> None:
        require(seed is None or is_whole(seed, 0), self, "seed", seed, "an integer of at least 0, or None")
        self.seed = seed

    def __call__(
        self, shape: Sequence[int], rng: np.random.Generator | None = None, dtype: DTypeLike = np.float32
    ) -> Array:
        if self.seed is not None or rng is None:
            rng = np.random.default_rng(self.seed)
        if type(self).draw is not RandomInitializer.draw:
            return np.array(self.draw(tuple(shape), rng), dtype)
        return self._by_pieces(tuple(shape), rng, dtype)

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Values of this shape from `rng`, in double precision."""
        return self._by_pieces(shape, rng, np.float64)

    def _by_pieces(self, shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Array:
        values = np.empty(shape, dtype)
        flat = values.reshape(-1)
        for start in range(0, flat.size, PIECE):
            part = flat[start : start + PIECE]
            part[...] = self.sample(part.size, shape, rng)
        return values

    def sample(self, count: int, shape: Shape, rng: np.random.Generator) -> Array:
        """So many of the values of an array of this shape, in double precision."""
        raise NotImplementedError(f"{type(self).__name__} must define draw(shape, rng) or sample(count, shape, rng)")


@register(aliases=["normal"])
class RandomNormal(RandomInitializer):
    """Normally distributed values.

    mean: of the values.
    stddev: their standard deviation, at least 0.

    Raises ArgumentError when `stddev` is negative.

    >>> RandomNormal(stddev=0.1, seed=1)((3,)).round(3)
    array([0.035, 0.082, 0.033], dtype=float32)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        _check_stddev(self, stddev)
        self.mean = mean
        self.stddev = stddev

    def sample(self, count: int, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.normal(self.mean, self.stddev, count)


@register(aliases=["uniform"])
class RandomUniform(RandomInitializer):
    """Values spread evenly between `minval` and `maxval`.

    minval: the least value.
    maxval: the largest value, at least `minval`.

    Raises ArgumentError when `minval` is above `maxval`.

    >>> RandomUniform(0, 10, seed=1)((3,)).round(2)
    array([5.12, 9.5 , 1.44], dtype=float32)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        for name, bound in (("minval", minval), ("maxval", maxval)):
            require(is_number(bound), self, name, bound, "a number")
        if not minval <= maxval:
            message = f"{type(self).__name__}: minval = {minval!r} is above maxval = {maxval!r}; swap them"
            raise ArgumentError(message, "minval")
        self.minval = minval
        self.maxval = maxval

    def sample(self, count: int, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.uniform(self.minval, self.maxval, count)


@register
class TruncatedNormal(RandomInitializer):
    """Normally distributed values, those further than two `stddev` from the `mean` drawn anew.

    mean: of the values.
    stddev: the standard deviation of the normal before the cut, at least 0; the values spread 0.88 times as wide.

    Raises ArgumentError when `stddev` is negative.

    >>> values = TruncatedNormal(stddev=1.0, seed=1)((1000,))
    >>> bool(abs(values).max() <= 2)
    True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        _check_stddev(self, stddev)
        self.mean = mean
        self.stddev = stddev

    def sample(self, count: int, shape: Shape, rng: np.random.Generator) -> Array:
        return self.mean + self.stddev * truncated_normal(count, rng)


@register
class VarianceScaling(RandomInitializer):
    """Random values whose variance `scale / fan` keeps signals at one size from layer to layer.

    mode: the fan that is meant: `fan_in`, `fan_out` or `fan_avg`, their mean (see `fans`).
    distribution: `truncated_normal` (also called `normal`), `untruncated_normal`, or `uniform` within
        +-sqrt(3 scale / fan).

    scale: how many times larger than 1 / fan the variance is, above 0; 2 suits ReLU, which drops half of the inputs.

    Raises ArgumentError when `scale` is not positive, or for an unknown `mode` or `distribution`.

    >>> kernel = VarianceScaling(scale=2.0, seed=1)((500, 300))
    >>> round(float(kernel.var()) * 500, 1)
    2.0
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: Mode = "fan_in",
        distribution: Distribution = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        super().__init__(seed)
        require(is_number(scale) and 0 < scale < math.inf, self, "scale", scale, "a number above 0")
        _check_choice(self, "mode", mode, get_args(Mode))
        _check_choice(self, "distribution", distribution, get_args(Distribution))
        self.scale = scale
        self.mode = mode
        self.distribution = distribution

    def sample(self, count: int, shape: Shape, rng: np.random.Generator) -> Array:
        fan_in, fan_out = fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return rng.uniform(-limit, limit, count)
        if self.distribution == "untruncated_normal":
            return rng.normal(0.0, stddev, count)
        return stddev / STD_OF_TRUNCATED_NORMAL * truncated_normal(count, rng)


@register
class GlorotUniform(VarianceScaling):
    """Uniform within +-sqrt(6 / (fan_in + fan_out)), for tanh and linear layers (Glorot & Bengio, 2010).

    >>> bool(abs(GlorotUniform(seed=1)((2, 4))).max() <= 1)
    True
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed)


@register
class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot & Bengio, 2010).

    >>> GlorotNormal(seed=1)((100, 100)).std().round(2)
    np.float32(0.1)
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


@register
class HeUniform(VarianceScaling):
    """Uniform within +-sqrt(6 / fan_in), for ReLU layers (He et al., 2015).

    >>> bool(abs(HeUniform(seed=1)((6, 50))).max() <= 1)
    True
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "uniform", seed)


@register
class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan_in, for ReLU layers (He et al., 2015).

    >>> HeNormal(seed=1)((200, 100)).std().round(2)
    np.float32(0.1)
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "truncated_normal", seed)


@register
class LecunUniform(VarianceScaling):
    """Uniform within +-sqrt(3 / fan_in) (LeCun et al., 1998).

    >>> bool(abs(LecunUniform(seed=1)((3, 50))).max() <= 1)
    True
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_in", "uniform", seed)


@register
class LecunNormal(VarianceScaling):
    """Truncated normal of variance 1 / fan_in, for SELU layers (LeCun et al., 1998; Klambauer et al., 2017).

    >>> LecunNormal(seed=1)((100, 100)).std().round(2)
    np.float32(0.1)
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_in", "truncated_normal", seed)


@register
class Orthogonal(RandomInitializer):
    """`gain` times a random orthogonal matrix (Saxe et al., 2014).

    All axes but the last count as rows. With more rows than columns the columns are orthonormal,
    otherwise the rows. Raises ValueError, when called, for fewer than two dimensions.

    gain: the length of the orthonormal rows or columns.

    >>> Q = Orthogonal(seed=1)((3, 3))
    >>> bool(np.allclose(Q.T @ Q, np.eye(3), atol=1e-6))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal needs two dimensions or more, not shape {shape}; try RandomNormal")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        Q, R = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        # QR leaves the signs of the columns open; with a positive diagonal of R, Q is uniformly distributed.
        Q *= np.copysign(1.0, np.diag(R))
        return (self.gain * (Q if rows >= columns else Q.T)).reshape(shape)


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs a unit sees (fan-in) and how many units see an input (fan-out), as Keras counts them.

    Dense kernels are (inputs, units). Convolution kernels are (height, width, inputs, filters), with
    each channel counted once for every position of the window.

    >>> fans((784, 128)), fans((3, 3, 16, 32)), fans((10,))
    ((784, 128), (144, 288), (10, 10))
    """
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def truncated_normal(count: int, rng: np.random.Generator) -> Array:
    """Standard normal values within -2 and 2: whatever falls outside (one in 22) is drawn again.

    >>> bool(abs(truncated_normal(10_000, np.random.default_rng(0))).max() <= 2)
    True
    """
    values = rng.standard_normal(count)
    outside = np.flatnonzero(np.abs(values) > 2)
    while outside.size:
        values[outside] = rng.standard_normal(outside.size)
        outside = outside[np.abs(values[outside]) > 2]
    return values


def _check_stddev(initializer: Initializer, stddev: float) -> None:
    require(is_number(stddev, 0) and stddev < math.inf, initializer, "stddev", stddev, "a number of at least 0")


def _check_choice(initializer: Initializer, argument: str, value: str, choices: Sequence[str]) -> None:
    require(value in choices, initializer, argument, value, f"one of {', '.join(choices)}")


def __getattr__(name: str) -> Any:
    """Keras's other names for the classes, such as `he_normal`."""
    return registered(registry, __name__, name)
