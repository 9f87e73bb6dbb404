"""Learning rate schedules; the expected numbers are those of Keras 3 in double precision."""

import math

import pytest

from framework import schedules
from framework.registry import ArgumentError, spec

STEPS = [0, 1, 7, 9, 10, 11, 20, 24, 25, 30, 70]

# fmt: off
KERAS = [
    (
        schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5),
        [
            0.1, 0.09330329915368074, 0.06155722066724582, 0.05358867312681466, 0.05, 0.04665164957684037,
            0.025, 0.01894645708137998, 0.01767766952966369, 0.0125, 0.00078125,
        ],
    ),
    (
        schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True),
        [
            0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.00078125,
        ],
    ),
    (
        schedules.InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5),
        [
            0.1, 0.09523809523809523, 0.07407407407407407, 0.06896551724137931, 0.06666666666666667,
            0.06451612903225806, 0.05, 0.045454545454545456, 0.044444444444444446, 0.04,
            0.022222222222222223,
        ],
    ),
    (
        schedules.InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True),
        [
            0.1, 0.1, 0.1, 0.1, 0.06666666666666667, 0.06666666666666667, 0.05, 0.05, 0.05, 0.04,
            0.022222222222222223,
        ],
    ),
    (
        schedules.PiecewiseConstantDecay(boundaries=[9, 10, 25], values=[1.0, 0.5, 0.1, 0.01]),
        [
            1.0, 1.0, 1.0, 1.0, 0.5, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01,
        ],
    ),
    (
        schedules.PolynomialDecay(0.1, decay_steps=10),
        [
            0.1, 0.09001, 0.030070000000000003, 0.010089999999999998, 0.0001, 0.0001, 0.0001, 0.0001,
            0.0001, 0.0001, 0.0001,
        ],
    ),
    (
        schedules.PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.01, power=0.5),
        [
            0.1, 0.09538149682454625, 0.05929503017546497, 0.03846049894151541, 0.01, 0.01, 0.01, 0.01,
            0.01, 0.01, 0.01,
        ],
    ),
    (
        schedules.PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.01, power=2.0, cycle=True),
        [
            0.1, 0.0829, 0.018100000000000005, 0.0109, 0.01, 0.028225, 0.01, 0.0136, 0.012499999999999999,
            0.01, 0.01,
        ],
    ),
    (
        schedules.CosineDecay(0.1, decay_steps=20),
        [
            0.1, 0.0993844170297569, 0.07269952498697733, 0.05782172325201155, 0.05, 0.04217827674798845,
            0.0, 0.0, 0.0, 0.0, 0.0,
        ],
    ),
    (
        schedules.CosineDecay(0.1, decay_steps=20, alpha=0.1),
        [
            0.1, 0.0994459753267812, 0.07542957248827961, 0.0620395509268104, 0.05500000000000001,
            0.04796044907318961, 0.010000000000000002, 0.010000000000000002, 0.010000000000000002,
            0.010000000000000002, 0.010000000000000002,
        ],
    ),
    (
        schedules.CosineDecay(0.01, decay_steps=15, alpha=0.2, warmup_target=0.1, warmup_steps=9),
        [
            0.01, 0.02, 0.08, 0.1, 0.09912590402935224, 0.09654181830570403, 0.033234775745645685,
            0.020000000000000004, 0.020000000000000004, 0.020000000000000004, 0.020000000000000004,
        ],
    ),
    (
        schedules.CosineDecay(0.01, decay_steps=15, warmup_target=0.1, warmup_steps=0),
        [
            0.1, 0.09890738003669029, 0.05522642316338268, 0.03454915028125263, 0.025000000000000012,
            0.016543469682057107, 0.0, 0.0, 0.0, 0.0, 0.0,
        ],
    ),
    (
        schedules.CosineDecayRestarts(0.1, first_decay_steps=10),
        [
            0.1, 0.09755282581475769, 0.02061073738537635, 0.0024471741852423235, 0.1, 0.0993844170297569,
            0.05, 0.02061073738537635, 0.014644660940672627, 0.1, 0.1,
        ],
    ),
    (
        schedules.CosineDecayRestarts(0.1, first_decay_steps=5, t_mul=1.0, m_mul=0.5, alpha=0.1),
        [
            0.1, 0.09140576474687263, 0.03945288237343633, 0.014297117626563686, 0.0325,
            0.030351441186718155, 0.015625, 0.010537139703320462, 0.012812500000000003,
            0.011406250000000001, 0.010005493164062502,
        ],
    ),
    (
        schedules.CosineDecayRestarts(0.1, first_decay_steps=4, t_mul=1.5, m_mul=0.8),
        [
            0.1, 0.08535533905932738, 0.04000000000000001, 0.005358983848622452, 0.06400000000000002,
            0.06207016386514909, 0.0505099486868435, 0.035739642010602424, 0.03004539334827343,
            0.004211512027828833, 0.012915443757393341,
        ],
    ),
]
# fmt: on


