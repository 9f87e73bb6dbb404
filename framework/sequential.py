"""A stack of layers whose parameters live side by side, with Keras's verbs as a façade."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from . import layers as _layers
from .layers import LayerSpec
from .layers.stack import Stack
from .parameters import Array

if TYPE_CHECKING:
    from pathlib import Path

    from .callbacks import CallbackSpec, History
    from .losses import LossSpec
    from .metrics import Metric, MetricSpec
    from .optimizers import Optimizer, OptimizerSpec
    from .trainer import Trainer


@_layers.register
class Sequential(Stack):
    """A plain stack of layers: the output of each is the input of the next.

    layers: specs or instances, an `Input` first to build at once; without one, the first data builds it.
    seed: governs first weights, shuffling, augmentation and dropout, a stream each; None for fresh entropy.
    dtype: of parameters and computation. Raises ArgumentError for another dtype, TypeError for what is no layer.

    Models are independent objects. Several threads may predict with one at once, also while another trains it;
    then they see the weights between two steps. One at a time may train or evaluate it.

    Shapes: (batch, *input) -> (batch, *output of the last layer).

    >>> import numpy as np
    >>> from framework import Input
    >>> model = Sequential([Input((4,)), {"dense": {"units": 3, "activation": "softmax"}}], seed=1)
    >>> model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    sequential: loss = SparseCategoricalCrossentropy, accuracy = SparseCategoricalAccuracy
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
        self._trainer: Trainer | None = None
        self.history: History | None = None
        self.metadata: dict[str, Any] = {}
        super().__init__(layers, name or "sequential", seed, dtype, trainable)
        self._named_by_model = name is None

    metadata: dict[str, Any]
    """Plain data about the model that is saved with it."""

    def taking_turns(self) -> _Turn:
        """Inside, no other thread trains or evaluates the model; RuntimeError where one does so already."""
        return _Turn(self)

    def weights_changed(self) -> None:
        super().weights_changed()
        if self._trainer is not None and self._owner is None and self.built:
            self._trainer.optimizer.bind(self.parameters)

    # Training: see trainer.py and loops.py.

    def compile(
        self,
        optimizer: OptimizerSpec = "rmsprop",
        loss: LossSpec | None = None,
        metrics: Sequence[MetricSpec] | None = None,
        weighted_metrics: Sequence[MetricSpec] | None = None,
    ) -> None:
        """Chooses what training minimizes, how, and which figures it reports.

        metrics do not see sample weights, weighted_metrics do. Prints which classes the names of the loss and the
        metrics stand for; a name that depends on shapes, such as accuracy, is settled by the data at the latest.

        Raises UnknownNameError or ArgumentError
        for specs that are wrong, TypeError when the metrics are no list, ValueError for names that are
        taken twice, a loss that gives no single number, or in a model that is part of another.
        """
        self._compile(optimizer, loss, metrics, weighted_metrics)
        announce(self.name, self.trainer.news())

    def _compile(self, optimizer: Any, loss: Any, metrics: Any, weighted_metrics: Any) -> None:
        """`compile` without a word."""
        from .trainer import Trainer

        self._check_standing_alone("be compiled")
        trainer = Trainer(self, optimizer, loss, metrics, weighted_metrics)
        trainer.optimizer.check_free_for(self.weights)
        if self.built:
            trainer.optimizer.bind(self.parameters)
        self._trainer = trainer
        self.stop_training = False

    @property
    def stop_training(self) -> bool:
        """Set it while `fit` runs to end training after the current batch; an interruption ends it as well."""
        return self.stopped or self.interrupted

    @stop_training.setter
    def stop_training(self, stop: bool) -> None:
        self.stopped = bool(stop)

    stopped = False
    """Whether `fit` has come to its end by its own rules, such as early stopping."""
    interrupted = False
    """Whether an error or a signal, and not its own rules, ended the last `fit`."""

    @property
    def trainer(self) -> Trainer:
        """What `compile` chose; raises ValueError before that, and while the model is part of another."""
        if self._trainer is None:
            raise ValueError(f"model {self.name!r} is not compiled: call compile(optimizer, loss) first")
        self._check_standing_alone("be trained or evaluated")
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

        Raises ValueError for arguments that do not fit each other, and for data that cannot be meant, with the
        first offender, before anything is trained: values that are not finite, targets that the loss does not
        know, images of 0 to 255 that reach the first kernel unscaled. Raises DivergenceError, which says where
        it began, when the loss of a batch or a weight becomes NaN or infinite, unless a callback such as
        TerminateOnNaN judges the loss; RuntimeError while another thread trains or evaluates the model.
        """
        from .loops import fit

        with self.taking_turns():
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
        from .loops import evaluate

        with self.taking_turns():
            logs = evaluate(self.trainer, x, y, batch_size, verbose, sample_weight, steps, callbacks)
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
        from .loops import predict

        with self.taking_turns() if callbacks else nullcontext():  # a callback may put other weights into the model
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
        """One step on one batch; returns its loss and metrics, those before the step."""
        with self.taking_turns():
            return _as_results(self.trainer.train_on_batch(x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """The loss and the metrics of one batch."""
        with self.taking_turns():
            return _as_results(self.trainer.test_on_batch(x, y, sample_weight), return_dict)

    def reset_metrics(self) -> None:
        """Starts the running loss and metrics anew."""
        self.trainer.reset()

    # Describing, saving.

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] = print,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Prints the layers with their output shapes and numbers of parameters, in Keras's format.

        print_fn: gets the whole text. expand_nested: whether to show the layers inside of layers. The other
        arguments are those of `framework.summary.summarize`, which returns the text.
        """
        from .summary import summarize

        print_fn(summarize(self, line_length, positions, expand_nested, show_trainable, layer_range))

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

    @staticmethod
    def from_json(text: str) -> Sequential:
        """The model that `to_json` described, with fresh weights; raises ValueError for other or endless JSON."""
        from .checkpoint import check_size
        from .json_text import parse

        config, _ = parse(text.encode())
        check_size(config)
        if not isinstance(config, dict):
            raise ValueError(f"a model in JSON is a mapping of its arguments, as to_json gives it, got {text[:40]!r}")
        return Sequential.from_config(config)

    def save_weights(self, path: str | Path) -> None:
        """Writes the weights alone to a .json or .safetensors file, whole or not at all."""
        from .checkpoint import save_weights

        with self.lock:
            save_weights(self, path)

    def load_weights(self, path: str | Path, skip_mismatch: bool = False, allow_nonfinite: bool = False) -> None:
        """Takes the weights of the same names from a file that `save_weights` or `save` has written.

        skip_mismatch: whether to leave alone what the file does not have, or has in another shape. allow_nonfinite:
        whether weights may be NaN or infinite. Raises CheckpointError, changing nothing, when the file does not fit.
        """
        from .checkpoint import load_weights

        with self.lock:
            load_weights(self, path, skip_mismatch, allow_nonfinite)

    def save(self, path: str | Path, overwrite: bool = True) -> None:
        """Writes the model, configuration and weights, to a .json or .safetensors file, whole or not at all.

        overwrite: whether a file that is there is replaced; otherwise it is a FileExistsError.
        """
        from .checkpoint import save

        with self.lock:
            save(self, path, overwrite)


class _Turn:
    """A generator would do, and take twice the time, which is felt in single steps of the smallest models."""

    def __init__(self, model: Sequential) -> None:
        self._model = model

    def __enter__(self) -> None:
        if not self._model._turn.acquire(blocking=False):
            raise RuntimeError(
                f"model {self._model.name!r} is being trained or evaluated in another thread: wait until that ends; "
                f"only predictions can be made meanwhile"
            )

    def __exit__(self, *_: object) -> None:
        self._model._turn.release()


def announce(name: str | None, meanings: Mapping[str, str]) -> None:
    """Tells people what the names that they gave stand for."""
    if meanings:
        print(f"{name}: {', '.join(f'{figure} = {cls}' for figure, cls in meanings.items())}")


def _as_results(logs: dict[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
