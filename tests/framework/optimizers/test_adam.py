"""Adam, AdamW and Adamax against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ParameterVector
from framework.optimizers import Adam, Adamax, AdamW, Optimizer
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        Adam(),
        [0.99514919, -1.9949998, 0.49500006, 0.24559858, -0.74514925, 2.9950004, 0.10334809, -0.19500007, 0.29514933],
    ),
    pytest.param(
        Adam(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3),
        [0.75631517, -1.7505312, 0.25210977, 0.032110292, -0.50819546, 2.7503543, 0.25374165, 0.049116299, 0.061823785],
    ),
    pytest.param(
        Adam(0.05, amsgrad=True),
        [0.75746095, -1.7500025, 0.25000399, 0.029928967, -0.50746292, 2.7500024, 0.26740462, 0.049997199, 0.057466667],
    ),
    pytest.param(
        Adam(0.05, beta_2=0.5, amsgrad=True),
        [0.78904748, -1.7500002, 0.25000021, 0.053306047, -0.53904754, 2.7500002, 0.25752011, 0.0499999, 0.089047693],
    ),
    pytest.param(
        Adam(0.05, weight_decay=0.1, clipnorm=0.5),
        [0.73536331, -1.7039418, 0.24107662, 0.022897024, -0.49156088, 2.6791899, 0.26483217, 0.052451387, 0.056595575],
    ),
    pytest.param(
        AdamW(),
        [0.99512923, -1.9949598, 0.49499008, 0.24559362, -0.74513435, 2.9949408, 0.10334606, -0.1949961, 0.29514337],
    ),
    pytest.param(
        AdamW(0.05, weight_decay=0.2),
        [0.71328795, -1.6569328, 0.2304492, 0.022310391, -0.47554234, 2.6079228, 0.25806504, 0.054849014, 0.047600415],
    ),
    pytest.param(
        Adam(0.05, gradient_accumulation_steps=2, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
        [0.92630434, -1.9250009, 0.42500144, 0.17764363, -0.67630506, 2.9250007, 0.16499662, -0.12500095, 0.22630657],
    ),
    pytest.param(
        Adamax(),
        [0.99624705, -1.9949998, 0.49500006, 0.24676155, -0.74624705, 2.9950004, 0.10267264, -0.19499999, 0.29624707],
    ),
    pytest.param(
        Adamax(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3),
        [0.8064546, -1.75025, 0.25099593, 0.064916812, -0.55703217, 2.7501664, 0.2367806, 0.049584061, 0.10817304],
    ),
    pytest.param(
        Adamax(0.05, weight_decay=0.1, clipnorm=0.5),
        [0.784293, -1.7219898, 0.25911683, 0.076843366, -0.54048097, 2.6972384, 0.23774658, 0.027473107, 0.10908613],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: Optimizer, expected: list[float]) -> None:
    # Keras takes 1 - 0.999 in float32, which alone is wrong by 1e-5 of a step.
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=5e-6)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_first_step_of_adam_is_the_learning_rate_for_gradients_of_any_size(sign: float) -> None:
    vector = ParameterVector.from_arrays([[0.0, 0.0, 0.0]], np.float64)
    adam = Adam(0.1, epsilon=0)
    adam.bind(vector)
    vector.grad[...] = [sign * 1e-6, sign * 1.0, sign * 1e6]
    adam.step()
    np.testing.assert_allclose(vector.value, -0.1 * sign, rtol=1e-9)


def test_epsilon_stands_outside_of_the_bias_correction() -> None:
    vector = ParameterVector.from_arrays([[0.0]], np.float64)
    adam = Adam(1.0, epsilon=1.0)
    adam.bind(vector)
    vector.grad[...] = 1.0
    adam.step()
    m, v = 0.1, 0.001
    assert vector.value[0] == pytest.approx(-(0.001**0.5 / 0.1) * m / (v**0.5 + 1.0))


def test_amsgrad_never_divides_by_less_than_before() -> None:
    vector = ParameterVector.from_arrays([[0.0]])
    adam = Adam(beta_2=0.1, amsgrad=True)
    adam.bind(vector)
    seen = []
    for gradient in (10.0, 0.1, 0.1):
        vector.grad[...] = gradient
        adam.step()
        seen.append(float(adam.slots["v_hat"][0]))
    assert seen[0] == seen[1] == seen[2] > float(adam.slots["v"][0])


def test_adamax_takes_steps_of_the_learning_rate_at_first() -> None:
    vector = ParameterVector.from_arrays([[0.0, 0.0]], np.float64)
    adamax = Adamax(0.1, epsilon=0)
    adamax.bind(vector)
    vector.grad[...] = [1e-6, -1e6]
    adamax.step()
    np.testing.assert_allclose(vector.value, [-0.1, 0.1], rtol=1e-9)


def test_adamax_remembers_the_largest_gradient() -> None:
    vector = ParameterVector.from_arrays([[0.0]], np.float64)
    adamax = Adamax(beta_2=0.5)
    adamax.bind(vector)
    seen = []
    for gradient in (-8.0, 1.0, 3.0):
        vector.grad[...] = gradient
        adamax.step()
        seen.append(float(adamax.slots["u"][0]))
    assert seen == [8.0, 4.0, 3.0]


@pytest.mark.parametrize(
    ("optimizer", "slots"),
    [
        (Adam(), {"m", "v"}),
        (Adam(amsgrad=True), {"m", "v", "v_hat"}),
        (Adamax(use_ema=True), {"m", "u", "ema"}),
        (AdamW(gradient_accumulation_steps=2), {"m", "v", "gradient_accumulator"}),
    ],
    ids=repr,
)
def test_only_what_is_used_costs_a_vector(optimizer: Optimizer, slots: set[str]) -> None:
    walk(optimizer, 1)
    assert set(optimizer.slots) == slots


def test_adamw_is_adam_with_a_decay_of_its_own() -> None:
    assert AdamW().weight_decay == 0.004
    assert walk(AdamW(0.01, weight_decay=0.1)) == walk(Adam(0.01, weight_decay=0.1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdamW(weight_decay=None), "AdamW: weight_decay must be a number; without decay use Adam"),
        (lambda: Adam(beta_1=1.0), "Adam: beta_1 must be a number of at least 0 and below 1, got 1.0"),
        (lambda: Adam(beta_2=-0.1), "Adam: beta_2 must be a number of at least 0 and below 1, got -0.1"),
        (lambda: AdamW(beta_1=True), "AdamW: beta_1 must be a number of at least 0 and below 1, got True"),
        (lambda: Adam(epsilon=-1e-7), "Adam: epsilon must be a number of at least 0, got -1e-07"),
        (lambda: Adamax(beta_2=1), "Adamax: beta_2 must be a number of at least 0 and below 1, got 1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()  # type: ignore[operator]


def test_moments_are_running_means_which_another_beta_does_not_rescale() -> None:
    adam, vector = Adam(beta_1=0.5, beta_2=0.75), ParameterVector.from_arrays([[1.0]])
    adam.bind(vector)
    vector.grad[...] = 4.0
    adam.step()
    assert (adam.slots["m"].tolist(), adam.slots["v"].tolist()) == ([2.0], [4.0])
    adam.beta_1, adam.beta_2 = 0.75, 0.5
    vector.grad[...] = 4.0
    adam.step()
    assert (adam.slots["m"].tolist(), adam.slots["v"].tolist()) == ([2.5], [10.0])