@pytest.mark.parametrize(("schedule", "expected"), KERAS, ids=lambda value: getattr(value, "registered_name", ""))
class TestAgainstKeras:
    def test_values(self, schedule, expected):
        assert [schedule(step) for step in STEPS] == pytest.approx(expected, rel=1e-13, abs=1e-17)

    def test_values_are_python_floats(self, schedule, expected):
        assert {type(schedule(step)) for step in STEPS} == {float}

    def test_config_round_trip(self, schedule, expected):
        twin = schedules.get(spec(schedule))
        assert twin.get_config() == schedule.get_config()
        assert [twin(step) for step in STEPS] == [schedule(step) for step in STEPS]

    def test_epochs_stretch_every_duration(self, schedule, expected):
        config = schedule.get_config() | {"unit": "epochs"}
        in_epochs = type(schedule).from_config(config)
        in_epochs.steps_per_epoch = 3
        assert [in_epochs(3 * step) for step in STEPS] == [schedule(step) for step in STEPS]

    def test_epochs_need_to_know_their_length(self, schedule, expected):
        in_epochs = type(schedule).from_config(schedule.get_config() | {"unit": "epochs"})
        with pytest.raises(ValueError, match="counts in epochs and does not know how long they are"):
            in_epochs(0)


def test_registry_has_keras_names():
    assert list(schedules.registry) == [
        "cosine_decay",
        "cosine_decay_restarts",
        "exponential_decay",
        "inverse_time_decay",
        "one_cycle",
        "piecewise_constant_decay",
        "polynomial_decay",
    ]


# What Keras's own test of its schedules expects (keras/src/optimizers/schedules/learning_rate_schedule_test.py).
KERAS_TESTS = [
    (schedules.ExponentialDecay(0.05, 10, 0.96), {5: 0.05 * 0.96**0.5}),
    (schedules.ExponentialDecay(0.1, 3, 0.96, staircase=True), {1: 0.1, 2: 0.1, 100: 0.1 * 0.96**33}),
    (
        schedules.PiecewiseConstantDecay([100, 110, 120], [1.0, 0.1, 0.01, 0.001]),
        {-999: 1.0, 100: 1.0, 105: 0.1, 110: 0.1, 120: 0.01, 999: 0.001},
    ),
    (schedules.PiecewiseConstantDecay([1, 2, 3], [0.4, 0.5, 0.6, 0.7]), {0: 0.4, 1: 0.4, 2: 0.5, 3: 0.6, 4: 0.7}),
    (schedules.PolynomialDecay(0.05, 10, 0.0), {5: 0.025}),
    (schedules.PolynomialDecay(0.05, 10, 0.001), {5: 0.0255, 10: 0.001, 15: 0.001}),
    (schedules.PolynomialDecay(0.05, 10, 0.001, cycle=True), {15: 0.049 * 0.25 + 0.001}),
    (schedules.PolynomialDecay(0.05, 10, 0.0, power=0.5), {5: 0.05 * 0.5**0.5}),
    (schedules.PolynomialDecay(0.05, 10, 0.001, power=0.5), {5: 0.049 * 0.5**0.5 + 0.001, 10: 0.001, 15: 0.001}),
    (schedules.PolynomialDecay(0.05, 10, 0.001, power=0.5, cycle=True), {15: 0.049 * 0.25**0.5 + 0.001}),
    (schedules.PolynomialDecay(0.001, 10, cycle=True), {0: 0.001}),
    (schedules.InverseTimeDecay(0.1, 10, 0.96), {i: 0.1 / (1 + i / 10 * 0.96) for i in range(11)}),
    (schedules.InverseTimeDecay(0.1, 10, 0.96, staircase=True), {0: 0.1, 9: 0.1, 10: 0.1 / 1.96}),
    (schedules.CosineDecay(1.0, 1000), {0: 1.0, 250: 0.5 + 0.125**0.5, 500: 0.5, 1000: 0.0, 1250: 0.0}),
    (schedules.CosineDecay(1.0, 1000, 0.1), {0: 1.0, 500: 0.55, 1000: 0.1, 1250: 0.1}),
    (schedules.CosineDecay(0.0, 10, warmup_target=10.0, warmup_steps=1500), {0: 0.0, 250: 10 / 6, 1250: 50 / 6}),
    (
        schedules.CosineDecay(0.0, 1000, warmup_target=10.0, warmup_steps=2000),
        {1750: 8.75, 2000: 10.0, 2250: 5 + 12.5**0.5, 2500: 5.0, 2750: 5 - 12.5**0.5},
    ),
    (schedules.CosineDecayRestarts(1.0, 1000), {0: 1.0, 500: 0.5, 1000: 1.0, 1250: 0.9619397662556434}),
    (schedules.CosineDecayRestarts(1.0, 1000, alpha=0.1), {500: 0.55, 1000: 1.0}),
    (schedules.CosineDecayRestarts(1.0, 1000, m_mul=0.9), {500: 0.5, 1000: 0.9}),
    (
        schedules.CosineDecayRestarts(1.0, 1000, t_mul=1.0),
        {500: 0.5, 750: 0.5 - 0.125**0.5, 1000: 1.0, 1250: 0.5 + 0.125**0.5},
    ),
]


