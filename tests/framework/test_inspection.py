"""What layers make of a batch, the gradients on the way back, and that looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, inspection
from framework.inspection import activations, gradients
from framework.layers import Activation, Dense, Dropout, Flatten, Layer, ReLU, Reshape, Softmax
from framework.layers.base import LayerSpec
from framework.layers.stack import leaves
from framework.optimizers import SGD

STEP = 1e-6


def model_of(*specs: LayerSpec, shape: Sequence[int] = (4,), dtype: str = "float64") -> Sequential:
    return Sequential([Input(shape), *specs], name="net", seed=1, dtype=dtype)


def batch_for(model: Sequential, n: int = 3) -> Any:
    return np.random.default_rng(n).standard_normal((n, *(model.input_shape or ())))


def cotangent(layer: Layer, n: int = 3) -> Any:
    return np.random.default_rng(7).standard_normal((n, *(layer.output_shape or ())))


def differences(function: Callable[[Any], Any], at: Any, dy: Any) -> Any:
    """The gradient of <function, dy> at a point, by central differences in every direction."""
    result = np.empty_like(at)
    for place in np.ndindex(at.shape):
        sides = []
        for step in (STEP, -STEP):
            moved = at.copy()
            moved[place] += step
            sides.append(np.vdot(function(moved), dy))
        result[place] = (sides[0] - sides[1]) / (2 * STEP)
    return result


def part(layers: Sequence[Layer]) -> Callable[[Any], Any]:
    """The function that some layers make together."""

    def function(x: Any) -> Any:
        for layer in layers:
            x = np.array(layer.forward(x, False))
        return x

    return function


class Scribbles(Layer):
    """y = 2 x, in one array for all calls, and a backward that leaves rubbish where it got dy."""

    def forward(self, x: Any, training: bool = False) -> Any:
        return np.multiply(x, 2, out=self.buffer("shared", x.shape, x.dtype))

    def backward(self, dy: Any) -> Any:
        dx = np.multiply(dy, 2, out=self.buffer("shared", dy.shape, dy.dtype))
        dy[...] = np.nan
        return dx


class KeepsNothing(Layer):
    def forward(self, x: Any, training: bool = False) -> Any:
        return x

    def backward(self, dy: Any) -> Any:
        return None


class OneWay(Layer):
    def forward(self, x: Any, training: bool = False) -> Any:
        return x


MODELS: dict[str, Callable[[], Sequential]] = {
    "dense": lambda: model_of(Dense(5, "tanh"), Dense(3, "sigmoid"), Dense(2)),
    "separate": lambda: model_of(Dense(5), ReLU(), Dropout(0.5), Dense(3), Softmax()),
    "images": lambda: model_of(Flatten(), Dense(6, "relu"), Reshape((2, 3)), Dense(2, "tanh"), shape=(2, 3)),
    "nested": lambda: model_of(
        Sequential([Dense(5, "tanh"), Sequential([Dropout(0.5), Dense(4)])]), Sequential([Dense(3, "softmax")])
    ),
    "scribbles": lambda: model_of(Scribbles(), Dense(3, "tanh"), Scribbles(), Scribbles(), Dropout(0.5), Dense(2)),
    "frozen": lambda: model_of(Dense(5, "tanh", trainable=False), Dense(3), Sequential([Dense(2)], trainable=False)),
}


@pytest.fixture(params=MODELS.values(), ids=MODELS.keys())
def model(request: pytest.FixtureRequest) -> Sequential:
    return request.param()  # type: ignore[no-any-return]


# Activations.


def test_activations_are_what_each_layer_computes(model: Sequential) -> None:
    x = batch_for(model)
    found = activations(model, x)
    assert [y.shape for y in found] == [(3, *(layer.output_shape or ())) for layer in model.layers]
    for i, y in enumerate(found):
        assert np.array_equal(y, part(model.layers[: i + 1])(x))
    assert np.array_equal(found[-1], model(x))


def test_activations_are_copies(model: Sequential) -> None:
    x = batch_for(model)
    first = activations(model, x)
    before = [y.copy() for y in first]
    second = activations(model, x + 1)
    assert all(np.array_equal(a, b) for a, b in zip(first, before, strict=True))
    arrays = [x, *first, *second]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


def test_a_model_that_is_not_built_is_built_for_the_batch() -> None:
    net = Sequential([Dense(3), "relu"])
    assert [y.shape for y in activations(net, np.ones((2, 4)))] == [(2, 3), (2, 3)]
    other = Sequential([Dense(3), "relu"])
    assert [g.shape for g in gradients(other, np.ones((2, 4)), np.ones((2, 3)))] == [(2, 4), (2, 3), (2, 3)]


def test_activations_of_a_part_are_those_within_the_whole() -> None:
    net = MODELS["nested"]()
    x = batch_for(net)
    inner = net.layers[0]
    assert isinstance(inner, Sequential)
    assert np.array_equal(activations(inner, x)[-1], activations(net, x)[0])


# Gradients.


def test_the_gradient_of_a_linear_model_is_its_kernel() -> None:
    net = model_of(Dense(10), dtype="float32")
    same = np.repeat(batch_for(net, 1), 10, axis=0)
    dx, dy = gradients(net, same, np.eye(10))
    assert np.array_equal(dx, net.layers[0].weights[0].value.T)
    assert np.array_equal(dy, np.eye(10))
    assert {dx.dtype, dy.dtype} == {np.dtype(np.float32)}


def test_gradients_agree_with_differences_for_every_layer_and_place(model: Sequential) -> None:
    x = batch_for(model)
    layers = model.layers
    outputs = [x, *activations(model, x)]
    for index, layer in enumerate(layers):
        dy = cotangent(layer)
        found = gradients(model, x, dy, index)
        assert len(found) == index + 2
        assert np.array_equal(found[-1], dy)
        for i, gradient in enumerate(found):
            numeric = differences(part(layers[i : index + 1]), outputs[i], dy)
            assert np.allclose(gradient, numeric, rtol=1e-6, atol=1e-8), (index, i)


def test_a_negative_index_counts_from_the_end() -> None:
    net = MODELS["images"]()
    x = batch_for(net)
    for index, layer in enumerate(net.layers):
        dy = cotangent(layer)
        pairs = zip(gradients(net, x, dy, index), gradients(net, x, dy, index - len(net.layers)), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("n", [1, 10])
def test_examples_do_not_mix(model: Sequential, n: int) -> None:
    x, dy = batch_for(model, n), cotangent(model.layers[-1], n)
    together = gradients(model, x, dy)
    apart = [gradients(model, x[i : i + 1], dy[i : i + 1]) for i in range(n)]
    for i, gradient in enumerate(together):
        assert np.allclose(gradient, np.concatenate([one[i] for one in apart]))


def test_gradients_are_copies_and_what_was_given_stays(model: Sequential) -> None:
    x, dy = batch_for(model), cotangent(model.layers[-1])
    given = x.copy(), dy.copy()
    first = gradients(model, x, dy)
    before = [g.copy() for g in first]
    second = gradients(model, x + 1, dy + 1)
    assert all(np.array_equal(a, b) for a, b in zip(first, before, strict=True))
    assert np.array_equal(x, given[0])
    assert np.array_equal(dy, given[1])
    arrays = [x, dy, *first, *second]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


# A softmax at the end.


ENDS: dict[str, Callable[[], list[LayerSpec]]] = {
    "layer": lambda: [Dense(3), Softmax()],
    "activation layer": lambda: [Dense(3), Activation("softmax")],
    "within dense": lambda: [Dense(3, "softmax")],
    "nested layer": lambda: [Sequential([Dense(3), Sequential([Softmax()])])],
    "nested within dense": lambda: [Sequential([Sequential([Dense(3, "softmax")])])],
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_past_a_softmax_gradients_are_those_of_the_logits(end: Callable[[], list[LayerSpec]]) -> None:
    net, bare = model_of(Dense(5, "tanh"), *end()), model_of(Dense(5, "tanh"), Dense(3))
    bare.set_weights(net.get_weights())
    x = batch_for(net)
    dy = cotangent(bare.layers[-1])
    found, expected = gradients(net, x, dy), gradients(bare, x, dy)
    assert len(found) == len(net.layers) + 1
    assert np.allclose(found[0], expected[0], rtol=1e-12)
    assert np.allclose(found[1], expected[1], rtol=1e-12)
    assert all(np.array_equal(g, dy) for g in found[2:])  # the logits', also in the place of the probabilities
    own = gradients(net, x, dy, -1)
    assert np.allclose(own[0], differences(net, x, dy), rtol=1e-6, atol=1e-8)
    assert not np.allclose(own[0], found[0])


def test_a_model_that_is_sure_still_has_a_saliency() -> None:
    net = model_of(Dense(3, "softmax"), dtype="float32")
    net.set_weights([1000 * np.eye(4, 3), np.zeros(3)])
    x = [[1.0, 0.0, 0.0, 0.0]]
    assert not gradients(net, x, [[1, 0, 0]], 0)[0].any()
    assert gradients(net, x, [[1, 0, 0]])[0].tolist() == [[1000, 0, 0, 0]]


def test_without_a_softmax_none_means_the_last_layer() -> None:
    net = model_of(Dense(5, "tanh"), Dense(3, "sigmoid"))
    x, dy = batch_for(net), cotangent(net.layers[-1])
    assert all(np.array_equal(a, b) for a, b in zip(gradients(net, x, dy), gradients(net, x, dy, -1), strict=True))


# Looking changes nothing.


def compiled(frozen: bool) -> Sequential:
    net = model_of(
        Dense(6, "tanh", trainable=not frozen),
        Dropout(0.25),
        Sequential([Dense(5, "relu"), Dropout(0.25)]),
        Dense(3, "softmax"),
        dtype="float32",
    )
    net.compile(SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
    return net


@pytest.mark.parametrize("frozen", [False, True])
def test_training_goes_on_as_if_nobody_had_looked(frozen: bool) -> None:
    looked, alone = compiled(frozen), compiled(frozen)
    x, y = batch_for(looked, 10), np.arange(10) % 3
    for _ in range(3):
        for net in (looked, alone):
            net.fit(x, y, batch_size=5, epochs=1, verbose=0)
        activations(looked, x)
        gradients(looked, x, np.ones((10, 3)))
        gradients(looked, x[:1], np.ones((1, 5)), 2)
    assert all(np.array_equal(a, b) for a, b in zip(looked.get_weights(), alone.get_weights(), strict=True))
    assert np.array_equal(looked.predict(x), alone.predict(x))


def plan(net: Sequential) -> list[bool]:
    return [net.needs_dx, *(layer.needs_dx for layer in [*net.layers, *leaves(net)])]


@pytest.mark.parametrize("wanted", [False, True])
def test_the_plan_is_put_back_whatever_happens(model: Sequential, wanted: bool) -> None:
    model.plan_backward(wanted)
    before = plan(model)
    x, dy = batch_for(model), cotangent(model.layers[-1])
    gradients(model, x, dy)
    assert plan(model) == before
    assert (model.backward(dy.copy()) is not None) is wanted
    model.add(KeepsNothing())
    model.plan_backward(wanted)
    before = plan(model)
    with pytest.raises(ValueError):
        gradients(model, x, dy)
    assert plan(model) == before


def test_a_layer_knows_in_forward_already_that_dx_is_wanted() -> None:
    class Thrifty(Dense):
        def forward(self, x: Any, training: bool = False) -> Any:
            self.kept = self.kernel.value.T.copy() if self.needs_dx else None
            return super().forward(x, training)

        def backward(self, dy: Any) -> Any:
            super().backward(dy)
            return None if self.kept is None else dy @ self.kept

    net = model_of(Thrifty(3))
    assert np.array_equal(gradients(net, np.ones((3, 4)), np.eye(3))[0], net.get_weights()[0].T)


# Refusals.


@pytest.mark.parametrize("index", [2, -3, 0.0, True, "dense"])
def test_a_layer_that_does_not_exist_is_refused(index: Any) -> None:
    net = model_of(Dense(3), ReLU())
    with pytest.raises(ValueError, match=rf"^model 'net' has 2 layers: layer must be None or -2 to 1, got {index!r}$"):
        gradients(net, np.ones((1, 4)), np.ones((1, 3)), index)


@pytest.mark.parametrize("shape", [(), (3,), (1, 3), (2, 4), (2, 3, 1)])
def test_a_gradient_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    net = model_of(Dense(3), Dense(4))
    with pytest.raises(
        ValueError, match=r"^model 'net': dy must have the .* layer 'dense' .* \(2, 3\), got \("
    ) as error:
        gradients(net, np.ones((2, 4)), np.ones(shape), 0)
    assert str(error.value).endswith(f"got {shape}")


def test_examples_of_another_shape_are_refused_as_by_the_model() -> None:
    net = model_of(Dense(3))
    for look in (lambda x: activations(net, x), lambda x: gradients(net, x, np.ones((1, 3)))):
        with pytest.raises(
            ValueError, match=r"model 'net' takes batches of shape \(batch, 4\), got \(4,\); add a batch"
        ):
            look(np.ones(4))


@pytest.mark.parametrize("layers", [[], [Input((4,))]], ids=["unbuilt", "input alone"])
def test_a_model_without_layers_is_refused(layers: list[LayerSpec]) -> None:
    net = Sequential(layers, name="net")
    for look in (lambda x: activations(net, x), lambda x: gradients(net, x, x)):
        with pytest.raises(ValueError, match=r"^model 'net' has no layers to look into: add some first$"):
            look(np.ones((1, 4)))


def test_a_part_of_another_model_is_not_differentiated_by_itself() -> None:
    inner = Sequential([Dense(3)], name="inner")
    model_of(inner)
    with pytest.raises(ValueError, match=r"^model 'inner' is part of 'net': by itself it cannot be differentiated$"):
        gradients(inner, np.ones((1, 4)), np.ones((1, 3)))


def test_a_layer_that_gives_no_gradient_is_named() -> None:
    net = model_of(Dense(3), KeepsNothing(name="wall"), ReLU())
    with pytest.raises(ValueError, match=r"^layer 'wall' \(KeepsNothing\) returned None from backward\(dy\) although"):
        gradients(net, np.ones((1, 4)), np.ones((1, 3)))
    assert len(gradients(net, np.ones((1, 4)), np.ones((1, 3)), 0)) == 2  # those before it can be looked at


def test_a_layer_without_a_backward_is_named() -> None:
    net = model_of(OneWay(), Dense(3))
    with pytest.raises(NotImplementedError, match=r"OneWay must define backward\(dy\)"):
        gradients(net, np.ones((1, 4)), np.ones((1, 3)))
    assert not net.needs_dx


def test_the_module_is_shown_by_the_framework() -> None:
    import framework

    assert framework.inspection is inspection
    assert "inspection" in dir(framework)
