"""How sure the network is, in words."""

from __future__ import annotations

import numpy as np

from framework.parameters import Array

from ..certainty import PROBABLE, SURE, Certainty, certainty

__all__ = ["ALTERNATIVE", "PROBABLE", "SURE", "Certainty", "certainty", "percent", "runner_up", "verdict"]

ALTERNATIVE = 0.05
"""A runner-up below this probability is not worth naming."""


def runner_up(probabilities: Array) -> int:
    """The second most likely digit.

    >>> runner_up(np.array([0.1, 0.7, 0.2]))
    2
    """
    return int(np.argsort(-probabilities, kind="stable")[1])


def verdict(probabilities: Array) -> str:
    """The words beside the answer.

    >>> verdict(np.array([0, 0, 0, 0, 0.4, 0, 0, 0, 0.1, 0.5]))
    'not sure, 9 or 4'
    >>> verdict(np.array([0, 0, 0, 0, 1.0, 0, 0, 0, 0, 0]))
    'sure'
    """
    found = certainty(probabilities)
    if found is not Certainty.UNSURE:
        return str(found.value)
    return f"{found.value}, {probabilities.argmax()} or {runner_up(probabilities)}"


def percent(probability: float) -> str:
    """A probability for people: one decimal below 10 %, and never 100 % of what is not certain.

    >>> percent(0.034), percent(0.962), percent(0.9996), percent(1.0), percent(0.0001)
    ('3.4 %', '96 %', '99.9 %', '100 %', '< 0.1 %')
    """
    share = 100 * probability
    if share < 0.1:
        return "0 %" if share == 0 else "< 0.1 %"
    if share < 10 or 99.5 <= share < 99.95:
        return f"{share:.1f} %"
    return "99.9 %" if 99.95 <= share < 100 else f"{share:.0f} %"
