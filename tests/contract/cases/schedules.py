"""Cases of the schedules."""

from framework import schedules

SCHEDULES = [
    schedules.ExponentialDecay(0.1, 100, 0.5, staircase=True),
    schedules.InverseTimeDecay(0.1, 100, 0.5),
    schedules.PiecewiseConstantDecay([100, 200], [0.1, 0.05, 0.01]),
    schedules.PolynomialDecay(0.1, 100, power=2.0, cycle=True),
    schedules.CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=20),
    schedules.CosineDecayRestarts(0.1, 50),
]
