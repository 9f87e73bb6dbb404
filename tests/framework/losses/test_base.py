"""What all losses share: reductions, sample weights, shapes. Numbers are Keras 3.15's (TensorFlow, float32)."""

import tracemalloc

import numpy as np
import pytest

from framework import Input, Sequential, losses
from framework.layers import Dense, Softmax
from framework.losses import CategoricalCrossentropy, Loss, MeanSquaredError, SparseCategoricalCrossentropy
from framework.losses.sparse import ClassNumberLoss
from framework.registry import ArgumentError, UnknownNameError

TRUE = np.array([[1, 2], [0, -1], [3, 0.5]], np.float32)
PRED = np.array([[0.5, 2.5], [1, -1.5], [2, 0.75]], np.float32)
WEIGHT = [1, 2, 0.5]

KERAS = [
    # reduction, sample_weight, loss, gradient
    ("sum_over_batch_size", None, 0.46875, [[-1 / 6, 1 / 6], [1 / 3, -1 / 6], [-1 / 3, 1 / 12]]),
    ("sum_over_batch_size", WEIGHT, 0.588541687, [[-1 / 6, 1 / 6], [2 / 3, -1 / 3], [-1 / 6, 1 / 24]]),
    ("mean", WEIGHT, 0.588541687, [[-1 / 6, 1 / 6], [2 / 3, -1 / 3], [-1 / 6, 1 / 24]]),
    ("sum", None, 1.40625, [[-0.5, 0.5], [1, -0.5], [-1, 0.25]]),
    ("sum", WEIGHT, 1.765625, [[-0.5, 0.5], [2, -1], [-0.5, 0.125]]),
    ("mean_with_sample_weight", None, 0.46875, [[-1 / 6, 1 / 6], [1 / 3, -1 / 6], [-1 / 3, 1 / 12]]),
    ("mean_with_sample_weight", WEIGHT, 0.504464269, [[-1 / 7, 1 / 7], [4 / 7, -2 / 7], [-1 / 7, 1 / 28]]),
]


@pytest.mark.parametrize(("reduction", "weight", "value", "gradient"), KERAS)
def test_reductions_are_those_of_keras(reduction, weight, value, gradient):
    loss = MeanSquaredError(reduction)
    assert loss(TRUE, PRED, weight) == pytest.approx(value, rel=1e-6)
    both = loss.value_and_gradient(TRUE, PRED, weight)
    assert both[0] == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(both[1], gradient, rtol=1e-6)


def test_weights_may_stand_in_a_column():
    column = np.array(WEIGHT)[:, None]
    assert MeanSquaredError()(TRUE, PRED, column) == MeanSquaredError()(TRUE, PRED, WEIGHT)


@pytest.mark.parametrize("reduction", ["none", None])
def test_without_reduction_every_sample_has_its_loss_and_there_is_no_gradient(reduction):
    loss = MeanSquaredError(reduction)
    np.testing.assert_allclose(loss(TRUE, PRED), [0.25, 0.625, 0.53125])
    np.testing.assert_allclose(loss(TRUE, PRED, WEIGHT), [0.25, 1.25, 0.265625])
    with pytest.raises(ValueError, match="to train, use reduction='sum_over_batch_size' or 'sum'"):
        loss.value_and_gradient(TRUE, PRED)


@pytest.mark.parametrize("reduction", ["avg", "", 3, ["sum"]])
def test_another_reduction_is_refused_with_those_that_exist(reduction):
    with pytest.raises(
        ArgumentError, match="MeanSquaredError: reduction must be one of 'sum_over_batch_size', "
    ) as caught:
        MeanSquaredError(reduction)
    assert caught.value.argument == "reduction"


@pytest.mark.parametrize(
    ("reduction", "weight", "value"),
    [
        # from Keras's loss_test.py
        (None, None, [0.81, 0.04, 0.49, 0.16]),
        ("sum", None, 1.5),
        ("sum_over_batch_size", None, 0.375),
        ("sum_over_batch_size", [0.4, 0.3, 0.2, 0.1], 0.1125),
        ("sum_over_batch_size", [[0.4], [0.3], [0.2], [0.1]], 0.1125),
        ("sum_over_batch_size", [0, 0, 0, 0], 0),
    ],
)
def test_the_figures_of_keras_own_tests_come_out(reduction, weight, value):
    true, pred = [1.0, 0.0, 1.0, 0.0], [0.1, 0.2, 0.3, 0.4]
    np.testing.assert_allclose(MeanSquaredError(reduction)(true, pred, weight), value, rtol=1e-6)
    np.testing.assert_allclose(MeanSquaredError(reduction)(np.int32(true)[:, None], pred, weight), value, rtol=1e-6)


