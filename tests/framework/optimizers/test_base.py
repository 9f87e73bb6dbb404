"""What all optimizers share: settings, counting, clipping, decay, averaging, accumulation, learning rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Parameter, ParameterVector, optimizers, schedules
from framework.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop
from framework.registry import ArgumentError, UnknownNameError

CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def started(optimizer: Optimizer, *arrays: Any) -> ParameterVector:
    vector = ParameterVector.from_arrays(arrays)
    optimizer.bind(vector)
    return vector


class Signs(Optimizer):
    """The optimizer that a user might write."""

    slot_names = ("steps",)

    def update(self, value: Any, grad: Any, learning_rate: float) -> None:
        self.slots["steps"] += 1
        value -= learning_rate * np.sign(grad)


def test_an_optimizer_of_ones_own_needs_update_and_slot_names_alone() -> None:
    signs = Signs(0.5)
    vector = started(signs, [1.0, 2.0])
    vector.grad[...] = [3.0, -4.0]
    signs.step()
    assert vector.value.tolist() == [0.5, 2.5]
    assert signs.slots["steps"].tolist() == [1, 1]


class Bare(Optimizer):
    """One whose constructor knows nothing of the settings that all optimizers have."""

    def __init__(self, learning_rate: float = 0.5) -> None:
        super().__init__(learning_rate)

    def update(self, value: Any, grad: Any, learning_rate: float) -> None:
        value -= learning_rate * grad


def test_an_optimizer_of_ones_own_has_the_settings_of_all() -> None:
    bare = Bare.from_config({"learning_rate": 1.0, "clipvalue": 0.5, "use_ema": True})
    vector = started(bare, [1.0, 2.0])
    vector.grad[...] = [3.0, -0.25]
    bare.step()
    assert vector.value.tolist() == [0.5, 2.25]
    assert bare.slots["ema"].tolist() == [0.5, 2.25]
    assert repr(bare) == "Bare(learning_rate=1.0, clipvalue=0.5, use_ema=True)"


def test_its_settings_are_checked_like_those_of_others() -> None:
    with pytest.raises(ArgumentError, match="Bare: clipnorm must be a number above 0, got -1") as caught:
        Bare.from_config({"clipnorm": -1})
    assert caught.value.argument == "clipnorm"
    bare = Bare()
    bare.ema_momentum = 2.0
    with pytest.raises(ArgumentError, match=r"Bare: ema_momentum must be a number between 0 and 1, got 2\.0"):
        started(bare, [1.0])


def test_the_settings_of_all_have_one_order_and_one_set_of_defaults() -> None:
    common = list(Optimizer.common_arguments)
    for name in optimizers.registry:
        cls = optimizers.registry[name]
        listed = cls.signature()
        assert next(iter(listed)) == "learning_rate"
        own = [argument for argument in listed if argument not in common]
        in_common = [argument for argument in listed if argument in common]
        if cls is AdamW:  # whose decay comes second, as in Keras, and has a default of its own
            assert list(listed)[1] == "weight_decay"
        else:
            assert list(listed) == own + common
            assert listed["weight_decay"].default is None
        assert in_common == common
        for argument in common[1:]:
            assert listed[argument].default == Optimizer.common_arguments[argument].default


def test_the_name_is_that_of_the_class_unless_given() -> None:
    assert [o.name for o in (SGD(), AdamW(), RMSprop(), Adam(name="my_adam"))] == [
        "sgd",
        "adam_w",
        "rm_sprop",
        "my_adam",
    ]


def test_an_optimizer_without_update_says_what_is_missing() -> None:
    lazy = type("Lazy", (Optimizer,), {})(0.1)
    started(lazy, [1.0])
    with pytest.raises(NotImplementedError, match=r"Lazy must define update\(value, grad, learning_rate\)"):
        lazy.step()


def test_a_step_before_bind_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"SGD has no parameters yet: bind\(vector\) or compile a model first"):
        SGD().step()


def test_iterations_count_the_steps() -> None:
    sgd = SGD()
    started(sgd, [1.0])
    for _ in range(3):
        sgd.step()
    assert sgd.iterations == 3


def test_clipnorm_limits_each_parameter_by_itself() -> None:
    sgd = SGD(1.0, clipnorm=1.0)
    vector = started(sgd, [0.0, 0.0], [0.0])
    vector.grad[...] = [3.0, 4.0, 0.5]
    sgd.step()
    np.testing.assert_allclose(vector.value, [-0.6, -0.8, -0.5], rtol=1e-6)


def test_global_clipnorm_limits_all_parameters_together() -> None:
    sgd = SGD(1.0, global_clipnorm=1.0)
    vector = started(sgd, [0.0, 0.0], [0.0])
    vector.grad[...] = [2.0, 3.0, 6.0]
    sgd.step()
    np.testing.assert_allclose(vector.value, [-2 / 7, -3 / 7, -6 / 7], rtol=1e-6)


def test_clipvalue_limits_each_number() -> None:
    sgd = SGD(1.0, clipvalue=1.0)
    vector = started(sgd, [0.0, 0.0, 0.0])
    vector.grad[...] = [-2.0, 0.25, 6.0]
    sgd.step()
    assert vector.value.tolist() == [1.0, -0.25, -1.0]


@pytest.mark.parametrize("clip", CLIPS)
def test_a_gradient_of_zero_survives_clipping(clip: str) -> None:
    sgd = SGD(**{clip: 1.0})
    vector = started(sgd, [1.0])
    sgd.step()
    assert vector.value.tolist() == [1.0]


def test_weight_decay_shrinks_before_the_update_and_follows_the_learning_rate() -> None:
    sgd = SGD(0.5, weight_decay=0.1)
    vector = started(sgd, [2.0])
    vector.grad[...] = 1.0
    sgd.step()
    assert vector.value[0] == pytest.approx(2.0 * (1 - 0.1 * 0.5) - 0.5)


def test_the_learning_rate_can_be_set_between_steps() -> None:
    sgd = SGD(0.5)
    vector = started(sgd, [1.0])
    vector.grad[...] = 1.0
    sgd.step()
    sgd.learning_rate = 0.25
    sgd.step()
    assert vector.value.tolist() == [0.25]
    assert sgd.get_config()["learning_rate"] == 0.25


def test_a_schedule_is_asked_for_the_step_that_comes() -> None:
    sgd = SGD(schedules.PiecewiseConstantDecay([0, 1], [1.0, 0.5, 0.25]))
    started(sgd, [1.0])
    rates = []
    for _ in range(3):
        rates.append(sgd.learning_rate)
        sgd.step()
    assert rates == [1.0, 0.5, 0.25]


def test_the_learning_rate_of_a_schedule_cannot_be_set() -> None:
    sgd = SGD(schedules.ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(TypeError, match=r"follows ExponentialDecay\(.*\) and cannot be set to 0.5"):
        sgd.learning_rate = 0.5


def test_a_function_can_give_the_learning_rate() -> None:
    rates = iter([0.5, 0.25])
    sgd = SGD(lambda: next(rates))
    vector = started(sgd, [1.0])
    for _ in range(2):
        vector.grad[...] = 1.0
        sgd.step()
    assert vector.value.tolist() == [0.25]
    with pytest.raises(TypeError, match=r"learning rate of this SGD follows <function .* and cannot be set to 0.1"):
        sgd.learning_rate = 0.1
    with pytest.raises(TypeError, match="cannot be written as plain data"):
        sgd.get_config()


def test_a_schedule_can_be_replaced_by_another() -> None:
    sgd = SGD(schedules.ExponentialDecay(0.1, 10, 0.5))
    sgd.learning_rate = schedules.ExponentialDecay(0.3, 10, 0.5)
    assert sgd.learning_rate == pytest.approx(0.3)


@pytest.mark.parametrize("rate", [1, np.float32(0.5), np.int64(2)])
def test_any_real_number_is_a_learning_rate(rate: Any) -> None:
    assert SGD(rate).learning_rate == float(rate)
    assert type(SGD(rate).learning_rate) is float


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), True, None, [0.1], "0.1", Adam])
def test_a_learning_rate_that_is_none_is_refused(rate: Any) -> None:
    with pytest.raises(ArgumentError, match="SGD: learning_rate must be a number of at least 0, or a schedule, got"):
        SGD(rate)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("value", [0, -1.0, True, "1", float("nan")])
def test_a_limit_that_is_none_is_refused(clip: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=f"Adam: {clip} must be a number above 0, got {value!r}") as caught:
        Adam(**{clip: value})
    assert caught.value.argument == clip


def test_two_clippings_are_refused() -> None:
    with pytest.raises(ArgumentError, match="use one of clipnorm, clipvalue and global_clipnorm, not clipnorm and"):
        SGD(clipnorm=1.0, global_clipnorm=1.0)


def test_a_negative_weight_decay_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"SGD: weight_decay must be a number of at least 0, got -0.1"):
        SGD(weight_decay=-0.1)


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        ("ema_momentum", 1.5, "a number between 0 and 1"),
        ("ema_overwrite_frequency", 0, "a positive whole number, or None"),
        ("ema_overwrite_frequency", 2.0, "a positive whole number, or None"),
        ("gradient_accumulation_steps", 1, "a whole number of at least 2, or None"),
        ("gradient_accumulation_steps", 2.5, "a whole number of at least 2, or None"),
    ],
)
def test_settings_that_make_no_sense_are_refused(argument: str, value: Any, rule: str) -> None:
    with pytest.raises(ArgumentError, match=f"SGD: {argument} must be {rule}, got {value}") as caught:
        SGD(**{argument: value})
    assert caught.value.argument == argument


@pytest.mark.parametrize("clip", ["clipnorm", "global_clipnorm"])
def test_a_norm_that_is_no_number_is_not_hidden_by_clipping(clip: str) -> None:
    sgd = SGD(**{clip: 1.0})
    vector = started(sgd, [1.0, 1.0])
    vector.grad[...] = [np.nan, 1.0]
    sgd.step()
    assert np.isnan(vector.value).all()


def test_excluded_parameters_do_not_decay() -> None:
    kernels = [Parameter(f"kernel_{i}", (2,)) for i in range(3)]
    biases = [Parameter(f"bias_{i}", (1,)) for i in range(3)]
    vector = ParameterVector([kernels[0], biases[0], kernels[1], kernels[2], biases[1], biases[2]])
    vector.value[...] = 1.0
    sgd = SGD(1.0, weight_decay=0.5)
    sgd.bind(vector)
    sgd.exclude_from_weight_decay([kernels[1]], ["bias"])
    sgd.step()
    assert vector.value.tolist() == [0.5, 0.5, 1, 1, 1, 0.5, 0.5, 1, 1]
    sgd.exclude_from_weight_decay(var_names=["kernel"])  # in place of the ones before
    sgd.step()
    assert vector.value.tolist() == [0.5, 0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5]


def test_names_to_exclude_are_a_list() -> None:
    with pytest.raises(TypeError, match=r"var_names must be a list of texts, such as \['bias'\], got 'bias'"):
        SGD().exclude_from_weight_decay(var_names="bias")


class AtMost:
    """A constraint."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def project(self, w: Any) -> None:
        np.minimum(w, self.limit, out=w)


