"""What every layer can do, shown on a layer of a user's own."""

import copy

import numpy as np
import pytest

import framework
from framework import Input, Sequential, layers
from framework.layers import Dense, Layer, ReLU
from framework.registry import ArgumentError, Registry
from framework.testing import check_layer

X = np.arange(12, dtype=np.float32).reshape(4, 3) / 10


class Scale(Layer):
    """y = factor · x, as a user writes it: no super().__init__(), no configuration, no buffers.

    Shapes: (batch, ...) -> the same.
    """

    def __init__(self, start=1.0):
        self.start = start

    def build(self, shape):
        self.factor = self.add_parameter("factor", shape, {"constant": self.start})
        return shape

    def forward(self, x, training=False):
        self.x = x
        return x * self.factor.value

    def backward(self, dy):
        self.factor.grad[...] = (dy * self.x).sum(axis=0)
        return dy * self.factor.value


@pytest.fixture
def registered(monkeypatch):
    """The user's layer, known by name for the length of a test."""
    names = ("_classes", "_names")
    for name in names:
        monkeypatch.setattr(layers.registry, name, dict(getattr(layers.registry, name)))
    monkeypatch.setattr(Scale, "registered_name", "")
    return layers.register(Scale)


class TestUsersLayer:
    def test_passes_every_check(self, registered):
        assert "model file" in check_layer(lambda: Scale(2.0), (3,))

    def test_works_standing_alone(self):
        layer = Scale(2.0)
        np.testing.assert_array_equal(layer(X), 2 * X)
        assert layer.count_params() == 3
        assert (layer.name, layer.trainable) == (None, True)

    def test_learns_in_a_model(self):
        model = Sequential([Input((3,)), Scale(), Dense(1)], seed=0)
        model.compile("sgd", "mse")
        history = model.fit(X, X @ [[1.0], [2.0], [3.0]], epochs=20, verbose=0)
        assert history.history["loss"][-1] < 0.1 * history.history["loss"][0]
        assert not np.allclose(model.layers[0].factor.value, 1)

    @pytest.mark.parametrize(
        "spec", [{"scale": 2.0}, {"Scale": {"start": 2.0, "name": "s"}}, {"type": "SCALE", "start": 2}]
    )
    def test_is_written_like_any_other(self, registered, spec):
        model = Sequential([Input((3,)), spec])
        np.testing.assert_array_equal(model(X), 2 * X)

    def test_is_saved_and_loaded(self, registered, tmp_path):
        model = Sequential([Input((3,)), Scale(2.0), "relu"], seed=0)
        model.layers[0].factor.value[...] = [1, -2, 3]
        model.save(tmp_path / "model.json")
        again = framework.load_model(tmp_path / "model.json")
        assert type(again.layers[0]) is Scale
        np.testing.assert_array_equal(again(X), model(X))

    def test_goes_through_yaml(self, registered):
        model = Sequential([Input((3,)), Scale(2.0), "relu"])
        text = model.to_yaml()
        assert "- scale: 2.0" in text
        np.testing.assert_array_equal(Sequential.from_yaml(text)(X), model(X))

    def test_takes_the_settings_that_all_layers_have(self):
        layer = Scale.from_config({"start": 2.0, "name": "s", "trainable": False})
        assert (layer.name, layer.trainable) == ("s", False)
        assert layer.get_config() == {"name": "s", "trainable": False, "start": 2.0}

    def test_may_forget_nothing_but_its_methods(self):
        class Nothing(Layer):
            pass

        with pytest.raises(NotImplementedError, match=r"Nothing must define forward\(x, training=False\)"):
            Nothing()(X)
        with pytest.raises(NotImplementedError, match="must define backward"):
            Nothing().backward(X)


def test_a_constructor_with_kwargs_is_refused_with_a_sentence():
    class Vague(Layer):
        def __init__(self, **kwargs):
            pass

    with pytest.raises(TypeError, match=r"Vague.__init__ takes .*give every argument a name of its own"):
        Registry("layer", Layer).register(Vague)


def test_calling_gives_copies_and_leaves_the_input_alone():
    layer = ReLU()
    x = X - 0.5
    first = layer(x)
    kept = first.copy()
    layer(x + 1)
    np.testing.assert_array_equal(first, kept)
    identity = layers.Dropout(0.5)
    assert not np.shares_memory(identity(x), x)