TRUE_3D = [[[1, 0], [0, 2], [1, 1]], [[0.5, 0], [2, 0], [0, 0]]]
PRED_3D = [[[0, 0.5], [1, 2], [1.5, 1]], [[0.5, 1], [0, 0], [0.25, -1]]]


@pytest.mark.parametrize(
    ("weight", "value"),
    [
        (None, 0.713541687),
        ([[1, 0, 2], [0.5, 1, 0]], 0.520833313),
        ([[1], [2]], 1.21875),
        ([1, 2], 1.21875),  # Keras refuses this one; each weight counts for its whole sample
        (2.0, 2 * 0.713541687),
    ],
)
def test_samples_with_an_axis_of_time_are_weighed_one_by_one_or_step_by_step(weight, value):
    loss = MeanSquaredError()
    got, gradient = loss.value_and_gradient(TRUE_3D, PRED_3D, weight)
    assert got == pytest.approx(value, rel=1e-6)
    assert gradient.shape == (2, 3, 2)
    assert loss(TRUE_3D, PRED_3D, weight) == got


@pytest.mark.parametrize("weight", [[1, 2], [[1, 2], [1, 2], [1, 2]], [[1, 2, 3]]])
def test_weights_that_do_not_match_the_batch_are_refused(weight):
    with pytest.raises(ValueError, match=r"sample weights of shape .* do not match 3 samples"):
        MeanSquaredError()(TRUE, PRED, weight)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_weights_of_zero_give_zero_and_never_nan(reduction):
    value, gradient = MeanSquaredError(reduction).value_and_gradient(TRUE, PRED, [0, 0, 0])
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("shapes", [((3,), (3, 1)), ((3, 1), (3,)), ((3,), (3,)), ((3, 1), (3, 1))])
def test_a_row_and_a_column_are_taken_for_each_other_and_never_broadcast(shapes):
    true, pred = np.array([1, 2, 3.0]).reshape(shapes[0]), np.array([0.5, 2.5, 4]).reshape(shapes[1])
    value, gradient = MeanSquaredError().value_and_gradient(true, pred)
    assert value == pytest.approx(0.5)
    assert gradient.shape == pred.shape
    np.testing.assert_allclose(gradient.ravel(), [-1 / 3, 1 / 3, 2 / 3])
    assert MeanSquaredError("sum")(true, pred) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("true", "pred"), [((3,), (3, 2)), ((3, 2), (3,)), ((3, 2), (2, 2)), ((3, 1), (3, 2)), ((), (2,))]
)
def test_other_differences_in_shape_are_refused(true, pred):
    with pytest.raises(ValueError, match=r"MeanSquaredError: targets of shape .* do not match predictions of shape"):
        MeanSquaredError()(np.zeros(true), np.zeros(pred))


@pytest.mark.parametrize("name", ["mse", "mae", "bce", "categorical_crossentropy"])
@pytest.mark.parametrize(
    ("targets", "output"), [((6,), (2,)), ((6, 3), (2,)), ((6, 1), (2,)), ((6, 2), (2, 2)), ((6, 2), (1,))]
)
def test_targets_that_no_prediction_could_match_are_refused_as_with_predictions(name, targets, output):
    loss = losses.get(name)
    with pytest.raises(ValueError) as expected:
        loss(np.zeros(targets), np.zeros((6, *output)))
    with pytest.raises(ValueError) as caught:
        loss.check_targets(np.zeros(targets), output)
    assert str(caught.value) == str(expected.value)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32, np.float64])
@pytest.mark.parametrize(
    ("targets", "output"), [((6,), (1,)), ((6, 1), (1,)), ((6, 1), ()), ((6, 2), (2,)), ((0,), (1,))]
)
def test_targets_that_match_pass_whatever_their_type(dtype, targets, output):
    MeanSquaredError().check_targets(np.ones(targets, dtype), output)


def test_checking_targets_copies_no_data():
    many = np.zeros((1_000_000, 1), np.int8)
    tracemalloc.start()
    try:
        MeanSquaredError().check_targets(many, (1,))
        with pytest.raises(ValueError, match=r"targets of shape \(1000000, 1\) do not match .* \(1000000, 9\)"):
            MeanSquaredError().check_targets(many, (9,))
        assert tracemalloc.get_traced_memory()[1] < many.nbytes / 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["mse", "bce", "categorical_crossentropy"])