def test_constraints_come_after_the_update() -> None:
    free, bound = Parameter("free", (2,)), Parameter("bound", (2,), constraint=AtMost(0.5))
    vector = ParameterVector([free, bound])
    sgd = SGD(1.0)
    sgd.bind(vector)
    vector.grad[...] = -1.0
    sgd.step()
    assert vector.value.tolist() == [1.0, 1.0, 0.5, 0.5]


def test_the_order_of_events_is_that_of_keras() -> None:
    # After each call: weights, averages, updates and next rate, computed with Keras 3.15.
    expected = [
        ([0.9, -0.9], [1.0, -2.0], 0, 0.07071068),
        ([0.8116116, -0.8575736], [0.8116116, -0.8575736], 1, 0.05),
        ([0.8116116, -0.8575736], [0.8116116, -0.8575736], 1, 0.03535534),
        ([0.7902958, -0.8367354], [0.7902958, -0.8367354], 2, 0.025),
        ([0.7902958, -0.8367354], [0.7902958, -0.8367354], 2, 0.01767767),
        ([0.7691683, -0.8151975], [0.779732, -0.8259664], 3, 0.0125),
        ([0.7744502, -0.8205819], [0.7744502, -0.8205819], 3, 0.008838835),
    ]

    class Within:
        def project(self, w: Any) -> None:
            np.clip(w, -0.9, 0.9, out=w)

    parameter = Parameter("w", (2,), constraint=Within())
    vector = ParameterVector([parameter])
    vector.value[...] = [1.0, -2.0]
    sgd = SGD(
        schedules.ExponentialDecay(0.1, 2, 0.5),
        weight_decay=0.5,
        gradient_accumulation_steps=2,
        use_ema=True,
        ema_momentum=0.5,
        ema_overwrite_frequency=2,
        clipvalue=0.8,
    )
    sgd.bind(vector)
    for i, (weights, averages, updates, rate) in enumerate(expected):
        vector.grad[...] = [0.5 + i, -0.3 * i]
        sgd.step()
        np.testing.assert_allclose(vector.value, weights, rtol=1e-6)
        np.testing.assert_allclose(sgd.slots["ema"], averages, rtol=1e-6)
        assert sgd.iterations == updates
        assert sgd.steps == i + 1
        assert sgd.learning_rate == pytest.approx(rate, rel=1e-6)