@pytest.mark.parametrize(("schedule", "expected"), KERAS_TESTS, ids=lambda value: getattr(value, "registered_name", ""))
def test_the_rates_are_those_of_keras_s_test(schedule, expected):
    assert {step: schedule(step) for step in expected} == pytest.approx(expected, rel=1e-12, abs=1e-15)


def one_cycle(step, total, peak_rate=0.1, pct_start=0.3, div_factor=25.0, final_div_factor=1e4):
    """The policy in PyTorch's words: two phases that end at the steps pct_start * total - 1 and total - 1."""
    first_end, last = pct_start * total - 1, total - 1
    start = peak_rate / div_factor
    if step <= first_end:
        a, b, part = start, peak_rate, step / first_end
    else:
        a, b, part = peak_rate, start / final_div_factor, (step - first_end) / (last - first_end)
    return b + (a - b) / 2 * (1 + math.cos(math.pi * part))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"pct_start": 0.5},
        {"pct_start": 0.1, "div_factor": 10.0, "final_div_factor": 100.0},
        {"pct_start": 0.0004},  # the peak lies before the first step
        {"pct_start": 0.0},
    ],
    ids=repr,
)
@pytest.mark.parametrize("total", [12, 99, 1000])
def test_one_cycle_goes_as_in_pytorch(total, arguments):
    schedule = schedules.OneCycle(0.1, total, **arguments)
    rates = [schedule(step) for step in range(total)]
    assert rates == pytest.approx([one_cycle(step, total, **arguments) for step in range(total)], rel=1e-12)
    assert {type(rate) for rate in rates} == {float}


def test_one_cycle_begins_peaks_and_ends_where_it_should():
    schedule = schedules.OneCycle(0.1, total_steps=100)
    assert schedule(0) == pytest.approx(0.1 / 25)
    assert schedule(29) == 0.1
    assert max(schedule(step) for step in range(100)) == 0.1
    assert schedule(99) == pytest.approx(0.1 / 25 / 1e4)
    assert schedule(10**6) == schedule(99)


def test_one_cycle_in_epochs_is_that_in_as_many_steps():
    in_steps = schedules.OneCycle(0.1, total_steps=40)
    in_epochs = schedules.OneCycle(0.1, total_steps=5, unit="epochs")
    with pytest.raises(ValueError, match="counts in epochs and does not know how long they are"):
        in_epochs(0)
    in_epochs.steps_per_epoch = 8
    assert [in_epochs(step) for step in range(45)] == [in_steps(step) for step in range(45)]


