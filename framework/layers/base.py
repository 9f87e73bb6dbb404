"""The contract of a layer: `build`, `forward` and `backward` on NumPy arrays."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import numpy as np

from .. import constraints, initializers, regularizers
from ..arguments import require
from ..buffers import Buffered
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Parameter, ParameterVector, Shape
from ..registry import ComponentType, Registry, snake_case
from ..regularizers import RegularizerSpec

if TYPE_CHECKING:
    from collections.abc import Callable


def _common(name: str, annotation: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


class LayerType(ComponentType):
    """Lets every layer take Keras's `input_shape` (or `input_dim`): on the first layer, it stands for an `Input`."""

    if not TYPE_CHECKING:  # editors and type checkers go by the constructor, and know what it makes

        def __call__(cls, *arguments: Any, **named: Any) -> Any:  # noqa: N805 - a metaclass
            own = inspect.signature(cls.__init__).parameters if named else ()
            shape = named.pop("input_shape", None) if "input_shape" not in own else None
            if "input_dim" in named and "input_dim" not in own:
                shape = (named.pop("input_dim"),)
            layer = super().__call__(*arguments, **named)
            if shape is not None:
                layer.first_shape = shape
            return layer


class Layer(Buffered, metaclass=LayerType):
    """A differentiable function of a batch, with parameters of its own.

    A layer is three methods. It needs no `super().__init__()`; `build` and `backward` may be left out
    where there are no parameters or no training.

    - `build(shape)`: per-example shape in, per-example shape out; declares the parameters.
    - `forward(x, training=False)`: (batch, *shape) -> (batch, *output shape).
    - `backward(dy)`: from the gradient of the loss with respect to the output, writes the gradient of
      every parameter and returns the gradient with respect to the input.

    Who owns which array:

    1. Never change `x`.
    2. `dy` is yours to overwrite until you return.
    3. Write gradients with `p.grad[...] =`, never `+=`.
    4. What you return stays valid until your next call; whoever wants it longer copies.

    And keep the type: float32 in, float32 out (`x * np.sqrt(2)` is float64, `x * 2**0.5` is not).
    Copies and pickles of a layer leave out what it names in `kept_for_backward`, such as ("x",) below.

    name: what summaries and messages call it; None for the name of its class.
    trainable: whether training changes its weights; False freezes them.

    >>> class Scale(Layer):
    ...     def build(self, shape):
    ...         self.factor = self.add_parameter("factor", shape, "ones")
    ...         return shape
    ...     def forward(self, x, training=False):
    ...         self.x = x
    ...         return x * self.factor.value
    ...     def backward(self, dy):
    ...         self.factor.grad[...] = (dy * self.x).sum(axis=0)
    ...         return dy * self.factor.value
    >>> Scale()(np.ones((2, 3)))
    array([[1., 1., 1.],
           [1., 1., 1.]], dtype=float32)
    """

    common_arguments: ClassVar[dict[str, inspect.Parameter]] = {
        "name": _common("name", str | None, None),
        "trainable": _common("trainable", bool, True),
    }

    name: str | None
    """Unique within a model, which names its nameless layers after their class."""
    dtype: str
    """The type of the parameters: that of the model, float32 unless it says otherwise."""
    needs_dx: bool
    """Whether somebody wants what `backward` returns; when False, it may return None."""
    rng: np.random.Generator | None
    """The layer's own random stream (dropout, noise), given by the model."""
    added_loss: float | None = None
    """What the last `forward` adds to the loss, if the layer adds anything; `backward` adds its gradient to dx."""
    first_shape: Sequence[int] | None = None
    """The shape of a model's examples, where Keras's `input_shape` gave it to the model's first layer."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        # The base's state lives here and not in __init__, so that a user's layer has none to forget.
        layer = super().__new__(cls)
        layer.name = None
        layer.dtype = "float32"
        layer.needs_dx = True
        layer.rng = None
        layer._input_shape = layer._output_shape = None
        layer._trainable = True
        layer._parameters = []
        layer._vectors = ()
        layer._owner = None
        layer._named_by_model = layer._provisional_rng = False
        return layer

    _input_shape: Shape | None
    _output_shape: Shape | None
    _trainable: bool
    _parameters: list[Parameter]
    _vectors: tuple[ParameterVector, ...]
    _owner: Layer | None
    _named_by_model: bool
    _provisional_rng: bool  # made for standing alone; a model replaces it by one of its own

    def __init__(self, name: str | None = None, trainable: bool = True) -> None:
        self.name = name
        self.trainable = trainable
        self.check_common_arguments()

    def check_common_arguments(self) -> None:
        named = isinstance(self.name, str) and self.name != "" and "/" not in self.name
        require(self.name is None or named, self, "name", self.name, "a text without '/', which separates names")

    # The contract.

    def build(self, shape: Shape) -> Shape:
        """Declares the parameters for examples of this shape and returns the shape of their outputs."""
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        """(batch, *shape) -> (batch, *output shape)."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(x, training=False)")

    def backward(self, dy: Array) -> Array | None:
        """Gradient with respect to the output -> gradient with respect to the input of the last forward."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(dy) to be trained")

    def add_parameter(
        self,
        name: str,
        shape: Sequence[int],
        initializer: InitializerSpec = "glorot_uniform",
        trainable: bool = True,
        regularizer: RegularizerSpec | None = None,
        constraint: ConstraintSpec | None = None,
    ) -> Parameter:
        """Declares a parameter; its arrays exist once the layer or its model has been built.

        trainable: False for what is no business of the optimizer, such as moving averages. regularizer: a
        penalty that training adds to the loss. constraint: applied after each step of the optimizer.
        """
        if any(p.name == name for p in self._parameters):
            raise ValueError(f"layer {self.label!r} declares the parameter {name!r} twice")
        draw = functools.partial(_draw, initializers.get(initializer), self.dtype)
        penalty, projection = regularizers.get(regularizer), constraints.get(constraint)
        parameter = Parameter(name, shape, draw, trainable, penalty, projection)
        self._parameters.append(parameter)
        return parameter

    # Being built and called.

    def declare(self, shape: Sequence[int]) -> Shape:
        """Calls `build` once for this per-example shape, and remembers the shapes; allocates nothing.

        Raises ValueError when the layer was built for another shape.
        """
        shape = tuple(shape)
        if self._input_shape is None or self._output_shape is None:
            with undone_on_failure(self):
                output = self.build(shape)
                if not isinstance(output, Sequence):
                    raise TypeError(
                        f"{type(self).__name__}.build must return the per-example output shape, such as (3,), "
                        f"not {output!r}"
                    )
            self._input_shape, self._output_shape = shape, tuple(output)
            self._take_in_sublayers()
        elif shape != self._input_shape:
            raise ValueError(
                f"layer {self.label!r} was built for examples of shape {self._input_shape}, not {shape}; "
                f"make a new one with {type(self).__name__}.from_config(layer.get_config())"
            )
        return self._output_shape

    def _take_in_sublayers(self) -> None:
        """The layers inside belong to this one, which passes on what they say, and have names that tell them apart."""
        taken = {inner.name for inner in self.sublayers}
        for inner in self.sublayers:
            if inner._owner is None:
                inner._owner, inner._vectors = self, ()
            if inner.name is None:
                inner.name, inner._named_by_model = free_name(inner.usual_name, taken), True
                taken.add(inner.name)

    def __call__(self, x: Any, training: bool = False) -> Array:
        """Applies the layer to a batch, building it for that shape on first use; the result is a copy.

        Raises ValueError for examples of another shape; a layer without weights adapts, if it stands alone.
        """
        x = np.asarray(x, self.dtype)
        if x.ndim == 0:
            raise ValueError(f"layer {self.label!r} takes a batch of examples, not the single number {x}")
        if not self.built:
            with undone_on_failure(self):
                self.declare(x.shape[1:])
                self.allocate()
        elif x.shape[1:] != self._input_shape:
            if self._owner is None and not self.weights:
                self._input_shape = self._output_shape = None
            self.declare(x.shape[1:])
        return np.array(self.forward(x, training))

    def allocate(self, rng: np.random.Generator | None = None) -> None:
        """Gives a layer that stands alone its own vectors and first values."""
        if self.rng is None:
            self.rng, self._provisional_rng = np.random.default_rng(), True
        self._vectors = (
            ParameterVector([p for p in self.weights if p.trainable], self.dtype),
            ParameterVector([p for p in self.weights if not p.trainable], self.dtype),
        )
        for parameter in self.weights:
            parameter.initialize(rng)

    @property
    def built(self) -> bool:
        """Whether the shapes, and with them the weights, are there."""
        return self._output_shape is not None

    @property
    def input_shape(self) -> Shape:
        """The shape of one example; AttributeError until the layer is built, so that `hasattr` says so."""
        return self._built_shape(self._input_shape, "input_shape")

    @property
    def output_shape(self) -> Shape:
        """The shape of one output; AttributeError until the layer is built."""
        return self._built_shape(self._output_shape, "output_shape")

    def _built_shape(self, shape: Shape | None, what: str) -> Shape:
        if shape is None:
            raise AttributeError(f"{self.label!r} has no {what} yet: build it, or call it on data, first")
        return shape

    def compute_output_shape(self, shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of the outputs for a batch of this shape, batch axis first (None for any size); builds nothing.

        >>> from framework.layers import Dense
        >>> Dense(3).compute_output_shape((None, 4))
        (None, 3)
        """
        batch, *example = shape
        if None in example:
            raise ValueError(f"layer {self.label!r}: only the batch size may be None, got {tuple(shape)}")
        twin = type(self).from_config(self.get_config())
        return (batch, *twin.declare(tuple(int(n) for n in example if n is not None)))

    def plan_backward(self, needs_dx: bool) -> None:
        """Tells the layer whether anything before it learns; containers pass it on to their layers."""
        self.needs_dx = needs_dx

    def set_dtype(self, dtype: str) -> None:
        """Sets the type of parameters and computation, before anything is built."""
        self.dtype = dtype
        for layer in self.sublayers:
            layer.set_dtype(dtype)

    # The output of a model, seen by a loss that can absorb it.

    def output_layer(self) -> Layer:
        """The layer whose function makes the output: this one, or the last of its parts."""
        return self

    def backward_past_output(self, dy: Array) -> Array | None:
        """`backward` for a `dy` that has been taken through `output_layer()` already (see `Loss.absorbs`)."""
        return dy

    # Weights.

    @property
    def label(self) -> str:
        """What messages call it: its name, or what its class is registered as."""
        return self.name or self.registered_name or type(self).__name__

    @property
    def usual_name(self) -> str:
        """What a model calls it that has no name of its own."""
        return self.registered_name or snake_case(type(self).__name__)

    @property
    def sublayers(self) -> Sequence[Layer]:
        """The layers inside this one, for containers."""
        return ()

    @property
    def trainable(self) -> bool:
        """Whether the optimizer may change the weights; a change reaches the layers inside and acts at once."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._freeze_or_thaw(bool(value))
        self.weights_changed()

    def _freeze_or_thaw(self, trainable: bool) -> None:
        self._trainable = trainable
        for layer in self.sublayers:
            layer._freeze_or_thaw(trainable)

    def weights_changed(self) -> None:
        """Called by a layer inside this one whose set of trainable weights has changed."""
        if self._owner is not None:
            self._owner.weights_changed()

    @property
    def weights(self) -> list[Parameter]:
        """All parameters, in the order in which they were declared."""
        return [*self._parameters, *(p for layer in self.sublayers for p in layer.weights)]

    @property
    def trainable_weights(self) -> list[Parameter]:
        """The parameters that an optimizer sees: none when the layer is frozen."""
        if not self.trainable:
            return []
        own = (p for p in self._parameters if p.trainable)
        return [*own, *(p for layer in self.sublayers for p in layer.trainable_weights)]

    @property
    def non_trainable_weights(self) -> list[Parameter]:
        """The parameters that an optimizer does not see."""
        seen = {id(p) for p in self.trainable_weights}
        return [p for p in self.weights if id(p) not in seen]

    @property
    def losses(self) -> list[float]:
        """What this layer and those inside add to the loss: for their last outputs, and for their trainable weights."""
        outputs = [layer.added_loss for layer in every_layer(self) if layer.added_loss is not None]
        return [*outputs, *(p.regularizer(p.value) for p in self.trainable_weights if p.regularizer is not None)]

    def get_weights(self) -> list[Array]:
        """Copies of all parameter values, in order."""
        return [p.value.copy() for p in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replaces all parameter values; raises ValueError, changing nothing, when number or shapes differ."""
        if not self.built:
            raise ValueError(f"{self.label!r} has no weights yet: build it, or call it on data, first")
        named, arrays = list(named_weights(self)), [np.asarray(w) for w in weights]
        if len(arrays) != len(named):
            raise ValueError(f"{self.label!r} has {len(named)} weights, {len(arrays)} were given")
        for (name, parameter), array in zip(named, arrays, strict=True):
            if array.shape != parameter.shape:
                raise ValueError(f"{self.label!r}: the weight {name!r} has shape {parameter.shape}, got {array.shape}")
        for (_, parameter), array in zip(named, arrays, strict=True):
            parameter.assign(array)

    def count_params(self) -> int:
        """How many numbers its parameters hold."""
        return sum(p.size for p in self.weights)

    def __getstate__(self) -> dict[str, Any]:
        # A copy belongs to nobody until a model takes it in.
        return super().__getstate__() | {"_owner": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.built or vars(self).get("_layers"):
            for inner in self.sublayers:
                inner._owner = self

    def __copy__(self) -> Self:
        raise TypeError(
            f"layer {self.label!r} cannot share its weights with a shallow copy: copy.deepcopy(layer) has its own"
        )


def every_layer(layer: Layer) -> Iterator[Layer]:
    """The layer and all that it holds, at any depth, in order."""
    yield layer
    for inner in layer.sublayers:
        yield from every_layer(inner)


@contextmanager
def undone_on_failure(layer: Layer) -> Iterator[None]:
    """Inside, what raises leaves the layer, and all that it holds, as they were: to be built for a shape that fits."""
    before = [
        (inner, {name: list(value) if isinstance(value, list) else value for name, value in vars(inner).items()})
        for inner in every_layer(layer)
    ]
    try:
        yield
    except BaseException:
        for inner, attributes in before:
            vars(inner).clear()
            vars(inner).update(attributes)
        raise


def free_name(base: str, taken: set[str | None]) -> str:
    """`base`, or `base_1`, `base_2` ..., whichever is not taken."""
    name, n = base, 0
    while name in taken:
        n += 1
        name = f"{base}_{n}"
    return name


def named_weights(layer: Layer, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
    """Every parameter with its path of layer names, such as `dense_1/kernel`."""
    for parameter in layer._parameters:
        yield f"{prefix}{parameter.name}", parameter
    for inner in layer.sublayers:
        yield from named_weights(inner, f"{prefix}{inner.label}/")


def check_weight_specs(
    initializer: InitializerSpec, regularizer: RegularizerSpec | None, constraint: ConstraintSpec | None
) -> None:
    """Refuses what does not describe a weight now, in the constructor, and not when the layer is built."""
    initializers.get(initializer)
    regularizers.get(regularizer)
    constraints.get(constraint)


def _draw(initializer: Callable[..., Array], dtype: str, shape: Shape, rng: np.random.Generator | None) -> Array:
    return initializer(shape, rng=rng, dtype=dtype)


registry: Registry[Layer] = Registry("layer", Layer)
LayerSpec = Annotated[str | Mapping[str, Any] | Layer, registry]
