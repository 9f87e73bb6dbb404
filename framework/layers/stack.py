"""The stack of layers: how it is built, where its parameters lie, and how data and gradients run through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import RLock
from typing import Any, Self

import numpy as np

from ..arguments import require
from ..parameters import Array, Parameter, ParameterVector, Shape
from .base import Layer, LayerSpec, every_layer, free_name, registry, undone_on_failure
from .input import Input


class Stack(Layer):
    """Layers on top of each other, with all their parameters in vectors of the stack's own.

    It is a layer itself; inside of another one it leaves the vectors to the outermost. Constructor
    arguments as in `Sequential`, which adds Keras's verbs.

    Shapes: (batch, *input) -> (batch, *output of the last layer).
    """

    _lock: RLock
    _turn: RLock

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        stack = super().__new__(cls, *args, **kwargs)
        stack._lock, stack._turn = RLock(), RLock()  # here, so that copies have their own
        return stack

    def __init__(
        self,
        layers: Sequence[LayerSpec] | None = None,
        name: str | None = None,
        seed: int | None = None,
        dtype: str = "float32",
        trainable: bool = True,
    ) -> None:
        require(dtype in ("float32", "float64"), self, "dtype", dtype, "'float32' or 'float64'")
        self._layers: list[Layer] = []
        self._backward_layers: list[Layer] = []
        self._penalized: list[Parameter] = []
        self._adding: list[Layer] = []
        super().__init__(name, trainable)
        self.seed = seed
        self.dtype = dtype
        self._vectors = tuple(ParameterVector(dtype=dtype) for _ in range(3))
        streams = np.random.default_rng(seed).spawn(4)
        self._initial_rng, self.shuffle_rng, self.augment_rng, self._noise_rng = streams
        if isinstance(layers, Layer | str | Mapping):
            raise TypeError(f"the layers of a model are a list, got {layers!r}; write [{layers!r}]")
        try:
            for layer in layers or ():
                self._append(layer)
        except BaseException:
            for layer in self._layers:  # nobody will have this model: they are free again
                layer._owner = None
            raise
        self.weights_changed()

    @property
    def parameters(self) -> ParameterVector:
        """What the optimizer sees: the trainable parameters."""
        return self._vector(0)

    @property
    def state(self) -> ParameterVector:
        """What nobody differentiates, such as moving averages."""
        return self._vector(1)

    def _vector(self, index: int) -> ParameterVector:
        if self._owner is not None:
            raise AttributeError(f"model {self.name!r} is part of {self._owner.label!r}, which holds the vectors")
        if not self._vectors:  # a copy of what was part of another model
            self._lay_out()
        return self._vectors[index]

    @property
    def lock(self) -> RLock:
        """Held during each call and each step of training: layers keep what their last call saw.

        A thread that changes or copies the weights by hand, while others may be at work with the model, holds it, too.
        """
        owner = self._owner
        if owner is None:
            return self._lock
        outermost = self
        while owner is not None:
            if isinstance(owner, Stack):
                outermost = owner
            owner = owner._owner
        return outermost._lock

    # The stack.

    @property
    def layers(self) -> list[Layer]:
        """The layers in order, without the Input."""
        return [layer for layer in self._layers if not isinstance(layer, Input)]

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("the layers of a model cannot be assigned; use add(layer) and pop()")

    @property
    def sublayers(self) -> Sequence[Layer]:
        return self._layers

    def add(self, layer: LayerSpec) -> None:
        """Puts a layer on top; in a model that is built, it is built at once, and the others keep their weights.

        Raises TypeError for what is no layer, ValueError for a name that is taken, a second Input, a layer
        that belongs to another model, or in a model that is part of another.
        """
        self._check_standing_alone("get another layer")
        layer = registry.create(layer)
        try:
            with undone_on_failure(self), undone_on_failure(layer):
                self._append(layer)
                self.weights_changed()
        except BaseException:
            self.weights_changed()  # the weights of the others may lie in vectors that are not there any more
            raise

    def _append(self, spec: LayerSpec) -> None:
        layer = registry.create(spec)
        if not self._layers and not isinstance(layer, Input):
            begin = layer.input_shape if isinstance(layer, Stack) and layer.built else layer.first_shape
            if begin is not None:
                self._append(Input(begin))
        if isinstance(layer, Input) and self._layers:
            raise ValueError(f"model {self.name!r} has begun already: an Input can only come first")
        if layer._owner is not None or layer is self:
            owner = layer._owner.label if layer._owner is not None else layer.label
            raise ValueError(
                f"layer {layer.label!r} belongs to model {owner!r} already; "
                f"copy.deepcopy(layer) is one of its own with the same weights"
            )
        taken = {other.name for other in self._layers}
        if layer.name is None or layer._named_by_model:
            layer.name, layer._named_by_model = free_name(layer.usual_name, taken), True
        elif layer.name in taken:
            raise ValueError(f"model {self.name!r} has a layer {layer.name!r} already: names must be unique")
        layer.set_dtype(self.dtype)
        if not self.trainable:
            layer._freeze_or_thaw(False)
        layer._owner = self  # before it is built: this model gives it memory and first values
        try:
            if isinstance(layer, Input):
                self._input_shape = self._output_shape = layer.declare(tuple(layer.shape))
            elif self._output_shape is not None:
                self._output_shape = layer.declare(self._output_shape)
        except BaseException:  # whatever it was: the layer was not taken in
            layer._owner = None
            raise
        layer._vectors = ()
        self._layers.append(layer)

    def pop(self) -> Layer:
        """Takes the last layer off and returns it; raises ValueError when there is none."""
        self._check_standing_alone("lose a layer")
        if not self.layers:
            raise ValueError(f"model {self.name!r} has no layers to take off")
        layer = self._layers.pop()
        layer._owner = None
        if self.built:
            self._output_shape = self._layers[-1].output_shape if self._layers else None
            self.weights_changed()
            layer.allocate()
        return layer

    def _check_standing_alone(self, what: str) -> None:
        if self._owner is not None:
            raise ValueError(f"model {self.name!r} is part of {self._owner.label!r}: by itself it cannot {what}")

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of that name or at that index; raises ValueError with the names that exist."""
        if (name is None) == (index is None):
            raise ValueError("get_layer takes either a name or an index")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"model {self.name!r} has {len(layers)} layers, there is no index {index}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(
            f"model {self.name!r} has no layer {name!r} (layers: {', '.join(str(layer.name) for layer in layers)})"
        )

    # Building. A nested model only declares; the outermost one allocates for all.

    def build(self, input_shape: Sequence[int | None]) -> Shape:
        """Builds all layers for examples of this shape, with or without a leading None for the batch.

        Raises ValueError when there are no layers, or they do not fit, or it was built for another shape.
        """
        if not self._layers:
            raise ValueError(f"model {self.name!r} has no layers yet: add some before building")
        sizes = tuple(input_shape[1:] if len(input_shape) and input_shape[0] is None else input_shape)
        if any(not isinstance(n, int | np.integer) or n < 1 for n in sizes):
            raise ValueError(
                f"model {self.name!r} cannot be built for {tuple(input_shape)}: only the batch size may be None"
            )
        example: Shape = tuple(int(n) for n in sizes if n is not None)
        if self.built and example != self.input_shape:
            raise ValueError(
                f"model {self.name!r} takes examples of shape {self.input_shape}, it cannot be built for {example}"
            )
        with undone_on_failure(self):
            if not self.built:
                output = example
                for layer in self._layers:
                    output = layer.declare(output)
                begin = Input(example, name=free_name("input", {layer.name for layer in self._layers}))
                begin.declare(example)
                begin._owner = self
                self._layers.insert(0, begin)
                self._input_shape, self._output_shape = example, output
            if self._owner is None:
                self.weights_changed()
        return self.output_shape

    def compute_output_shape(self, shape: Sequence[int | None]) -> tuple[int | None, ...]:
        with declared_only():
            return super().compute_output_shape(shape)

    def weights_changed(self) -> None:
        """Lays the vectors out anew after a change of layers or of what may be trained; values are kept."""
        if self._owner is not None:
            self._owner.weights_changed()
            return
        if not self.built or not _allocating.get():
            return
        self._lay_out()
        for parameter in self.weights:
            parameter.initialize(self._initial_rng)

    def _lay_out(self) -> None:
        trainable = self.trainable_weights
        seen = {id(p) for p in trainable}
        others = [p for p in self.weights if id(p) not in seen]
        state = [p for p in others if not p.trainable]
        frozen = [p for p in others if p.trainable]
        parts = [trainable, state, frozen]
        lie_there = (vector.holds(part) for vector, part in zip(self._vectors, parts, strict=False))
        if not self._vectors or not all(lie_there):
            self._vectors = tuple(ParameterVector(part, self.dtype, bind=False) for part in parts)
            for vector in self._vectors:  # when there is memory for all of them, and not before
                vector.bind()
        self._penalized = [p for p in trainable if p.regularizer is not None]
        self._adding = list(every_layer(self))
        self.plan_backward(False)
        for layer in leaves(self):
            if layer.rng is None or layer._provisional_rng:
                layer._provisional_rng = False
                layer.rng = self._noise_rng.spawn(1)[0]

    def allocate(self, rng: np.random.Generator | None = None) -> None:
        if rng is not None:
            self._initial_rng = rng
        self.weights_changed()

    def plan_backward(self, needs_dx: bool) -> None:
        """Decides which layers take part in `backward`: those with something to learn at or before them."""
        self.needs_dx = needs_dx
        taking_part = []
        for layer in self._layers:
            layer.plan_backward(needs_dx)
            needs_dx = needs_dx or bool(layer.trainable_weights)
            if needs_dx:
                taking_part.append(layer)
        self._backward_layers = taking_part[::-1]

    # Computing.

    def forward(self, x: Array, training: bool = False) -> Array:
        for layer in self._layers:
            x = layer.forward(x, training)
        return x

    def backward(self, dy: Array) -> Array | None:
        return self._backward(dy, self._backward_layers)

    def backward_past_output(self, dy: Array) -> Array | None:
        if not self._backward_layers:
            return None
        last, *others = self._backward_layers
        return self._backward(last.backward_past_output(dy), others)

    def _backward(self, dy: Array | None, layers: Iterable[Layer]) -> Array | None:
        for layer in layers:
            if dy is None:
                raise TypeError(f"layer {layer.label!r} has something to learn, but the one after it returned no dx")
            dy = layer.backward(dy)
        return dy

    def penalty(self, gradients: bool = False) -> float:
        """What layers and regularizers add to the loss after a forward pass.

        gradients: whether to add, to the gradients that `backward` has written, those of the regularizers.
        """
        total = 0.0
        for layer in self._adding:
            if layer.added_loss is not None:
                total += layer.added_loss
        for parameter in self._penalized:
            regularizer = parameter.regularizer
            assert regularizer is not None
            total += regularizer(parameter.value)
            if gradients:
                regularizer.add_gradient(parameter.value, parameter.grad)
        return total

    def output_layer(self) -> Layer:
        return self._layers[-1].output_layer() if self._layers else self

    def __call__(self, x: Any, training: bool = False) -> Array:
        """The outputs for a batch, as a new array: (batch, *input) -> (batch, *output).

        Several threads may call it at once. Raises ValueError when the examples do not have the model's input shape.
        """
        with self.lock:
            return np.array(self.forward(self.checked(x), training))

    def get_weights(self) -> list[Array]:
        with self.lock:
            return super().get_weights()

    def set_weights(self, weights: Sequence[Any]) -> None:
        with self.lock:
            super().set_weights(weights)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        del state["_lock"], state["_turn"]
        return state

    def checked(self, x: Any) -> Array:
        """x as a batch of the model's type; builds the model if it is not built."""
        batch: Array = np.asarray(x, self.dtype)
        if batch.shape[1:] == self._input_shape:
            return batch
        if not self.built:
            if batch.ndim == 0:
                raise ValueError(f"model {self.name!r} takes a batch of examples, not the single number {batch}")
            self.build(batch.shape[1:])
        if batch.shape[1:] != self.input_shape:
            hint = "; add a batch axis with x[None]" if batch.shape == self.input_shape else ""
            raise ValueError(
                f"model {self.name!r} takes batches of shape (batch, {', '.join(map(str, self.input_shape))}), "
                f"got {batch.shape}{hint}"
            )
        return batch


_allocating = ContextVar("_allocating", default=True)


@contextmanager
def declared_only() -> Iterator[None]:
    """Inside, models are built, but get no memory for their weights until `weights_changed()` is called."""
    token = _allocating.set(False)
    try:
        yield
    finally:
        _allocating.reset(token)


def leaves(layer: Layer) -> Iterable[Layer]:
    """The layers that hold no others, in order."""
    if not layer.sublayers:
        yield layer
    for inner in layer.sublayers:
        yield from leaves(inner)
