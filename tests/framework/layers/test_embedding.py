"""Embedding: which rows it picks, how their gradients add up, and which indices it refuses."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import Input, Sequential
from framework.layers import Dense, Embedding
from framework.registry import ArgumentError, UnknownNameError


def with_rows(rows, x):
    layer = Embedding(*np.shape(rows))
    layer(x)
    layer.set_weights([rows])
    return layer


def test_the_rows_are_those_of_kerass_test():
    # test_correctness of Keras's embedding_test.py.
    layer = with_rows([[0, 0], [2, 2], [3, 3]], [0])
    np.testing.assert_array_equal(layer([2, 1, 0]), [[3, 3], [2, 2], [0, 0]])


def test_rows_that_are_picked_often_get_the_sum_of_their_gradients():
    # The gradient of Keras's Embedding for the same.
    layer = with_rows([[0, 0], [2, 2], [3, 3]], [[2, 1], [2, 2]])
    layer.forward(np.array([[2, 1], [2, 2]], np.float32))
    layer.backward(np.arange(1, 9, dtype=np.float32).reshape(2, 2, 2))
    np.testing.assert_array_equal(layer.embeddings.grad, [[0, 0], [3, 4], [13, 16]])


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(1, 3), st.integers(0, 9))
def test_outputs_and_gradients_are_those_of_loops_over_the_indices(indices, width, seed):
    random = np.random.default_rng(seed)
    layer = Embedding(6, width)
    x = np.array(indices, np.float32)
    y = layer(x)
    rows = layer.get_weights()[0]
    assert y.shape == (len(indices), width)
    for row, index in zip(y, indices, strict=True):
        np.testing.assert_array_equal(row, rows[index])
    dy = random.integers(-5, 6, y.shape).astype(np.float32)
    expected = np.zeros_like(rows)
    for row, index in zip(dy, indices, strict=True):
        expected[index] += row
    for _ in range(2):  # written, not added
        layer.backward(dy.copy())
        np.testing.assert_array_equal(layer.embeddings.grad, expected)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 1, 3)])
def test_each_index_becomes_a_row(shape):
    layer = Embedding(5, 4)
    assert layer(np.ones((3, *shape))).shape == (3, *shape, 4)
    assert layer.compute_output_shape((None, *shape)) == (None, *shape, 4)


def test_first_values_are_spread_evenly_within_a_twentieth():
    layer = Embedding(1000, 8)
    layer([0])
    rows = layer.get_weights()[0]
    assert rows.dtype == np.float32
    assert abs(rows).max() <= 0.05
    assert rows.std() == pytest.approx(0.1 / 12**0.5, rel=0.05)


def test_indices_may_have_any_type_that_counts():
    layer = with_rows([[1], [2]], [0])
    for dtype in (np.uint8, np.int64, np.float32, bool):
        np.testing.assert_array_equal(layer(np.array([0, 1], dtype)), [[1], [2]])
    np.testing.assert_array_equal(layer([1, -0.0]), [[2], [1]])


@pytest.mark.parametrize("wrong", [3, -1, 1.5, np.nan, np.inf, -np.inf, 0.25, 1e30])
def test_indices_that_pick_no_row_are_refused_with_their_place(wrong):
    layer = Embedding(3, 2)
    x = np.zeros((2, 4))
    x[1, 2] = wrong
    with pytest.raises(ValueError, match=r"'embedding'.* from 0 to input_dim - 1 = 2, got x\[1, 2\] = ") as caught:
        layer(x)
    assert repr(float(np.float32(wrong))) in str(caught.value)


def test_more_rows_than_the_type_can_count_are_refused_when_built():
    with pytest.raises(ValueError, match=r"16777217 rows.* float32.* counts to 16777216.*dtype=\"float64\""):
        Embedding(2**24 + 1, 1).declare((3,))
    layer = Embedding(2**24 + 1, 1)
    layer.set_dtype("float64")
    assert layer.declare((3,)) == (3, 1)


def test_an_index_has_no_derivative():
    layer = Embedding(3, 2)
    y = layer(np.ones((2, 4)))
    np.testing.assert_array_equal(layer.backward(y), np.zeros((2, 4)))
    layer.plan_backward(False)
    assert layer.backward(y) is None


def test_a_step_allocates_nothing_of_the_size_of_its_output():
    layer = Embedding(10, 256)
    x = np.random.default_rng(0).integers(0, 10, (32, 16)).astype(np.float32)
    layer(x)
    dy = np.ones_like(layer.forward(x))
    layer.backward(dy)
    tracemalloc.start()
    try:
        layer.forward(x, training=True)
        layer.backward(dy)
        assert tracemalloc.get_traced_memory()[1] < dy.nbytes / 8
    finally:
        tracemalloc.stop()


def test_a_model_learns_a_vector_for_each_word():
    # Tells apart sentences with the word 3 from those without it.
    x = np.random.default_rng(0).integers(0, 6, (200, 5))
    y = (x == 3).any(axis=1).astype(np.float32)[:, None]
    dense = {"dense": {"units": 1, "activation": "sigmoid"}}
    model = Sequential([Input((5,)), Embedding(6, 4), "global_max_pooling1d", dense], seed=0)
    model.compile({"adam": 0.05}, "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=10, batch_size=20, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.95


# Losses of the one-hot model in Keras 3.15; its Embedding gives others, for it squares repeated gradients one by one.
@pytest.mark.parametrize(
    ("optimizer", "losses"),
    [
        ({"adam": 0.01}, [0.4989626, 0.4494208, 0.4052524, 0.3663747]),
        ({"rmsprop": 0.01}, [0.4989626, 0.3599153, 0.2990848, 0.2615182]),
        ({"sgd": {"learning_rate": 0.1, "momentum": 0.9}}, [0.4989626, 0.3096074, 0.1684346, 0.1763625]),
    ],
    ids=["adam", "rmsprop", "sgd"],
)
def test_it_learns_as_a_dense_layer_on_one_hot_rows_does(optimizer, losses):
    x = np.random.default_rng(0).integers(0, 6, (8, 5))  # most indices several times
    y = np.random.default_rng(1).random((8, 1)).astype(np.float32)
    for first, inputs in ((Embedding(9, 4), x), (Dense(4, use_bias=False), np.eye(9, dtype=np.float32)[x])):
        model = Sequential([Input(inputs.shape[1:]), first, "global_average_pooling1d", {"dense": 1}])
        random = np.random.default_rng(2)
        model.set_weights([random.normal(size=w.shape) for w in model.weights])
        model.compile(optimizer, "mse")
        np.testing.assert_allclose([model.train_on_batch(inputs, y) for _ in losses], losses, rtol=1e-5)


@pytest.mark.parametrize("value", [0, -1, 2.5, "3", None, True])
def test_sizes_that_are_no_counts_are_refused(value):
    with pytest.raises(ArgumentError, match="Embedding: input_dim must be a positive whole number"):
        Embedding(value, 2)
    with pytest.raises(ArgumentError, match="Embedding: output_dim must be a positive whole number"):
        Embedding(2, value)


def test_specs_that_nobody_registered_are_refused_by_the_constructor():
    for argument in ("initializer", "regularizer", "constraint"):
        with pytest.raises(UnknownNameError):
            Embedding(2, 2, **{f"embeddings_{argument}": "no_such_thing"})


@pytest.mark.parametrize(("name", "value"), [("zero", 0), ("one", 1), ("zeros", 0), ("ones", 1)])
def test_initializers_may_have_kerass_short_names(name, value):
    np.testing.assert_array_equal(Embedding(2, 3, name)([0, 1]), np.full((2, 3), value))
