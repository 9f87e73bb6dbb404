"""A stack of layers whose parameters live side by side, with Keras's verbs as a façade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import layers as _layers
from .layers import Input, Layer, LayerSpec
from .losses import LossSpec
from .metrics import Metric, MetricSpec
from .optimizers import Optimizer, OptimizerSpec
from .parameters import Array, Parameter, ParameterVector, Shape
from .registry import ArgumentError
from .summary import summarize

if TYPE_CHECKING:
    from .callbacks import CallbackSpec, History
    from .trainer import Trainer


@_layers.register
class Sequential(Layer):
    """A plain stack of layers: the output of each is the input of the next.

    layers: specs or instances, an `Input` first to build at once; without one, the first data builds it.
    seed: governs first weights, shuffling, augmentation and dropout, a stream each; None for fresh entropy.
    dtype: of parameters and computation. Raises ArgumentError for another dtype, TypeError for what is no layer.

    Shapes: (batch, *input) -> (batch, *output of the last layer).

    >>> model = Sequential([Input((4,)), {"dense": {"units": 3, "activation": "softmax"}}], seed=1)
    >>> model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    >>> history = model.fit(np.eye(4)[:3], [0, 1, 2], epochs=50, verbose=0)
    >>> model.predict(np.eye(4)).shape
    (4, 3)
    """

    def __init__(
        self,
        layers: Sequence[LayerSpec] | None = None,
        name: str | None = None,
        seed: int | None = None,
        dtype: str = "float32",
        trainable: bool = True,
    ) -> None:
        if dtype not in ("float32", "float64"):
            raise ArgumentError(f"Sequential: dtype must be 'float32' or 'float64', got {dtype!r}", "dtype")
        super().__init__(name or "sequential", trainable)
        self.seed = seed
        self.dtype = dtype
        self._layers: list[Layer] = []
        streams = np.random.default_rng(seed).spawn(4)
        self._initial_rng, self.shuffle_rng, self.augment_rng, self._noise_rng = streams
        self._backward_layers: list[Layer] = []
        self._trainer: Trainer | None = None
        self._vectors = tuple(ParameterVector(dtype=dtype) for _ in range(3))
        self.history: History | None = None
        self.metadata: dict[str, Any] = {}
        for layer in layers or ():
            self._append(layer)
        self.weights_changed()

    metadata: dict[str, Any]
    """Plain data about the model that is saved with it."""

    @property
    def parameters(self) -> ParameterVector:
        """What the optimizer sees: the trainable parameters."""
        return self._vector(0)

    @property
    def state(self) -> ParameterVector:
        """What nobody differentiates, such as moving averages."""
        return self._vector(1)

    def _vector(self, index: int) -> ParameterVector:
        if not self._vectors:
            raise AttributeError(f"model {self.name!r} is part of {self._owner!r}, which holds the vectors")
        return self._vectors[index]

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

        Raises TypeError for what is no layer, ValueError for a name that is taken, a second Input, or a
        layer that belongs to another model.
        """
        self._append(layer)
        self.weights_changed()

    def _append(self, spec: LayerSpec) -> None:
        layer = _layers.get(spec)
        if isinstance(layer, Input) and self._layers:
            raise ValueError(f"model {self.name!r} has begun already: an Input can only come first")
        if layer._owner is not None or layer is self:
            owner = layer._owner.label if layer._owner is not None else layer.label
            raise ValueError(
                f"layer {layer.label!r} belongs to model {owner!r} already; "
                f"make a copy with {type(layer).__name__}.from_config(layer.get_config())"
            )
        taken = {other.name for other in self._layers}
        if layer.name is None:
            layer.name = _free_name(layer.registered_name or type(layer).__name__.lower(), taken)
        elif layer.name in taken:
            raise ValueError(f"model {self.name!r} has a layer {layer.name!r} already: names must be unique")
        _set_dtype(layer, self.dtype)
        if isinstance(layer, Input):
            shape = tuple(layer.shape)
            layer.declare(shape)
            self.input_shape = self.output_shape = shape
        elif self.output_shape is not None:
            self.output_shape = layer.declare(self.output_shape)
        layer._owner = self
        layer._vectors = ()  # the weights move into the model's own
        self._layers.append(layer)

    def pop(self) -> Layer:
        """Takes the last layer off and returns it; raises ValueError when there is none."""
        if not self.layers:
            raise ValueError(f"model {self.name!r} has no layers to take off")
        layer = self._layers.pop()
        layer._owner = None
        if self.built:
            self.output_shape = self._layers[-1].output_shape
            self.weights_changed()
            layer.allocate()
        return layer

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

    def build(self, shape: Sequence[int | None]) -> Shape:
        """Builds all layers for examples of this shape, with or without a leading None for the batch.

        Raises ValueError when there are no layers, or they do not fit, or it was built for another shape.
        """
        if not self._layers:
            raise ValueError(f"model {self.name!r} has no layers yet: add some before building")
        sizes = tuple(shape[1:] if len(shape) and shape[0] is None else shape)
        if any(not isinstance(n, int | np.integer) or n < 1 for n in sizes):
            raise ValueError(f"model {self.name!r} cannot be built for {tuple(shape)}: only the batch size may be None")
        example: Shape = tuple(int(n) for n in sizes if n is not None)
        if self.built:
            if example != self.input_shape:
                raise ValueError(
                    f"model {self.name!r} takes examples of shape {self.input_shape}, it cannot be built for {example}"
                )
        else:
            output = example
            for layer in self._layers:
                output = layer.declare(output)
            begin = Input(example, name=_free_name("input", {layer.name for layer in self._layers}))
            begin.declare(example)
            begin._owner = self
            self._layers.insert(0, begin)
            self.input_shape, self.output_shape = example, output
        if self._owner is None:
            self.weights_changed()
        assert self.output_shape is not None
        return self.output_shape

    def weights_changed(self) -> None:
        """Lays the vectors out anew after a change of layers or of what may be trained; values are kept."""
        if self._owner is not None:
            self._owner.weights_changed()
            return
        if not self.built:
            return
        self._lay_out()
        for parameter in self.weights:
            parameter.initialize(self._initial_rng)
        if self._trainer is not None:
            self._trainer.optimizer.bind(self.parameters)

    def _lay_out(self) -> None:
        trainable = self.trainable_weights
        seen = {id(p) for p in trainable}
        others = [p for p in self.weights if id(p) not in seen]
        state = [p for p in others if not p.trainable]
        frozen = [p for p in others if p.trainable]
        self._vectors = tuple(ParameterVector(ps, self.dtype) for ps in (trainable, state, frozen))
        self.plan_backward(False)
        for layer in leaves(self):
            if layer.rng is None:
                layer.rng = self._noise_rng.spawn(1)[0]

    def allocate(self, rng: np.random.Generator | None = None) -> None:
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
            assert dy is not None
            dy = layer.backward(dy)
        return dy

    def output_layer(self) -> Layer:
        return self._layers[-1].output_layer() if self._layers else self

    def __call__(self, x: Any, training: bool = False) -> Array:
        """The outputs for a batch, as a new array: (batch, *input) -> (batch, *output).

        Raises ValueError when the examples do not have the model's input shape.
        """
        return self.forward(self._checked(x), training).copy()

    def _checked(self, x: Any) -> Array:
        """x as a batch of the model's type; builds the model if it is not built."""
        x = np.asarray(x, self.dtype)
        if self.input_shape is None:
            if x.ndim == 0:
                raise ValueError(f"model {self.name!r} takes a batch of examples, not the single number {x}")
            self.build(x.shape[1:])
        if x.shape[1:] != self.input_shape:
            hint = "; add a batch axis with x[None]" if x.shape == self.input_shape else ""
            raise ValueError(
                f"model {self.name!r} takes batches of shape (batch, {', '.join(map(str, self.input_shape or ()))}), "
                f"got {x.shape}{hint}"
            )
        return x

    # Training: see trainer.py.

    def compile(
        self,
        optimizer: OptimizerSpec = "rmsprop",
        loss: LossSpec | None = None,
        metrics: Sequence[MetricSpec] | None = None,
        weighted_metrics: Sequence[MetricSpec] | None = None,
    ) -> None:
        """Chooses what training minimizes, how, and which figures it reports.

        metrics do not see sample weights, weighted_metrics do. Raises UnknownNameError or ArgumentError
        for specs that are wrong, TypeError when the metrics are no list.
        """
        from .trainer import Trainer

        self._trainer = Trainer(self, optimizer, loss, metrics, weighted_metrics)
        self.stop_training = False
        if self.built:
            self._trainer.optimizer.bind(self.parameters)

    stop_training = False
    """Set it while `fit` runs to end training after the current batch."""

    @property
    def trainer(self) -> Trainer:
        """What `compile` chose; raises ValueError before that."""
        if self._trainer is None:
            raise ValueError(f"model {self.name!r} is not compiled: call compile(optimizer, loss) first")
        return self._trainer

    @property
    def compiled(self) -> bool:
        return self._trainer is not None

    @property
    def optimizer(self) -> Optimizer:
        return self.trainer.optimizer

    @property
    def metrics(self) -> list[Metric]:
        """The compiled metrics, the weighted ones last."""
        return self._trainer.all_metrics if self._trainer is not None else []

    @property
    def metrics_names(self) -> list[str]:
        """The names under which `evaluate` and the logs report: `loss`, then the metrics."""
        return self.trainer.names

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[CallbackSpec] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
    ) -> History:
        """Trains for epochs `initial_epoch` to `epochs` - 1 and returns the history; arguments as in Keras.

        x: an array with targets y, or an iterable of batches (x,), (x, y) or (x, y, sample_weight), such
        as `framework.data.Batches` or a generator. validation_split: the last share of the arrays,
        taken before shuffling. class_weight: {class: weight}, 1 for those left out. verbose: 0 silent,
        1 or "auto" a progress bar, 2 a line an epoch.

        Raises ValueError for arguments that do not fit each other, before anything is trained.
        """
        from .trainer import fit

        return fit(
            self.trainer,
            x,
            y,
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=shuffle,
            class_weight=class_weight,
            sample_weight=sample_weight,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
        )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[CallbackSpec] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss and the metrics on these examples: a number, a list [loss, *metrics], or a dict by name."""
        logs = self.trainer.evaluate(x, y, batch_size, verbose, sample_weight, steps, callbacks)
        return _as_results(logs, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = 0,
        steps: int | None = None,
        callbacks: Sequence[CallbackSpec] | None = None,
    ) -> Array:
        """The outputs for all examples, as a new array: (n, *input) -> (n, *output)."""
        from .trainer import predict

        return predict(self, x, batch_size, verbose, steps, callbacks)

    def predict_on_batch(self, x: Any) -> Array:
        """The outputs for one batch, with no machinery around it."""
        return self(x)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One step on one batch; the loss returned is that before the step, metrics are running ones."""
        return _as_results(self.trainer.train_on_batch(x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics, running ones, after one more batch."""
        return _as_results(self.trainer.test_on_batch(x, y, sample_weight), return_dict)

    def reset_metrics(self) -> None:
        """Starts the running loss and metrics of the `_on_batch` methods anew."""
        self.trainer.reset()

    # Describing, saving.

    def summary(self, line_length: int | None = None, print_fn: Any = print, show_trainable: bool = False) -> None:
        """Prints the layers with their output shapes and numbers of parameters, in Keras's format."""
        print_fn(summarize(self, line_length, show_trainable))

    def to_json(self) -> str:
        """The configuration, without weights, as JSON."""
        import json

        return json.dumps(self.get_config(), indent=1)

    def to_yaml(self) -> str:
        """The model as YAML, with loss, optimizer and metrics once compiled; `from_yaml` reads it back."""
        from .config import model_to_yaml

        return model_to_yaml(self)

    @staticmethod
    def from_yaml(source: str | Path) -> Sequential:
        """The model that a YAML text, or the file at a path, describes; compiled if it names a loss.

        Raises ConfigError with file, line and column of everything that is wrong.
        """
        from .config import model_from_yaml

        return model_from_yaml(source)

    def save(self, path: str | Path) -> None:
        """Writes the model, configuration and weights, to a .json or .safetensors file, whole or not at all."""
        from .checkpoint import save

        save(self, path)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for layer in self._layers:
            layer._owner = self


def leaves(layer: Layer) -> Iterable[Layer]:
    """The layers that hold no others, in order."""
    if not layer.sublayers:
        yield layer
    for inner in layer.sublayers:
        yield from leaves(inner)


def _set_dtype(layer: Layer, dtype: str) -> None:
    layer.dtype = dtype
    for inner in layer.sublayers:
        _set_dtype(inner, dtype)


def _free_name(base: str, taken: set[str | None]) -> str:
    name, n = base, 0
    while name in taken:
        n += 1
        name = f"{base}_{n}"
    return name


def _as_results(logs: dict[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


__all__ = ["Parameter", "Sequential", "leaves"]
