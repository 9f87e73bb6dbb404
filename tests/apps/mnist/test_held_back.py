"""The last images are held back, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.files import DataError
from apps.mnist.held_back import hold_back
from framework.data.datasets import Examples

EXAMPLES = Examples(np.arange(4), np.arange(4))


def test_the_last_ones_are_held_back_as_views() -> None:
    train, validation = hold_back(EXAMPLES, 1, "here")
    assert validation is not None
    assert (train.y.tolist(), validation.y.tolist()) == ([0, 1, 2], [3])
    assert np.shares_memory(train.x, EXAMPLES.x)


def test_none_are_held_back_where_none_are_wanted() -> None:
    assert hold_back(EXAMPLES, 0, "here") == (EXAMPLES, None)


@pytest.mark.parametrize("validation", [4, 5])
def test_something_must_be_left(validation: int) -> None:
    with pytest.raises(DataError, match=f"here: validation = {validation} leaves nothing of the 4 training images"):
        hold_back(EXAMPLES, validation, "here")