def test_between_epochs_the_rate_moves_with_every_step():
    schedule = schedules.PolynomialDecay(1.0, decay_steps=2, end_learning_rate=0.0, unit="epochs")
    schedule.steps_per_epoch = 4
    assert [schedule(step) for step in range(9)] == [1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0.0]


def test_durations_in_epochs_may_be_fractions():
    schedule = schedules.CosineDecay(0.0, decay_steps=1, warmup_target=0.1, warmup_steps=0.5, unit="epochs")
    schedule.steps_per_epoch = 10
    assert schedule(4) == pytest.approx(0.08)
    assert schedule(5) == pytest.approx(0.1)
    assert schedule(15) == pytest.approx(0.0)


@pytest.mark.parametrize("t_mul", [1.0, 2.0, 3.0, 5.0])
def test_every_restart_comes_on_its_step(t_mul):
    # log(243) / log(3) < 5 in floating point: a logarithm would count one cycle too few.
    schedule = schedules.CosineDecayRestarts(0.1, first_decay_steps=10, t_mul=t_mul)
    start, duration = 0, 10
    for _ in range(8):
        assert schedule(start) == 0.1
        start, duration = start + duration, int(duration * t_mul)
        assert schedule(start - 1) < 0.1


def test_large_steps_stay_finite():
    for schedule, _ in KERAS:
        assert math.isfinite(schedule(10**9))


def test_a_users_schedule_needs_only_a_call():
    class Warmup(schedules.LearningRateSchedule):
        def __init__(self, peak):
            self.peak = peak

        def __call__(self, step):
            return self.peak * min(1.0, self.position(step) / 10)

    assert Warmup(0.1)(5) == 0.05
    assert Warmup(0.1).get_config() == {"peak": 0.1}
    with pytest.raises(NotImplementedError, match="must define __call__"):
        schedules.LearningRateSchedule()(0)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: schedules.ExponentialDecay(-0.1, 10, 0.5), "initial_learning_rate"),
        (lambda: schedules.ExponentialDecay(math.nan, 10, 0.5), "initial_learning_rate"),
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps"),
        (lambda: schedules.ExponentialDecay(0.1, 10, 0.0), "decay_rate"),
        (lambda: schedules.InverseTimeDecay(0.1, -10, 0.5), "decay_steps"),
        (lambda: schedules.InverseTimeDecay(0.1, 10, -0.5), "decay_rate"),
        (lambda: schedules.PiecewiseConstantDecay([10], [0.1]), "values"),
        (lambda: schedules.PiecewiseConstantDecay([10], [0.1, -1.0]), "values"),
        (lambda: schedules.PiecewiseConstantDecay([10, 5], [1.0, 0.1, 0.01]), "boundaries"),
        (lambda: schedules.PolynomialDecay(0.1, math.inf), "decay_steps"),
        (lambda: schedules.PolynomialDecay(0.1, 10, power=-1.0), "power"),
        (lambda: schedules.CosineDecay(0.1, 0), "decay_steps"),
        (lambda: schedules.CosineDecay(0.1, 10, warmup_steps=5), "warmup_steps"),
        (lambda: schedules.CosineDecay(0.1, 10, warmup_target=-1.0), "warmup_target"),
        (lambda: schedules.CosineDecayRestarts(0.1, 0), "first_decay_steps"),
        (lambda: schedules.CosineDecayRestarts(0.1, 10, t_mul=0.5), "t_mul"),
        (lambda: schedules.CosineDecayRestarts(0.1, 10, unit="batches"), "unit"),
        (lambda: schedules.OneCycle(-0.1, 10), "max_learning_rate"),
        (lambda: schedules.OneCycle(0.1, 0), "total_steps"),
        (lambda: schedules.OneCycle(0.1, 10, pct_start=1.0), "pct_start"),
        (lambda: schedules.OneCycle(0.1, 10, div_factor=0), "div_factor"),
        (lambda: schedules.OneCycle(0.1, 10, final_div_factor=-1), "final_div_factor"),
    ],
)
def test_bad_arguments_are_named(make, argument):
    with pytest.raises(ArgumentError, match=f"{argument} must be .*, got ") as caught:
        make()
    assert caught.value.argument == argument
