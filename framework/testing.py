"""Checks that prove a layer, a loss or an optimizer right, for the built-in classes and for your own.

Each takes a class, a function that makes an instance, or an instance, raises `CheckFailedError` with the
check that failed and the numbers, and returns the names of the checks that passed.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .layers import Input, Layer
from .layers import registry as layer_registry
from .losses import Loss
from .optimizers import Optimizer
from .parameters import Array, ParameterVector, Shape
from .registry import Configurable, plain

Built = TypeVar("Built", bound=Configurable)

BATCH = 5
STEP = 1e-5
"""Of the central differences, in float64."""
TOLERANCE = 1e-5
"""Largest relative difference between a derivative and its numeric value."""


class CheckFailedError(AssertionError):
    """A class breaks its contract; the message says which part, and by how much."""


def check_layer(
    make: Callable[[], Layer] | Layer,
    shape: Sequence[int],
    inputs: Callable[[tuple[int, ...]], Array] | None = None,
    seed: int = 0,
) -> list[str]:
    """Checks a layer on random examples of the per-example `shape`.

    inputs: makes a batch of the given shape where normal random numbers do not fit, such as indices.

    Checked: promised shape; input left alone; float32 stays float32; gradients of input and parameters
    against central differences of a random projection, in float64; gradients written, not accumulated, also
    when nobody needs dx; the same answers after other batch sizes; a batch equals its examples one by one;
    configuration round trip, and that through a model file when the class is registered. Random layers
    run with their stream held still.

    >>> from framework.layers import Dense
    >>> check_layer(lambda: Dense(3, activation="tanh"), (4,))[:3]
    ['output shape', 'input unchanged', 'dtype']
    """
    check = _LayerCheck(_factory(make), tuple(shape), inputs, seed)
    checks: dict[str, Callable[[], None]] = {
        "output shape": check.output_shape,
        "input unchanged": check.input_unchanged,
        "dtype": check.dtype,
        "gradients": check.gradients,
        "gradients written": check.gradients_written,
        "other batch sizes": check.other_batch_sizes,
        "one by one": check.one_by_one,
        "configuration": check.configuration,
    }
    if check.registered:  # otherwise nothing could read the file back
        checks["model file"] = check.model_file
    return _run(checks, check.label)


def check_loss(make: Callable[[], Loss] | Loss, y_true: Any, y_pred: Any, sample_weight: Any = None) -> list[str]:
    """Checks a loss on these targets and predictions, which should be away from kinks such as equal numbers.

    Checked: arguments left alone; value and gradient agree with the loss alone and with central
    differences; sample weights of one change nothing and weights of zero leave nothing; the form fused with
    the output layer it absorbs, if any, equals the two-step one; configuration round trip.

    >>> from framework.losses import MeanSquaredError
    >>> check_loss(MeanSquaredError, [[0.0], [1.0]], [[0.5], [2.0]])[:3]
    ['arguments unchanged', 'value', 'gradient']
    """
    check = _LossCheck(_factory(make), np.asarray(y_true), np.asarray(y_pred, np.float64), sample_weight)
    checks: dict[str, Callable[[], None]] = {
        "arguments unchanged": check.arguments_unchanged,  # first: the others use the same arrays
        "value": check.value,
        "gradient": check.gradient,
        "weights": check.weights,
        "configuration": check.configuration,
    }
    if check.output is not None:
        checks["fused form"] = check.fused_form
    return _run(checks, check.label)


def check_optimizer(make: Callable[[], Optimizer] | Optimizer, steps: int = 2000) -> list[str]:
    """Checks an optimizer on a parabola.

    Checked: it goes downhill from the first steps on, and at least half of the way in all; works in place;
    same start, same bits; a copy continues as the original does; configuration round trip.

    >>> from framework.optimizers import SGD
    >>> check_optimizer(lambda: SGD(0.1))[0]
    'descends'
    """
    check = _OptimizerCheck(_factory(make), steps)
    checks: dict[str, Callable[[], None]] = {
        "descends": check.descends,
        "in place": check.in_place,
        "deterministic": check.deterministic,
        "copy continues": check.copy_continues,
        "configuration": check.configuration,
    }
    return _run(checks, check.label)


class _LayerCheck:
    def __init__(
        self, make: Callable[[], Layer], shape: Shape, inputs: Callable[[tuple[int, ...]], Array] | None, seed: int
    ) -> None:
        self.make, self.shape, self.inputs, self.seed = make, shape, inputs, seed
        cls = type(make())
        self.label = cls.__name__
        self.registered = bool(vars(cls).get("registered_name"))  # its own: a subclass is not its parent
        self.random = np.random.default_rng(seed)

    def built(self, dtype: str = "float64") -> Layer:
        layer = self.make()
        layer.set_dtype(dtype)
        layer.declare(self.shape)
        layer.rng = np.random.default_rng(self.seed)
        layer.allocate(np.random.default_rng(self.seed))
        for parameter in layer.weights:  # zeros and ones hide mistakes
            if parameter.trainable:
                parameter.value[...] += 0.1 * np.random.default_rng(self.seed).standard_normal(parameter.shape)
        return layer

    def batch(self, n: int = BATCH, dtype: str = "float64") -> Array:
        return np.asarray(self.draw(n), dtype)

    def draw(self, n: int) -> Array:
        shape = (n, *self.shape)
        return self.random.standard_normal(shape) if self.inputs is None else np.asarray(self.inputs(shape))

    def run(self, layer: Layer, x: Array, training: bool = True) -> Array:
        """A forward pass with the layer's random stream put back to its beginning, and its state kept."""
        state = [(p, p.value.copy()) for p in layer.weights if not p.trainable]
        for inner in _all_layers(layer):
            if inner.rng is not None:
                inner.rng = np.random.default_rng(self.seed)
        y = layer.forward(x, training).copy()
        for parameter, value in state:
            parameter.value[...] = value
        return y

    def output_shape(self) -> None:
        layer = self.built()
        y = self.run(layer, self.batch())
        promised = (BATCH, *(layer.output_shape or ()))
        _require(y.shape == promised, f"build promised {promised}, forward returned {y.shape}")

    def input_unchanged(self) -> None:
        layer, x = self.built(), self.batch()
        before = x.copy()
        for training in (False, True):
            y = self.run(layer, x, training)
        _require(np.array_equal(x, before), "forward changed its input")
        layer.backward(np.ones_like(y))
        _require(np.array_equal(x, before), "backward changed the input of forward")

    def dtype(self) -> None:
        layer, x = self.built("float32"), self.batch(dtype="float32")
        for training in (False, True):
            y = layer.forward(x, training)
            _require(y.dtype == np.float32, f"float32 in, {y.dtype} out of forward(training={training})")
        dx = layer.backward(np.ones(y.shape, np.float32))
        if dx is not None:
            _require(dx.dtype == np.float32, f"float32 in, {dx.dtype} out of backward")

    def gradients(self) -> None:
        layer, x = self.built(), self.batch()
        y = self.run(layer, x)
        direction = self.random.standard_normal(y.shape)
        dx = layer.backward(direction.copy())
        grads = [(p, p.grad.copy()) for p in layer.weights if p.trainable]
        if dx is None:
            _require(not layer.needs_dx, "backward returned None although needs_dx is True")
        elif np.issubdtype(self.draw(1).dtype, np.floating):  # indices have no derivative
            _require(dx.shape == x.shape, f"backward returned shape {dx.shape} for an input of shape {x.shape}")
            dx = dx.copy()
            self._compare("the input", layer, x, direction, x, dx)
        for parameter, grad in grads:
            self._compare(f"parameter {parameter.name!r}", layer, x, direction, parameter.value, grad)

    def _compare(self, what: str, layer: Layer, x: Array, direction: Array, moved: Array, gradient: Array) -> None:
        """<gradient, v> against the central difference of <output, direction> along a random v."""
        v = self.random.standard_normal(moved.shape)
        start = moved.copy()
        sides = []
        for sign in (1, -1):
            moved[...] = start + sign * STEP * v
            sides.append(float(np.vdot(self.run(layer, x), direction)))
        moved[...] = start
        numeric = (sides[0] - sides[1]) / (2 * STEP)
        exact = float(np.vdot(gradient, v))
        _require(
            abs(exact - numeric) <= TOLERANCE * max(1.0, abs(exact), abs(numeric)),
            f"the gradient of {what} is wrong: backward gives {exact:.8g}, differences give {numeric:.8g}",
        )

    def gradients_written(self) -> None:
        layer, x = self.built(), self.batch()
        results = []
        for needs_dx in (True, True, False):
            layer.plan_backward(needs_dx)
            y = self.run(layer, x)
            layer.backward(np.ones_like(y))
            results.append([p.grad.copy() for p in layer.weights if p.trainable])
            for parameter in layer.weights:
                parameter.grad[...] = 1  # what the next call finds there must not matter
        for parameter, first, second, without in zip((p for p in layer.weights if p.trainable), *results, strict=True):
            _require(
                np.allclose(first, second),
                f"backward adds to the gradient of {parameter.name!r}; write it with grad[...] =",
            )
            _require(
                np.allclose(first, without),
                f"backward gives {parameter.name!r} another gradient when needs_dx is False",
            )

    def other_batch_sizes(self) -> None:
        used, x = self.built(), self.batch()
        for n in (BATCH + 3, 1, BATCH):
            other = x if n == BATCH else self.batch(n)
            y = self.run(used, other)
            dx_used = used.backward(np.ones_like(y))
        dx_used = None if dx_used is None else dx_used.copy()
        fresh = self.built()
        y_fresh = self.run(fresh, x)
        dx_fresh = fresh.backward(np.ones_like(y_fresh))
        _require(np.allclose(y, y_fresh), "the output depends on the batches before (a stale buffer?)")
        if dx_fresh is not None and dx_used is not None:
            _require(np.allclose(dx_used, dx_fresh), "backward depends on the batches before (a stale buffer?)")
        for a, b in zip(used.weights, fresh.weights, strict=True):
            _require(np.allclose(a.grad, b.grad), f"the gradient of {a.name!r} depends on the batches before")

    def one_by_one(self) -> None:
        layer, x = self.built(), self.batch()
        together = self.run(layer, x, training=False)
        apart = np.concatenate([self.run(layer, x[i : i + 1], training=False) for i in range(BATCH)])
        _require(np.allclose(together, apart), "a batch gives other outputs than its examples one by one")

    def configuration(self) -> None:
        layer = self.make()
        config = layer.get_config()
        again = type(layer).from_config(config)
        _require(again.get_config() == config, f"from_config(get_config()) gives {again!r}, not {layer!r}")
        if self.registered:
            other = layer_registry.create(plain(layer))
            _require(type(other) is type(layer), f"its spec {plain(layer)!r} makes a {type(other).__name__}")

    def model_file(self) -> None:
        from .checkpoint import load_model
        from .sequential import Sequential

        begin = self.make()
        model = Sequential([begin] if isinstance(begin, Input) else [Input(self.shape), begin], seed=self.seed)
        x = self.batch(dtype="float32")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.json"
            model.save(path)
            loaded = load_model(path)
        _require(np.array_equal(model(x), loaded(x)), "a saved and loaded model gives other outputs")