def test_fit_refuses_targets_of_another_shape_before_training(name):
    model = Sequential([Input((2,)), Dense(4, "sigmoid")], seed=0)
    model.compile("adam", name)
    before = model.parameters.value.copy()
    with pytest.raises(ValueError, match=r"targets of shape \(3,\) do not match predictions of shape \(3, 4\)"):
        model.fit(TRUE, [0, 1, 2], batch_size=2, verbose=0)
    np.testing.assert_array_equal(model.parameters.value, before)


def test_a_single_number_is_no_batch():
    with pytest.raises(ValueError, match=r"MeanSquaredError takes a batch of predictions, not the single number 2.0"):
        MeanSquaredError()(1.0, 2.0)


OWN = [name for name in losses.registry if losses.registry[name].__module__.startswith("framework.")]


@pytest.mark.parametrize("name", OWN)
class TestEveryLoss:
    TARGETS = np.eye(3)
    PREDICTIONS = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]])

    def targets(self, name):
        return self.TARGETS.argmax(axis=1) if "class number" in losses.get(name).expects[:20] else self.TARGETS

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_gives_a_python_float_and_a_gradient_of_the_predictions_type(self, name, dtype):
        loss, y_true, y_pred = losses.get(name), self.targets(name), self.PREDICTIONS.astype(dtype)
        value, gradient = loss.value_and_gradient(y_true, y_pred)
        assert type(value) is type(loss(y_true, y_pred)) is float
        assert (gradient.dtype, gradient.shape) == (dtype, y_pred.shape)

    def test_computes_in_the_predictions_type_throughout(self, name):
        loss = losses.get(name)
        aligned = loss.aligned(self.targets(name), self.PREDICTIONS.astype(np.float32))
        assert loss.values(*aligned).dtype == loss.gradient(*aligned).dtype == np.float32

    def test_an_empty_batch_costs_nothing(self, name):
        loss = losses.get(name)
        if name in ("dice", "tversky"):  # a share of the whole batch: nothing overlaps with nothing
            loss = type(loss)(axis=-1)
        assert loss(self.targets(name)[:0], self.PREDICTIONS[:0]) == 0

    def test_has_its_name_in_snake_case(self, name):
        assert losses.get(name).name == {"huber": "huber_loss"}.get(name, name)  # as in Keras


class Cubic(Loss):
    """|y_true - y_pred|³ as a user writes it."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def values(self, y_true, y_pred):
        return self.factor * (np.abs(y_pred - y_true) ** 3).mean(axis=-1)

    def gradient(self, y_true, y_pred):
        return 3 * self.factor * (y_pred - y_true) * np.abs(y_pred - y_true) / y_pred.shape[-1]


def test_a_users_loss_needs_two_methods_and_no_super_init():
    loss = Cubic(2.0)
    assert loss([[1.0], [0.0]], [[3.0], [0.0]]) == 8
    assert repr(loss) == "Cubic(factor=2.0)"
    model = Sequential([Input((2,)), Dense(1)], seed=0)
    model.compile("adam", loss)
    before = model.evaluate(TRUE, [1, 2, 3], verbose=0)
    model.fit(TRUE, [1, 2, 3], epochs=20, verbose=0)
    assert model.evaluate(TRUE, [1, 2, 3], verbose=0) < before


class OfImages(Cubic):
    """One loss for each image, and an argument that is called axis."""

    def __init__(self, axis=None):
        super().__init__()
        self.axis = axis

    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred).mean(axis=-1)

    def gradient(self, y_true, y_pred):
        return super().gradient(y_true, y_pred) / y_pred.shape[1]


@pytest.mark.parametrize("axis", [None, -1, (1, 2)])
def test_a_users_loss_may_reduce_all_axes_of_a_sample_to_one(axis):
    pred = np.array(PRED_3D)
    value, gradient = OfImages(axis).value_and_gradient(TRUE_3D, pred, [1, 0])
    alone, expected = OfImages(axis).value_and_gradient(TRUE_3D[:1], pred[:1])
    assert value == pytest.approx(alone / 2)
    np.testing.assert_allclose(gradient, [expected[0] / 2, 0 * expected[0]])


class OneHot(Cubic):
    """Takes class numbers, and says so in its own `aligned`."""

    def aligned(self, y_true, y_pred):
        return super().aligned(np.eye(np.shape(y_pred)[-1])[y_true], y_pred)


class Own(Cubic):
    """Goes its own ways with whatever targets."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        return float(y_pred.sum())

    def value_and_gradient(self, y_true, y_pred, sample_weight=None):
        return float(y_pred.sum()), np.ones_like(y_pred)


