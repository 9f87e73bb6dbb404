"""Parameters are views of two flat vectors, and stay so."""

import copy

import numpy as np
import pytest

from framework.parameters import Parameter, ParameterVector


@pytest.fixture
def vector():
    return ParameterVector.from_arrays([[[1, 2, 3], [4, 5, 6]], [7, 8]])


def test_values_and_gradients_are_views_of_the_vector(vector):
    kernel, bias = vector
    for p in vector:
        assert np.shares_memory(p.value, vector.value)
        assert np.shares_memory(p.grad, vector.grad)
    vector.value *= 2
    bias.grad[...] = [1, -1]
    np.testing.assert_array_equal(kernel.value, [[2, 4, 6], [8, 10, 12]])
    np.testing.assert_array_equal(vector.grad, [0, 0, 0, 0, 0, 0, 1, -1])


def test_the_vector_is_float32_and_contiguous_and_knows_its_size(vector):
    assert vector.value.dtype == vector.grad.dtype == vector.dtype == np.float32
    assert vector.value.flags.c_contiguous
    assert (vector.size, len(vector)) == (8, 2)
    assert [place for _, place in vector.places()] == [slice(0, 6), slice(6, 8)]


@pytest.mark.parametrize("what", ["value", "grad"])
def test_rebinding_is_refused_with_what_to_write_instead(vector, what):
    parameter = vector.parameters[1]
    with pytest.raises(AttributeError, match=rf"write parameter_1\.{what}\[\.\.\.\] = array"):
        setattr(parameter, what, np.zeros(2))
    np.testing.assert_array_equal(parameter.value, [7, 8])


def test_augmented_assignment_works_in_place(vector):
    parameter = vector.parameters[1]
    parameter.value *= 2
    parameter.grad -= 1
    np.testing.assert_array_equal(vector.value[6:], [14, 16])
    np.testing.assert_array_equal(vector.grad[6:], [-1, -1])


@pytest.mark.parametrize("what", ["value", "grad"])
def test_before_it_is_built_a_parameter_says_that_it_has_no_array(what):
    with pytest.raises(AttributeError, match=r"'kernel' has no .* yet: build its layer or model first"):
        getattr(Parameter("kernel", (2,)), what)


def test_a_new_vector_takes_over_values_and_gradients(vector):
    kernel, bias = vector
    bias.grad[...] = 3
    other = ParameterVector([bias], np.float64)
    np.testing.assert_array_equal(other.value, [7, 8])
    np.testing.assert_array_equal(other.grad, [3, 3])
    vector.value[...] = 0
    np.testing.assert_array_equal(bias.value, [7, 8])
    np.testing.assert_array_equal(kernel.value, np.zeros((2, 3)))


def test_initializing_happens_once_and_never_overwrites_what_was_assigned():
    calls = []
    fresh = Parameter("a", (2,), lambda shape, rng: calls.append(shape) or np.ones(shape))
    loaded = Parameter("b", (1,), lambda shape, rng: np.ones(shape))
    ParameterVector([fresh, loaded])
    loaded.assign([5])
    for _ in range(2):
        fresh.initialize()
        loaded.initialize()
    assert calls == [(2,)]
    assert fresh.value.tolist() == [1, 1]
    assert loaded.value.tolist() == [5]


def test_assigning_copies_and_checks_the_shape(vector):
    source = np.array([1.0, 2.0])
    bias = vector.parameters[1]
    bias.assign(source)
    source[...] = 9
    assert bias.value.tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"'parameter_1' has shape \(2,\), it cannot take \(1, 2\)"):
        bias.assign([[1, 2]])


@pytest.mark.parametrize("shape", [3, (2.5,), ("2",), (-1,), (None, 3)])
def test_a_shape_that_is_none_is_refused_at_once(shape):
    with pytest.raises(
        ValueError, match=r"parameter 'bias': the shape must be a tuple of whole numbers such as \(3,\)"
    ):
        Parameter("bias", shape)


def test_a_scalar_parameter_is_a_single_number():
    parameter = Parameter("scale", ())
    vector = ParameterVector([parameter])
    parameter.value[...] = 2
    assert vector.value.tolist() == [2]


def test_numpy_takes_a_parameter_for_its_value(vector):
    bias = vector.parameters[1]
    assert (np.asarray(bias) @ [1, 1]).item() == 15
    copied = np.array(bias, copy=True)
    copied[...] = 0
    assert bias.value.tolist() == [7, 8]


def test_a_deep_copy_is_laid_out_anew_and_independent(vector):
    vector.grad[...] = 1
    twin = copy.deepcopy(vector)
    assert all(np.shares_memory(p.value, twin.value) and np.shares_memory(p.grad, twin.grad) for p in twin)
    np.testing.assert_array_equal(twin.grad, vector.grad)
    twin.value[...] = 0
    assert vector.value[0] == 1


def test_an_empty_vector_is_fine():
    assert ParameterVector().size == 0


def test_repr_tells_names_shapes_and_sizes(vector):
    assert repr(vector) == "ParameterVector(2 parameters, 8 numbers, float32)"
    assert repr(Parameter("mean", (2,), trainable=False)) == "Parameter('mean', (2,), trainable=False)"


@pytest.mark.parametrize("name", ["value", "grad"])
def test_a_vector_cannot_be_cut_off_from_its_parameters(name: str) -> None:
    vector = ParameterVector.from_arrays([[1.0, 2.0]])
    with pytest.raises(AttributeError, match=rf"write vector\.{name}\[\.\.\.\] = array"):
        setattr(vector, name, np.zeros(2))
    vector.value *= 2
    assert vector.parameters[0].value.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("size", [10**15, 10**30])
def test_more_parameters_than_memory_are_refused_with_the_numbers(size: int) -> None:
    with pytest.raises(MemoryError, match=rf"^{size:,} parameters and their gradients need [\d,]+ GiB"):
        ParameterVector([Parameter("kernel", (size,))])


def test_arrays_can_be_neither_assigned_nor_deleted_bound_or_not():
    parameter = Parameter("w", (2,))
    for _ in range(2):
        with pytest.raises(AttributeError, match="cannot rebind the value"):
            parameter.value = None
        with pytest.raises(AttributeError, match="cannot rebind the gradient"):
            del parameter.grad
        ParameterVector([parameter])
    assert parameter.value.shape == (2,)


def test_what_a_property_of_a_subclass_misses_is_what_is_said():
    class Doubled(Parameter):
        @property
        def doubled(self):
            return self.value * 2

    with pytest.raises(AttributeError, match="parameter 'w' has no value yet"):
        Doubled("w", (2,)).doubled  # noqa: B018