class _LossCheck:
    def __init__(self, make: Callable[[], Loss], y_true: Array, y_pred: Array, sample_weight: Any) -> None:
        self.make, self.y_true, self.y_pred = make, y_true, y_pred
        self.sample_weight = sample_weight
        loss = make()
        self.label = type(loss).__name__
        output = None if loss.absorbs is None else loss.absorbs()
        self.output = output if output is not None and loss.can_absorb(output) else None

    def value(self) -> None:
        loss = self.make()
        alone = loss(self.y_true, self.y_pred, self.sample_weight)
        value, _ = loss.value_and_gradient(self.y_true, self.y_pred, self.sample_weight)
        _require(isinstance(value, float), f"value_and_gradient gives a {type(value).__name__}, not a float")
        _require(bool(np.isclose(alone, value)), f"the loss is {alone}, value_and_gradient says {value}")
        per_sample = loss.values(*loss.aligned(self.y_true, self.y_pred))
        _require(
            len(per_sample) == len(self.y_pred), f"values has {len(per_sample)} rows for {len(self.y_pred)} samples"
        )

    def gradient(self) -> None:
        loss = self.make()
        _, gradient = loss.value_and_gradient(self.y_true, self.y_pred, self.sample_weight)
        _require(
            gradient.shape == self.y_pred.shape, f"the gradient has shape {gradient.shape}, not {self.y_pred.shape}"
        )
        v = np.random.default_rng(0).standard_normal(self.y_pred.shape) * STEP
        above, below = (loss(self.y_true, self.y_pred + side, self.sample_weight) for side in (v, -v))
        numeric, exact = float(above - below) / 2 / STEP, float(np.vdot(gradient, v)) / STEP
        _require(
            abs(exact - numeric) <= TOLERANCE * max(1.0, abs(exact)),
            f"the gradient is wrong: it gives {exact:.8g}, differences give {numeric:.8g}",
        )

    def weights(self) -> None:
        loss, n = self.make(), len(self.y_pred)
        plain_value, ones = loss(self.y_true, self.y_pred), loss(self.y_true, self.y_pred, np.ones(n))
        _require(bool(np.isclose(plain_value, ones)), f"weights of one change {plain_value} to {ones}")
        zeros, gradient = loss.value_and_gradient(self.y_true, self.y_pred, np.zeros(n))
        _require(zeros == 0 and not gradient.any(), "weights of zero leave a loss or a gradient")

    def arguments_unchanged(self) -> None:
        y_true, y_pred = self.y_true.copy(), self.y_pred.copy()
        self.make().value_and_gradient(y_true, y_pred)
        _require(np.array_equal(y_true, self.y_true), "y_true was changed")
        _require(np.array_equal(y_pred, self.y_pred), "y_pred was changed")

    def fused_form(self) -> None:
        loss, output = self.make(), self.output
        assert output is not None
        output.set_dtype("float64")
        x = np.random.default_rng(1).standard_normal(self.y_pred.shape)
        y_pred = output(x)
        value, dy = loss.value_and_gradient(self.y_true, y_pred, self.sample_weight)
        dx = output.backward(dy.copy())
        output.forward(x)
        weight = None if self.sample_weight is None else np.asarray(self.sample_weight, np.float64)
        fused_value, fused_dx = loss.fused_value_and_gradient(self.y_true, output, y_pred, weight)
        assert dx is not None
        _require(bool(np.isclose(value, fused_value)), f"fused it gives {fused_value}, in two steps {value}")
        _require(np.allclose(dx, fused_dx), "the fused gradient differs from the one in two steps")

    def configuration(self) -> None:
        loss = self.make()
        again = type(loss).from_config(loss.get_config())
        _require(again.get_config() == loss.get_config(), f"from_config(get_config()) gives {again!r}, not {loss!r}")


