"""What a Keras user expects of every layer: common arguments, shapes, freezing, copies."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.layers import Dense, Embedding, Layer

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


class Double(Layer):
    """A layer of a user's own that lists no argument.

    Shapes: (batch, ...) -> the same.
    """

    def forward(self, x: Any, training: bool = False) -> Any:
        return 2 * x


class TestCommonArguments:
    def test_name_and_trainable_need_not_be_listed(self) -> None:
        layer = Double(name="twice", trainable=False)
        assert (layer.name, layer.trainable) == ("twice", False)
        with pytest.raises(TypeError, match="nme"):
            Double(nme="twice")

    @pytest.mark.parametrize("arguments", [{"input_shape": (3,)}, {"input_dim": 3}])
    def test_the_first_layer_may_say_what_comes_in(self, arguments: dict[str, Any], recwarn: Any) -> None:
        model = Sequential([Dense(2, **arguments), Dense(1)])
        assert (model.input_shape, model.output_shape) == ((3,), (1,))
        assert not recwarn.list
        assert Sequential.from_json(model.to_json()).input_shape == (3,)
        model = Sequential()
        model.add(Dense(2, **arguments))
        assert model.built

    def test_an_argument_of_that_name_stays_the_layers_own(self) -> None:
        assert Embedding(input_dim=7, output_dim=2).input_dim == 7

    def test_elsewhere_it_says_nothing(self) -> None:
        assert Sequential([Dense(2), Dense(1, input_shape=(2,))]).built is False


class TestShapes:
    def test_are_no_attributes_until_there_is_something_to_know(self) -> None:
        for unbuilt in (Dense(2), Sequential([Dense(2)])):
            assert not hasattr(unbuilt, "input_shape")
            assert not hasattr(unbuilt, "output_shape")
        with pytest.raises(AttributeError, match="'dense' has no output_shape yet: build it"):
            _ = Dense(2).output_shape
        model = Sequential([Dense(2)])
        model(X)
        assert (model.input_shape, model.output_shape) == ((3,), (2,))

    def test_can_be_asked_for_without_building(self) -> None:
        model = Sequential([Dense(5), "relu", Sequential([Dense(4)]), {"reshape": [2, 2]}])
        assert model.compute_output_shape((None, 3)) == (None, 2, 2)
        assert model.compute_output_shape((7, 3)) == (7, 2, 2)
        assert not model.built
        assert Dense(5).compute_output_shape((None, 3)) == (None, 5)


class TestFreezing:
    def model(self) -> Sequential:
        inside = Sequential([Dense(4), Dense(3)], name="inside")
        model = Sequential([Input((3,)), inside, Dense(2)], seed=0)
        model.compile({"sgd": {"learning_rate": 0.5}}, "mse")
        return model

    def step(self, model: Sequential) -> list[bool]:
        before = model.get_weights()
        model.train_on_batch(X, np.ones((4, 2)))
        return [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]

    def test_reaches_the_layers_inside_at_once(self) -> None:
        model = self.model()
        inside = model.layers[0]
        assert all(self.step(model))
        inside.trainable = False
        assert [layer.trainable for layer in inside.layers] == [False, False]
        assert self.step(model) == [False] * 4 + [True] * 2
        inside.layers[1].trainable = True  # as in Keras, the whole has to be thawed, too
        assert self.step(model) == [False] * 4 + [True] * 2
        inside.trainable = True
        assert all(self.step(model))

    def test_a_frozen_model_takes_in_frozen_layers(self) -> None:
        model = Sequential([Input((3,)), Dense(2)], trainable=False)
        model.add(Dense(1))
        assert model.trainable_weights == []
        assert model.layers[-1].trainable is False


def pickled(model: Sequential) -> Any:
    return pickle.loads(pickle.dumps(model))


class TestCopies:
    def model(self) -> Sequential:
        model = Sequential(
            [Input((3,)), Dense(4, "relu"), layers.Residual([Dense(4)]), {"dropout": 0.5}, Dense(1)], seed=1
        )
        model.compile({"adam": {"use_ema": True}}, "mse", ["mae"])
        model.fit(X, np.ones((4, 1)), epochs=2, verbose=0)
        return model

    @pytest.mark.parametrize(
        "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"]
    )
    def test_go_on_as_the_original_does(self, duplicate: Any) -> None:
        model = self.model()
        twin = duplicate(model)
        np.testing.assert_array_equal(twin.predict(X), model.predict(X))
        results = [m.fit(X, np.ones((4, 1)), epochs=2, verbose=0).history for m in (model, twin)]
        assert results[0] == results[1]
        np.testing.assert_array_equal(twin.parameters.value, model.parameters.value)
        assert not np.shares_memory(twin.parameters.value, model.parameters.value)

    @pytest.mark.slow
    def test_may_go_to_another_process(self) -> None:
        model = self.model()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            answer = pool.submit(Sequential.predict, model, X)
            np.testing.assert_array_equal(answer.result(), model.predict(X))
