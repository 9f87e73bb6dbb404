"""Parameters that live in two flat vectors.

Layers declare parameters; the model allocates one vector for all values and one for all gradients, and
each parameter becomes a pair of views into them. Whatever concerns "all weights" is then one vector
operation that knows no layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Array: TypeAlias = NDArray[Any]
else:
    Array = np.ndarray  # numpy.typing alone takes a tenth of the time of importing NumPy

Shape: TypeAlias = tuple[int, ...]
Initialize: TypeAlias = "Callable[[Shape, np.random.Generator | None], Any]"


class Penalty(Protocol):
    """What training adds to the loss for the size of an array (see `framework.regularizers`)."""

    def __call__(self, x: Array) -> float: ...

    def add_gradient(self, x: Array, out: Array) -> None: ...


class Projection(Protocol):
    """What brings an array back, in place, to where it may be (see `framework.constraints`)."""

    def project(self, w: Array) -> None: ...


class _BoundOnce:
    """Two arrays to write into, and never to assign.

    They are plain attributes and no properties, since every step of training reads them dozens of times.
    """

    value: Array
    grad: Array

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            # What `p.value *= 2` assigns is the array itself.
            if name in _BOUND and not (name in vars(self) and value is vars(self)[name]):
                raise AttributeError(self._why_not_to_assign(name))
            object.__setattr__(self, name, value)

        def __delattr__(self, name: str) -> None:
            if name in _BOUND:
                raise AttributeError(self._why_not_to_assign(name))
            object.__delattr__(self, name)

        def __getattr__(self, name: str) -> Any:  # only called for what is not there
            if name in _BOUND:
                raise AttributeError(self._why_there_is_none(name))
            return object.__getattribute__(self, name)

    def _bind(self, value: Array, grad: Array) -> None:
        vars(self).update(value=value, grad=grad)

    def _why_not_to_assign(self, name: str) -> str:
        raise NotImplementedError

    def _why_there_is_none(self, name: str) -> str:
        return f"{type(self).__name__} has no {name} yet"


_BOUND = {"value": "value", "grad": "gradient"}


class Parameter(_BoundOnce):
    """A named array of numbers to be learnt, with its gradient: two views that are bound once.

    Write into `value[...]` and `grad[...]`; assigning the attribute itself raises, because it would cut
    the parameter off from the vector that the optimizer sees. What its `regularizer` says is added to the
    loss in training, its `constraint` is applied after each step of the optimizer.

    >>> p = Parameter("kernel", (2, 2))
    >>> _ = ParameterVector([p])
    >>> p.value[...] = 1.0
    >>> float(p.value.sum())
    4.0
    >>> p.value = np.ones((2, 2))
    Traceback (most recent call last):
    AttributeError: cannot rebind the value of parameter 'kernel'; write kernel.value[...] = array
    """

    def __init__(
        self,
        name: str,
        shape: Sequence[int],
        initializer: Initialize | None = None,
        trainable: bool = True,
        regularizer: Penalty | None = None,
        constraint: Projection | None = None,
    ) -> None:
        self.name = name
        self.shape = _checked_shape(name, shape)
        self.initializer = initializer
        self.trainable = trainable
        self.regularizer = regularizer
        self.constraint = constraint
        self._initialized = False

    def _why_not_to_assign(self, name: str) -> str:
        return f"cannot rebind the {_BOUND[name]} of parameter {self.name!r}; write {self.name}.{name}[...] = array"

    def _why_there_is_none(self, name: str) -> str:
        return f"parameter {self.name!r} has no {_BOUND[name]} yet: build its layer or model first"

    @property
    def size(self) -> int:
        return math.prod(self.shape)  # exact, however large

    def bind(self, value: Array, grad: Array) -> None:
        """Moves into new storage, two zeroed flat views of `size` elements; values held so far come along."""
        value, grad = value.reshape(self.shape), grad.reshape(self.shape)
        if self.is_bound:
            value[...] = self.value
            grad[...] = self.grad
        self._bind(value, grad)

    @property
    def is_bound(self) -> bool:
        """Whether it has its arrays."""
        return "value" in vars(self)

    def lies_in(self, array: Array) -> bool:
        """Whether its value is a view of this array."""
        return self.is_bound and self.value.base is array

    def initialize(self, rng: np.random.Generator | None = None) -> None:
        """Gives the first value, once: what has been initialized or loaded before is left alone."""
        if not self._initialized and self.initializer is not None:
            self.value[...] = self.initializer(self.shape, rng)
        self._initialized = True

    def assign(self, array: Any) -> None:
        """Replaces the value by a copy of `array`; raises ValueError when the shape differs."""
        array = np.asarray(array)
        if array.shape != self.shape:
            raise ValueError(f"parameter {self.name!r} has shape {self.shape}, it cannot take {array.shape}")
        self.value[...] = array
        self._initialized = True

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        array = np.asarray(self.value, dtype)
        return array.copy() if copy else array

    def __getstate__(self) -> dict[str, Any]:
        # A copy stands alone: its arrays are its own until a vector binds it again.
        return vars(self) | {name: vars(self)[name].copy() for name in _BOUND if self.is_bound}

    def __repr__(self) -> str:
        return f"Parameter({self.name!r}, {self.shape}{'' if self.trainable else ', trainable=False'})"


def _checked_shape(name: str, shape: Any) -> Shape:
    sizes = tuple(shape) if isinstance(shape, Iterable) else (None,)
    if not all(isinstance(n, int | np.integer) and n >= 0 for n in sizes):
        raise ValueError(f"parameter {name!r}: the shape must be a tuple of whole numbers such as (3,), got {shape!r}")
    return tuple(int(n) for n in sizes)


class ParameterVector(_BoundOnce):
    """Parameters side by side in memory: `value` and `grad` are flat arrays, each parameter a view of both.

    Iterating gives the parameters, in the order of their places. Building a vector moves the parameters
    into it: values and gradients that they already hold come along. `bind=False` leaves that for later.

    >>> vector = ParameterVector.from_arrays([np.ones((2, 3)), np.zeros(3)])
    >>> vector.value
    array([1., 1., 1., 1., 1., 1., 0., 0., 0.], dtype=float32)
    >>> [p.shape for p in vector]
    [(2, 3), (3,)]
    """

    def __init__(self, parameters: Iterable[Parameter] = (), dtype: DTypeLike = np.float32, bind: bool = True) -> None:
        self.parameters = list(parameters)
        size = sum(p.size for p in self.parameters)
        try:
            self._bind(np.zeros(size, dtype), np.zeros(size, dtype))
        except (MemoryError, ValueError):  # ValueError: more than any array can have
            gibibytes = 2 * size * np.dtype(dtype).itemsize >> 30
            raise MemoryError(
                f"{size:,} parameters and their gradients need {gibibytes:,} GiB, which is more memory than there is; "
                f"make the layers smaller"
            ) from None
        if bind:
            self.bind()

    def bind(self) -> None:
        """Moves the parameters in."""
        for parameter, place in self.places():
            parameter.bind(self.value[place], self.grad[place])

    def holds(self, parameters: Sequence[Parameter]) -> bool:
        """Whether these, in this order, are its parameters, and lie in it."""
        return self.parameters == parameters and all(p.lies_in(self.value) for p in parameters)

    def __copy__(self) -> Self:
        raise TypeError("a vector cannot share its parameters with a shallow copy: copy.deepcopy(vector) has its own")

    def _why_not_to_assign(self, name: str) -> str:
        return f"cannot rebind the {_BOUND[name]}s of a vector; write vector.{name}[...] = array"

    @classmethod
    def from_arrays(cls, arrays: Iterable[Any], dtype: DTypeLike = np.float32) -> Self:
        """A vector holding copies of these arrays, for using an optimizer without a model."""
        arrays = [np.asarray(a) for a in arrays]
        vector = cls([Parameter(f"parameter_{i}", a.shape) for i, a in enumerate(arrays)], dtype)
        for parameter, array in zip(vector, arrays, strict=True):
            parameter.assign(array)
        return vector

    def places(self) -> Iterator[tuple[Parameter, slice]]:
        """Each parameter with its slice of the flat vectors."""
        start = 0
        for parameter in self.parameters:
            stop = start + parameter.size
            yield parameter, slice(start, stop)
            start = stop

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.value.dtype

    def __getstate__(self) -> dict[str, Any]:
        return {"parameters": self.parameters, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # The views of copied parameters are arrays of their own: lay them out anew.
        self.__init__(state["parameters"], state["dtype"])  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"ParameterVector({len(self)} parameters, {self.size:,} numbers, {self.dtype})"


def floating(array: Any) -> Array:
    """As an array of floating numbers: of its own type where it has one, else of float32."""
    keep = isinstance(array, np.ndarray | np.generic) and np.issubdtype(array.dtype, np.floating)
    return np.asarray(array, None if keep else np.float32)