@pytest.mark.parametrize("cls", [OneHot, Own])
def test_a_users_loss_may_take_targets_of_a_shape_of_its_own(cls):
    model = Sequential([Input((2,)), Dense(4)], seed=0)
    model.compile("adam", cls())
    model.fit(TRUE, np.array([0, 1, 3]), validation_data=(TRUE, np.array([0, 1, 3])), verbose=0)
    assert model.optimizer.iterations == 1


def test_a_loss_without_methods_says_which_it_needs():
    with pytest.raises(NotImplementedError, match=r"Loss must define values\(y_true, y_pred\)"):
        Loss()(TRUE, PRED)
    with pytest.raises(NotImplementedError, match=r"Loss must define gradient\(y_true, y_pred\)"):
        Loss().gradient(TRUE, PRED)
    with pytest.raises(NotImplementedError, match="Cubic absorbs no layer"):
        Cubic().fused_value_and_gradient(TRUE, Dense(1), PRED)


def test_wrong_names_are_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown loss 'mean_square_eror'; did you mean 'mean_squared_error'"):
        losses.get("mean_square_eror")


class Tempered(Softmax):
    def forward(self, x, training=False):
        return super().forward(x / 10, training)

    def backward(self, dy):
        return super().backward(dy) / 10


class Noting(Dense):
    def backward(self, dy):
        self.called = True
        return super().backward(dy)


def test_a_subclass_with_its_own_derivative_is_not_absorbed():
    assert CategoricalCrossentropy().can_absorb(Softmax())
    assert not CategoricalCrossentropy().can_absorb(Tempered())


def test_the_backward_of_a_subclass_of_dense_is_called():
    layer = Noting(3, "softmax")
    model = Sequential([Input((2,)), layer])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch([[1.0, 2.0]], [1])
    assert layer.called


class TestShortcuts:
    """What a class inherits for speed must not stand for what it defines itself."""

    X = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, 0.3]], np.float32)
    LABELS = np.array([0, 2])

    def test_a_fused_form_of_its_own_is_not_overruled_in_evaluation(self):
        class Doubled(SparseCategoricalCrossentropy):
            def fused_value_and_gradient(self, y_true, output, y_pred, sample_weight=None):
                value, gradient = super().fused_value_and_gradient(y_true, output, y_pred, sample_weight)
                return 2 * value, 2 * gradient

        output = Softmax()
        y_pred = output(self.X)
        plain = SparseCategoricalCrossentropy().fused_value(self.LABELS, output, y_pred)
        assert Doubled().fused_value(self.LABELS, output, y_pred) == 2 * plain

    def test_a_gradient_of_its_own_is_not_overruled_in_training(self):
        class Still(SparseCategoricalCrossentropy):
            def gradient(self, y_true, y_pred):
                return np.zeros_like(y_pred)

        assert not Still(from_logits=True).buffered_value_and_gradient(self.LABELS, self.X)[1].any()
        assert SparseCategoricalCrossentropy(from_logits=True).value_and_gradient(self.LABELS, self.X)[1].any()

    def test_a_value_and_gradient_of_its_own_has_the_last_word(self):
        class HalfSquaredError(MeanSquaredError):
            def value_and_gradient(self, y_true, y_pred, sample_weight=None):
                value, gradient = super().value_and_gradient(y_true, y_pred, sample_weight)
                return value / 2, gradient / 2

        value, gradient = MeanSquaredError().value_and_gradient(TRUE, PRED)
        halved, half = HalfSquaredError().buffered_value_and_gradient(TRUE, PRED)
        assert halved == value / 2
        np.testing.assert_array_equal(half, gradient / 2)

    def test_what_gradient_returns_is_left_alone(self):
        class Kept(Loss):
            def values(self, y_true, y_pred):
                return (y_pred * 3).sum(axis=-1)

            def gradient(self, y_true, y_pred):
                return SLOPES

        SLOPES = np.full(PRED.shape, 3.0)
        _, gradient = Kept().buffered_value_and_gradient(TRUE, PRED)
        np.testing.assert_allclose(gradient, 1.0)
        assert gradient.dtype == np.float32
        assert (SLOPES == 3).all()