class _OptimizerCheck:
    def __init__(self, make: Callable[[], Optimizer], steps: int) -> None:
        self.make, self.steps = make, steps
        self.label = type(make()).__name__
        self.curvature = np.linspace(0.5, 2.0, 6)

    def vector(self) -> ParameterVector:
        return ParameterVector.from_arrays([[1.0, -1.0, 0.5], [[0.3], [-0.7], [0.9]]], np.float64)

    def height(self, vector: ParameterVector) -> float:
        return float(0.5 * (self.curvature * vector.value**2).sum())

    def walk(self, optimizer: Optimizer, vector: ParameterVector, steps: int) -> None:
        for _ in range(steps):
            vector.grad[...] = self.curvature * vector.value
            optimizer.step()

    def started(self) -> tuple[Optimizer, ParameterVector]:
        optimizer, vector = self.make(), self.vector()
        optimizer.bind(vector)
        return optimizer, vector

    def descends(self) -> None:
        optimizer, vector = self.started()
        start = self.height(vector)
        self.walk(optimizer, vector, 10)
        early = self.height(vector)
        _require(early < start, f"ten steps lead uphill on a parabola, from {start:.4g} to {early:.4g}")
        self.walk(optimizer, vector, self.steps - 10)
        end = self.height(vector)
        _require(end < 0.5 * start, f"after {self.steps} steps it is at {end:.4g}, having started at {start:.4g}")
        _require(optimizer.iterations == self.steps, f"it counts {optimizer.iterations} iterations, not {self.steps}")

    def in_place(self) -> None:
        optimizer, vector = self.started()
        value, grad = vector.value, vector.grad
        slots = dict(optimizer.slots)
        self.walk(optimizer, vector, 3)
        _require(vector.value is value and vector.grad is grad, "a step replaced the vector instead of writing into it")
        _require(
            all(optimizer.slots[k] is v for k, v in slots.items()), "a step replaced a slot instead of writing into it"
        )

    def deterministic(self) -> None:
        ends = []
        for _ in range(2):
            optimizer, vector = self.started()
            self.walk(optimizer, vector, 20)
            ends.append(vector.value)
        _require(np.array_equal(ends[0], ends[1]), "two runs from the same start end differently")

    def copy_continues(self) -> None:
        pair = self.started()
        self.walk(*pair, 10)
        twin = copy.deepcopy(pair)
        self.walk(*pair, 10)
        self.walk(*twin, 10)
        _require(np.array_equal(pair[1].value, twin[1].value), "a deep copy goes on differently")

    def configuration(self) -> None:
        optimizer = self.make()
        again = type(optimizer).from_config(optimizer.get_config())
        _require(
            again.get_config() == optimizer.get_config(),
            f"from_config(get_config()) gives {again!r}, not {optimizer!r}",
        )


def _factory(make: Callable[[], Built] | Built) -> Callable[[], Built]:
    """Makes fresh instances; an instance stands for its configuration."""
    if not isinstance(make, Configurable):
        return make
    cls, config = type(make), make.get_config()
    return lambda: cls.from_config(config)


def _run(checks: dict[str, Callable[[], None]], label: str) -> list[str]:
    for name, check in checks.items():
        with _named(name, label):
            check()
    return list(checks)


def _all_layers(layer: Layer) -> Iterator[Layer]:
    yield layer
    for inner in layer.sublayers:
        yield from _all_layers(inner)


@contextmanager
def _named(check: str, label: str) -> Iterator[None]:
    try:
        yield
    except CheckFailedError as error:
        raise CheckFailedError(f"{label}, {check}: {error}") from None
    except Exception as error:
        raise CheckFailedError(f"{label}, {check}: {type(error).__name__}: {error}") from error


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckFailedError(otherwise)
