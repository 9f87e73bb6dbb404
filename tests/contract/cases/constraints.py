"""Cases of the constraints."""

from framework import constraints

CONSTRAINTS = [
    constraints.NonNeg(),
    constraints.MaxNorm(3.0, [0, 1]),
    constraints.UnitNorm(axis=1),
    constraints.MinMaxNorm(0.5, 2.0, rate=0.5),
]
