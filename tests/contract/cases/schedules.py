"""Cases of the schedules."""

from framework import schedules

SCHEDULES = [
    schedules.ExponentialDecay(0.1, 100, 0.5),
    schedules.ExponentialDecay(0.1, 100, 0.5, staircase=True),
    schedules.InverseTimeDecay(0.1, 100, 0.5),
    schedules.InverseTimeDecay(0.1, 100, 0.5, staircase=True),
    schedules.PiecewiseConstantDecay([100, 200], [0.1, 0.05, 0.01]),
    schedules.PolynomialDecay(0.1, 100),
    schedules.PolynomialDecay(0.1, 100, end_learning_rate=0.01, power=2.0, cycle=True),
    schedules.CosineDecay(0.1, 100, alpha=0.1),
    schedules.CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=20),
    schedules.CosineDecayRestarts(0.1, 50),
    schedules.CosineDecayRestarts(0.1, 50, t_mul=1.0, m_mul=0.9, alpha=0.1),
    schedules.OneCycle(0.1, 400),
    schedules.OneCycle(0.1, 400, pct_start=0.5, div_factor=10.0, final_div_factor=100.0),
]
