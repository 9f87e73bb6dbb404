"""Training: one step, and one pass over the data; `loops.py` puts `fit` around them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import losses as _losses
from . import metrics as _metrics
from . import optimizers as _optimizers
from .data.batches import Batches
from .data.sources import Source, checked_class_weight, weights_of_classes
from .examination import check_finite
from .losses import LossSpec
from .meanings import meanings
from .metrics import Metric, MetricSpec
from .optimizers import OptimizerSpec
from .parameters import Array, Shape

if TYPE_CHECKING:
    from .callbacks import CallbackList
    from .divergence import DivergenceError
    from .layers import Layer
    from .run import Run
    from .sequential import Sequential

Logs = dict[str, Any]


class Trainer:
    """Minimizes a loss of a model with an optimizer, and reports metrics.

    It knows no concrete layer: the loss says whether it absorbs the output layer, the optimizer sees
    the model's vectors.
    """

    def __init__(
        self,
        model: Sequential,
        optimizer: OptimizerSpec,
        loss: LossSpec | None,
        metrics: Sequence[MetricSpec] | None = None,
        weighted_metrics: Sequence[MetricSpec] | None = None,
    ) -> None:
        self.model = model
        self.optimizer = _optimizers.get(optimizer)
        self.loss = None if loss is None else _losses.get(loss)
        self.metrics = _named_metrics(metrics, "metrics")
        self.weighted_metrics = _named_metrics(weighted_metrics, "weighted_metrics")
        for metric in self.weighted_metrics:
            if metric.name in {m.name for m in self.metrics}:
                metric.name = f"weighted_{metric.name}"
        self._check_names()
        self._check_loss()
        given = [loss, *(metrics or ()), *(weighted_metrics or ())]
        self._given_as_text = [name for name, spec in zip(self.names, given, strict=True) if isinstance(spec, str)]
        self._told: dict[str, str] = {}
        self._loss_sum = 0.0
        self._samples = 0
        self._absorbed: Layer | None = None
        self.run = None

    run: Run | None
    """The course of the `fit` at work; None between two."""

    stops_on_nonfinite = False
    """Whether a loss that is NaN or infinite is an error; `fit` sets it, unless a callback judges the loss."""
    batch: int | None = None
    """Which batch of a pass is at work, counted from 0."""

    @property
    def all_metrics(self) -> list[Metric]:
        return [*self.metrics, *self.weighted_metrics]

    @property
    def names(self) -> list[str]:
        """The names of the figures in the logs."""
        return ["loss", *(str(m.name) for m in self.all_metrics)]

    def news(self, target_shape: Shape | None = None) -> dict[str, str]:
        """What the names given for the loss and the metrics stand for, as far as it can be told and was not before."""
        parts = {"loss": self.loss} | {str(metric.name): metric for metric in self.all_metrics}
        untold = {name: parts[name] for name in self._given_as_text if name not in self._told}
        output_shape = self.model.output_shape if self.model.built else None
        fresh = meanings(untold, self.loss, output_shape, target_shape)
        self._told.update(fresh)
        return fresh

    def _check_names(self) -> None:
        names = self.names
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two figures would be reported as {name!r}: give a metric another name")

    def _check_loss(self) -> None:
        loss = self.loss
        if getattr(loss, "reduction", "sum") in ("none", None):
            raise ValueError(f"{loss!r} gives a loss for every sample: to train, use reduction='sum_over_batch_size'")
        if loss is None or loss.absorbs is None or not getattr(loss, "from_logits", False):
            return
        if isinstance(self.model.output_layer(), loss.absorbs):
            warnings.warn(
                f"the loss {loss!r} expects logits, but model {self.model.name!r} ends in {loss.absorbs.__name__}: "
                f"leave one of the two out",
                stacklevel=5,
            )

    # One batch.

    def prepare(self) -> None:
        """Finds out, before a pass or a single batch, what stays the same in all of its steps."""
        loss, output = self.required_loss(), self.model.output_layer()
        self._absorbed = output if loss.can_absorb(output) else None

    def step(self, x: Array, y: Array, sample_weight: Array | None = None) -> float:
        """Forward, loss, backward, update; returns the loss before the update.

        Where it `stops_on_nonfinite`, raises DivergenceError instead of an update by a loss that is NaN or infinite.
        """
        with _quietly():
            y_pred = self.model.forward(x, True)
            value = self._differentiate(y, y_pred, sample_weight)
            if self.stops_on_nonfinite and not math.isfinite(value):
                raise self._diverged(value, x, y, sample_weight)
            self.optimizer.step()
        self._track(value, y, y_pred, sample_weight)
        return value

    def _differentiate(self, y: Array, y_pred: Array, sample_weight: Array | None) -> float:
        """The loss of predictions that `forward` has just made; writes all gradients."""
        model, loss = self.model, self.loss
        assert loss is not None
        if self._absorbed is not None:
            value, dy = loss.fused_value_and_gradient(y, self._absorbed, y_pred, sample_weight)
            model.backward_past_output(dy)
        else:
            value, dy = loss.buffered_value_and_gradient(y, y_pred, sample_weight)
            model.backward(dy)
        return value + model.penalty(gradients=True)

    def _diverged(self, value: float, x: Array, y: Array, sample_weight: Array | None) -> DivergenceError:
        from .divergence import diagnosis

        def value_again(y_pred: Array) -> float:
            loss = self.required_loss()
            if self._absorbed is not None:
                return loss.fused_value(y, self._absorbed, y_pred, sample_weight)
            return float(loss(y, y_pred, sample_weight))

        step, loss_name = self.optimizer.iterations + 1, type(self.loss).__name__
        error = diagnosis(self.model, x, y, float(value), step, value_again, loss_name)
        error.batch = self.batch
        return error

    def test_step(self, x: Array, y: Array, sample_weight: Array | None = None) -> float:
        """Forward and loss, without learning; where the loss absorbs the output layer, no probability is clipped."""
        model, loss = self.model, self.loss
        assert loss is not None
        with _quietly():
            y_pred = model.forward(x, False)
            if self._absorbed is not None:
                value = loss.fused_value(y, self._absorbed, y_pred, sample_weight)
            else:
                value = float(loss(y, y_pred, sample_weight))
            value += model.penalty()
        self._track(value, y, y_pred, sample_weight)
        return value

    def required_loss(self) -> _losses.Loss:
        """The loss; raises ValueError when the model was compiled without one."""
        if self.loss is None:
            raise ValueError(f"model {self.model.name!r} was compiled without a loss: there is nothing to minimize")
        return self.loss

    def _targets(self, y: Array | None) -> Array:
        if y is None:
            raise ValueError(f"model {self.model.name!r} needs targets y to compute its loss")
        return y

    # Running figures.

    def reset(self) -> None:
        """Starts the running loss and metrics anew."""
        self._loss_sum, self._samples = 0.0, 0
        for metric in self.all_metrics:
            metric.reset_state()

    def _track(self, loss: float, y: Array, y_pred: Array, sample_weight: Array | None) -> None:
        self._loss_sum += float(loss) * len(y_pred)
        self._samples += len(y_pred)
        for metric in self.metrics:
            metric.update_state(y, y_pred)
        for metric in self.weighted_metrics:
            metric.update_state(y, y_pred, sample_weight)

    def logs(self) -> Logs:
        """The running figures as plain numbers; the loss is the mean over all examples so far."""
        logs: Logs = {"loss": self._loss_sum / self._samples if self._samples else 0.0}
        for metric in self.all_metrics:
            result = metric.result()
            logs[str(metric.name)] = result.tolist() if hasattr(result, "tolist") else result
        return logs

    def get_figures(self) -> dict[str, Any]:
        """What the running loss and metrics have gathered since the last reset, as plain data and arrays."""
        metrics = [metric.get_state() for metric in self.all_metrics]
        return {"loss": self._loss_sum, "examples": self._samples, "metrics": metrics}

    def set_figures(self, figures: Mapping[str, Any]) -> None:
        """Goes on from what `get_figures` gave; raises KeyError, TypeError or ValueError when it does not fit."""
        for metric, state in zip(self.all_metrics, figures["metrics"], strict=True):
            metric.set_state(state)
        self._loss_sum, self._samples = float(figures["loss"]), int(figures["examples"])

    # Single batches, for users' own loops.

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any, class_weight: Mapping[int, float] | None) -> Logs:
        if class_weight is not None:
            targets = None if y is None else np.asarray(y)
            sample_weight = weights_of_classes(targets, checked_class_weight(class_weight), sample_weight)
        return self._on_batch(self.step, x, y, sample_weight)

    def test_on_batch(self, x: Any, y: Any, sample_weight: Any) -> Logs:
        return self._on_batch(self.test_step, x, y, sample_weight)

    def _on_batch(self, step: Callable[..., float], x: Any, y: Any, sample_weight: Any) -> Logs:
        x = self.model.checked(x)
        y = None if y is None else np.asarray(y)
        weight = None if sample_weight is None else np.asarray(sample_weight, self.model.dtype)
        self.check(x, y)
        self.reset()
        self.prepare()
        with self.model.lock:
            step(x, y, weight)
        return self.logs()

    # Whole passes.

    def check(self, x: Array, y: Array | None) -> None:
        """Raises ValueError when a batch, or all of the data, does not fit the model or the loss."""
        model = self.model
        if not model.built:
            model.build(x.shape[1:])
        if x.shape[1:] != model.input_shape:
            raise ValueError(
                f"model {model.name!r} takes examples of shape {model.input_shape}, got {x.shape[1:]} "
                f"(x has shape {x.shape})"
            )
        y = self._targets(y)
        if len(x) != len(y):
            raise ValueError(f"x has {len(x)} examples and y has {len(y)}")
        check_finite("the target", y)
        if model.output_shape:
            self.required_loss().check_targets(y, model.output_shape)

    def check_all(self, source: Source) -> None:
        """`check` for all of the data at once, where they are arrays; those in memory must be finite, and to scale.

        What lies on disk, and what an iterable gives, is looked at batch by batch.
        """
        if not isinstance(source.batches, Batches):
            return
        from .input_scale import check_scale_of_batches

        self.check(source.batches.x, source.batches.y)
        if source.batches.sample_weight is not None:
            check_finite("sample_weight", source.batches.sample_weight)
        if source.seen_at_once:
            check_finite("x", source.batches.x)
        check_scale_of_batches(self.model, source.batches)

    def check_batch(self, x: Array, y: Array | None, sample_weight: Array | None = None) -> None:
        """`check` for a batch that nobody has seen before it came."""
        try:
            self.check(x, y)
            check_finite("x", x)
            if sample_weight is not None:
                check_finite("sample_weight", sample_weight)
        except ValueError as error:
            raise ValueError(f"batch {(self.batch or 0) + 1}: {error}") from None

    def run_epoch(self, run: Run, callbacks: CallbackList) -> Logs:
        """Trains on an epoch of batches, or on what is left of it, until somebody asks to stop."""
        if not run.batch:
            self.reset()
        elif self.model.stop_training:  # somebody had asked for it when the run was cut off
            return self.logs()
        lock = self.model.lock  # over the figures, too: they look at predictions that the next call overwrites
        begins, ends = callbacks.listens("on_train_batch_begin"), callbacks.listens("on_train_batch_end")
        for x, y, sample_weight in self._batches(run.source, run.batch):
            if begins:
                callbacks.call("on_train_batch_begin", run.batch, {})
            with lock:
                self.step(x, y, sample_weight)
            run.batch += 1
            if ends:
                callbacks.call("on_train_batch_end", run.batch - 1, self.logs())
            if self.model.stop_training:
                break
        return self.logs()

    def run_test(self, source: Source, callbacks: CallbackList) -> Logs:
        """Evaluates one pass of batches."""
        self.reset()
        callbacks.call("on_test_begin", {})
        lock = self.model.lock
        begins, ends = callbacks.listens("on_test_batch_begin"), callbacks.listens("on_test_batch_end")
        for number, (x, y, sample_weight) in enumerate(self._batches(source)):
            if begins:
                callbacks.call("on_test_batch_begin", number, {})
            with lock:
                self.test_step(x, y, sample_weight)
            if ends:
                callbacks.call("on_test_batch_end", number, self.logs())
        logs = self.logs()
        callbacks.call("on_test_end", logs)
        return logs

    def _batches(self, source: Source, first: int = 0) -> Iterator[tuple[Array, Any, Array | None]]:
        """The batches of an epoch from `first` on; those of which nobody has seen the whole are checked one by one."""
        self.prepare()
        unchecked = not source.seen_at_once
        for number, (x, y, sample_weight) in enumerate(source.epoch(first), first):
            self.batch = number
            if unchecked:
                self.check_batch(x, y, sample_weight)
            yield x, y, sample_weight


def _quietly() -> np.errstate:
    """Without NumPy's warnings: a run that diverges shows in its loss."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def _named_metrics(specs: Sequence[MetricSpec] | None, argument: str) -> list[Metric]:
    """The metrics, each reported under the name that the user gave it."""
    if specs is None:
        return []
    if isinstance(specs, str | Mapping) or not isinstance(specs, Sequence):
        raise TypeError(f"{argument} must be a list, got {specs!r}; write [{specs!r}]")
    metrics = []
    for spec in specs:
        metric = _metrics.get(spec)
        if isinstance(spec, str):
            metric.name = spec
        if not metric.compares:
            raise ValueError(f"{argument}: {spec!r} takes plain numbers, it cannot compare predictions with targets")
        metrics.append(metric)
    return metrics