@pytest.mark.parametrize("d", [1, 3, 64, 65, 1000])
def test_sums_and_means_are_those_of_numpy_at_any_width(d):
    x = np.random.default_rng(d).random((5, 2, d), np.float32)
    loss = MeanSquaredError()
    np.testing.assert_allclose(loss.sums(x), x.sum(axis=-1), rtol=1e-6)
    np.testing.assert_allclose(loss.means(x), x.mean(axis=-1), rtol=1e-6)
    turned = x.swapaxes(0, 1)
    np.testing.assert_allclose(loss.sums(turned), turned.sum(axis=-1), rtol=1e-6)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_targets_of_any_type_are_left_as_they_are(dtype):
    y_true = np.array([[0], [1], [1]], dtype)
    before = y_true.copy()
    for name in ("binary_crossentropy", "mse", "hinge"):
        exact = losses.get(name).value_and_gradient(y_true.astype(np.float64), np.array([[0.2], [0.7], [0.4]]))
        got = losses.get(name).value_and_gradient(y_true, np.array([[0.2], [0.7], [0.4]]))
        assert got[0] == exact[0]
        np.testing.assert_array_equal(got[1], exact[1])
    np.testing.assert_array_equal(y_true, before)
    assert y_true.dtype == dtype


class Doubles:
    """A mixin: twice what the loss after it gives."""

    def values(self, y_true, y_pred):
        return 2 * super().values(y_true, y_pred)

    def gradient(self, y_true, y_pred):
        return 2 * super().gradient(y_true, y_pred)


@pytest.mark.parametrize(
    ("base", "truth"), [(SparseCategoricalCrossentropy, [0, 1, 0]), (CategoricalCrossentropy, [[1, 0], [0, 1], [1, 0]])]
)
def test_what_a_mixin_defines_holds_in_training_too(base, truth):
    class Mixed(Doubles, base):
        pass

    class Heir(Mixed):
        pass

    value, gradient = base(from_logits=True).value_and_gradient(truth, PRED)
    for cls in (Mixed, Heir):
        loss = cls(from_logits=True)
        assert loss(truth, PRED) == pytest.approx(2 * value)
        both = loss.value_and_gradient(truth, PRED)
        assert both[0] == pytest.approx(2 * value)
        np.testing.assert_allclose(both[1], 2 * gradient, rtol=1e-5)


def test_a_fused_loss_of_a_mixin_is_the_one_of_evaluation_too():
    class Fused:
        def fused_value_and_gradient(self, *arguments):
            value, gradient = super().fused_value_and_gradient(*arguments)
            return 2 * value, 2 * gradient

    class Mixed(Fused, SparseCategoricalCrossentropy):
        pass

    output = Softmax()
    p, truth = output.forward(PRED), np.array([0, 1, 0])
    value = SparseCategoricalCrossentropy().fused_value(truth, output, p)
    assert Mixed().fused_value(truth, output, p) == pytest.approx(2 * value)


def test_a_mixin_behind_the_loss_or_about_other_things_costs_no_shortcut():
    class Behind(SparseCategoricalCrossentropy, Doubles):
        pass

    class Other:
        expects = "anything"

    class Before(Other, SparseCategoricalCrossentropy):
        pass

    for cls in (Behind, Before):
        assert cls.reduced_value_and_gradient is SparseCategoricalCrossentropy.reduced_value_and_gradient
        assert cls.fused_value is SparseCategoricalCrossentropy.fused_value


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [name for name in losses.registry if name != "crossentropy"])
def test_values_outlive_the_gradient_and_the_gradient_the_values(name, dtype):
    loss = losses.get(name)
    truth = np.array([1, 0]) if isinstance(loss, ClassNumberLoss) else np.array([[0, 1, 0], [1, 0, 0]], dtype)
    _outlive(loss, truth, np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], dtype))


@pytest.mark.parametrize(
    "name", [name for name in losses.registry if "from_logits" in losses.registry[name].signature()]
)
def test_so_they_do_of_logits(name):
    loss = losses.get({name: {"from_logits": True}})
    truth = np.array([1, 0]) if name.startswith("sparse") else np.array([[0, 1, 0], [1, 0, 0]], np.float32)
    _outlive(loss, truth, np.array([[2, -1, 0.5], [0.3, 1, -1]], np.float32))


def _outlive(loss, truth, pred):
    values = loss.values(truth, pred)
    before = values.copy()
    gradient = loss.gradient(truth, pred)
    np.testing.assert_array_equal(values, before)
    before = gradient.copy()
    loss.values(truth, pred[::-1].copy())
    np.testing.assert_array_equal(gradient, before)


def test_a_loss_with_values_of_its_own_absorbs_nothing_that_its_base_does():
    class Doubled(losses.SparseCategoricalCrossentropy):
        def values(self, y_true, y_pred):
            return 2 * super().values(y_true, y_pred)

        def gradient(self, y_true, y_pred):
            return 2 * super().gradient(y_true, y_pred)

    assert Doubled.absorbs is None
    assert losses.SparseCategoricalCrossentropy.absorbs is not None