def test_iterations_can_be_set() -> None:
    sgd = SGD(gradient_accumulation_steps=3)
    sgd.iterations = 4
    assert (sgd.iterations, sgd.steps) == (4, 12)


def test_finalizing_makes_the_averages_the_weights() -> None:
    sgd = SGD(1.0, use_ema=True, ema_momentum=0.5)
    vector = started(sgd, [0.0])
    for _ in range(2):
        vector.grad[...] = -1.0
        sgd.step()
    assert vector.value.tolist() == [2.0]
    sgd.finalize()
    assert vector.value.tolist() == [1.5]


@pytest.mark.parametrize("use_ema", [True, False])
def test_finalizing_before_the_first_step_or_without_averages_changes_nothing(use_ema: bool) -> None:
    sgd = SGD(1.0, use_ema=use_ema)
    vector = started(sgd, [0.0])
    vector.value[...] = 7.0  # as when weights are loaded
    sgd.finalize()
    assert vector.value.tolist() == [7.0]


def test_weights_and_averages_can_be_swapped_and_swapped_back() -> None:
    sgd = SGD(1.0, use_ema=True, ema_momentum=0.5)
    vector = started(sgd, [0.0])
    for _ in range(2):
        vector.grad[...] = -1.0
        sgd.step()
    sgd.swap_ema()
    assert (vector.value.tolist(), sgd.slots["ema"].tolist()) == ([1.5], [2.0])
    sgd.swap_ema()
    assert (vector.value.tolist(), sgd.slots["ema"].tolist()) == ([2.0], [1.5])
    with pytest.raises(ValueError, match="this SGD keeps no averages: make it with use_ema=True"):
        SGD().swap_ema()


@pytest.mark.parametrize("name", list(optimizers.registry))
def test_steps_keep_float32_and_allocate_no_other_vectors(name: str) -> None:
    optimizer = optimizers.get(name)
    vector = started(optimizer, np.ones(4), np.ones((2, 3)))
    before = [vector.value, vector.grad, *optimizer.slots.values()]
    vector.grad[...] = 0.5
    optimizer.step()
    after = [vector.value, vector.grad, *optimizer.slots.values()]
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert {a.dtype for a in after} == {np.dtype(np.float32)}


def test_a_misspelt_optimizer_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown optimizer 'adm'; did you mean 'adam'"):
        optimizers.get("adm")
