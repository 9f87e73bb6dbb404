"""The check of a layer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..layers import Input, Layer
from ..layers import registry as layer_registry
from ..layers.base import every_layer
from ..layers.stack import declared_only
from ..parameters import Array, Shape
from ..registry import plain
from .base import STEP, TOLERANCE, factory, require, run_checks

BATCH = 5


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
    check = _LayerCheck(factory(make), tuple(shape), inputs, seed)
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
    return run_checks(checks, check.label)


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
        with declared_only():
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
        for inner in every_layer(layer):
            if inner.rng is not None:
                inner.rng = np.random.default_rng(self.seed)
        y = layer.forward(x, training).copy()
        for parameter, value in state:
            parameter.value[...] = value
        return y

    def output_shape(self) -> None:
        layer = self.built()
        y = self.run(layer, self.batch())
        promised = (BATCH, *layer.output_shape)
        require(y.shape == promised, f"build promised {promised}, forward returned {y.shape}")

    def input_unchanged(self) -> None:
        layer, x = self.built(), self.batch()
        before = x.copy()
        for training in (False, True):
            y = self.run(layer, x, training)
        require(np.array_equal(x, before), "forward changed its input")
        layer.backward(np.ones_like(y))
        require(np.array_equal(x, before), "backward changed the input of forward")

    def dtype(self) -> None:
        layer, x = self.built("float32"), self.batch(dtype="float32")
        for training in (False, True):
            y = layer.forward(x, training)
            require(y.dtype == np.float32, f"float32 in, {y.dtype} out of forward(training={training})")
        dx = layer.backward(np.ones(y.shape, np.float32))
        if dx is not None:
            require(dx.dtype == np.float32, f"float32 in, {dx.dtype} out of backward")

    def gradients(self) -> None:
        layer, x = self.built(), self.batch()
        y = self.run(layer, x)
        direction = self.random.standard_normal(y.shape)
        dx = layer.backward(direction.copy())
        grads = [(p, p.grad.copy()) for p in layer.weights if p.trainable]
        if dx is None:
            require(not layer.needs_dx, "backward returned None although needs_dx is True")
        elif np.issubdtype(self.draw(1).dtype, np.floating):  # indices have no derivative
            require(dx.shape == x.shape, f"backward returned shape {dx.shape} for an input of shape {x.shape}")
            dx = dx.copy()
            self._compare("the input", layer, x, direction, x, dx)
        for parameter, grad in grads:
            self._compare(f"parameter {parameter.name!r}", layer, x, direction, parameter.value, grad)

    def _compare(self, what: str, layer: Layer, x: Array, direction: Array, moved: Array, gradient: Array) -> None:
        """<gradient, v> against the central difference of <output, direction> + added losses along a random v."""
        v = self.random.standard_normal(moved.shape)
        start = moved.copy()
        sides = []
        for sign in (1, -1):
            moved[...] = start + sign * STEP * v
            projected = float(np.vdot(self.run(layer, x), direction))
            sides.append(projected + sum(inner.added_loss or 0.0 for inner in every_layer(layer)))
        moved[...] = start
        numeric = (sides[0] - sides[1]) / (2 * STEP)
        exact = float(np.vdot(gradient, v))
        require(
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
            require(
                np.allclose(first, second),
                f"backward adds to the gradient of {parameter.name!r}; write it with grad[...] =",
            )
            require(
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
        require(np.allclose(y, y_fresh), "the output depends on the batches before (a stale buffer?)")
        if dx_fresh is not None and dx_used is not None:
            require(np.allclose(dx_used, dx_fresh), "backward depends on the batches before (a stale buffer?)")
        for a, b in zip(used.weights, fresh.weights, strict=True):
            require(np.allclose(a.grad, b.grad), f"the gradient of {a.name!r} depends on the batches before")

    def one_by_one(self) -> None:
        layer, x = self.built(), self.batch()
        together = self.run(layer, x, training=False)
        apart = np.concatenate([self.run(layer, x[i : i + 1], training=False) for i in range(BATCH)])
        require(np.allclose(together, apart), "a batch gives other outputs than its examples one by one")

    def configuration(self) -> None:
        layer = self.make()
        config = layer.get_config()
        again = type(layer).from_config(config)
        require(again.get_config() == config, f"from_config(get_config()) gives {again!r}, not {layer!r}")
        if self.registered:
            other = layer_registry.create(plain(layer))
            require(type(other) is type(layer), f"its spec {plain(layer)!r} makes a {type(other).__name__}")

    def model_file(self) -> None:
        from ..checkpoint import load_model
        from ..sequential import Sequential

        begin = self.make()
        model = Sequential([begin] if isinstance(begin, Input) else [Input(self.shape), begin], seed=self.seed)
        x = self.batch(dtype="float32")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.json"
            model.save(path)
            loaded = load_model(path)
        require(np.array_equal(model(x), loaded(x)), "a saved and loaded model gives other outputs")