def test_values_are_kept_when_a_layer_moves_into_a_model():
    layer = Dense(2)
    alone = layer(X)
    model = Sequential([layer], seed=3)
    np.testing.assert_array_equal(model(X), alone)
    assert all(np.shares_memory(p.value, model.parameters.value) for p in layer.weights)


def test_weights_set_before_are_kept_too():
    layer = Dense(2)
    layer(X)
    layer.set_weights([np.ones((3, 2)), [1, 2]])
    model = Sequential([Input((3,)), layer])
    np.testing.assert_array_equal(model.get_weights()[1], [1, 2])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([np.ones((3, 2))], "'dense' has 2 weights, 1 were given"),
        ([np.ones((3, 2)), np.ones(3)], r"'dense': the weight 'bias' has shape \(2,\), got \(3,\)"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_change_nothing(weights, message):
    layer = Dense(2)
    layer(X)
    before = layer.get_weights()
    with pytest.raises(ValueError, match=message):
        layer.set_weights(weights)
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_of_a_layer_that_is_not_built_cannot_be_set():
    with pytest.raises(ValueError, match="'dense' has no weights yet: build it, or call it on data, first"):
        Dense(2).set_weights([])


def test_get_weights_gives_copies():
    layer = Dense(2)
    layer(X)
    layer.get_weights()[0][...] = 9
    assert not (layer.kernel.value == 9).any()


def test_freezing_moves_weights_between_the_lists():
    layer = Dense(2)
    layer(X)
    assert [p.name for p in layer.trainable_weights] == ["kernel", "bias"]
    layer.trainable = False
    assert layer.trainable_weights == []
    assert [p.name for p in layer.non_trainable_weights] == ["kernel", "bias"]


def test_a_layer_with_weights_keeps_to_the_shape_it_was_built_for():
    layer = Dense(2)
    layer(X)
    with pytest.raises(ValueError, match=r"'dense' was built for examples of shape \(3,\), not \(4,\); make a new one"):
        layer(np.ones((2, 4)))


def test_a_layer_without_weights_adapts_to_other_shapes():
    layer = layers.Flatten()
    assert layer(np.ones((2, 4, 5))).shape == (2, 20)
    assert layer(np.ones((2, 3))).shape == (2, 3)


def test_a_failed_build_can_be_repeated_with_a_shape_that_fits():
    class Picky(Layer):
        def build(self, shape):
            self.weight = self.add_parameter("weight", shape)
            if shape != (3,):
                raise ValueError("only three")
            return shape

        def forward(self, x, training=False):
            return x * self.weight.value

    layer = Picky()
    with pytest.raises(ValueError, match="only three"):
        layer(np.ones((1, 2)))
    assert layer(X).shape == (4, 3)
    assert len(layer.weights) == 1


@pytest.mark.parametrize("returned", [None, 3])
def test_build_must_return_a_shape(returned):
    layer = type("Odd", (Layer,), {"build": lambda self, shape: returned})()
    with pytest.raises(TypeError, match=rf"Odd.build must return the per-example output shape, .*not {returned}"):
        layer(X)


def test_a_parameter_is_declared_once():
    def build(self, shape):
        self.add_parameter("w", shape)
        self.add_parameter("w", shape)

    with pytest.raises(ValueError, match="'Twice' declares the parameter 'w' twice"):
        type("Twice", (Layer,), {"build": build})()(X)


def test_a_single_number_is_no_batch():
    with pytest.raises(ValueError, match=r"'relu' takes a batch of examples, not the single number 3.0"):
        ReLU()(3)


@pytest.mark.parametrize("name", ["a/b", "", 5])
def test_names_that_files_could_not_hold_are_refused(name):
    with pytest.raises(ArgumentError, match="ReLU: name must be a text without '/'"):
        ReLU(name=name)


def test_a_deep_copy_stands_alone():
    model = Sequential([Input((3,)), Dense(2)], seed=0)
    twin = copy.deepcopy(model.layers[0])
    np.testing.assert_array_equal(twin(X), model(X))
    twin.kernel.value[...] = 0
    assert model.layers[0].kernel.value.any()
    assert Sequential([Input((3,)), twin])(X).any() == twin.bias.value.any()
