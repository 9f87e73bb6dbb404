"""Every schedule, thousands of steps of it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

from framework import schedules
from framework.schedules import LearningRateSchedule

from ..contract.cases.schedules import SCHEDULES
from .agreement import agree
from .twins import in_single, twin

OURS_ALONE = (schedules.OneCycle,)
CASES = [schedule for schedule in SCHEDULES if not isinstance(schedule, OURS_ALONE)]
STEPS = [*range(450), *range(450, 5000, 37)]


@pytest.mark.parametrize("schedule", CASES, ids=repr)
def test_rates_agree(schedule: LearningRateSchedule) -> None:
    ours = in_single(schedule)
    theirs = twin(ours)
    agree("schedules", [ours(step) for step in STEPS], [np.asarray(theirs(step)) for step in STEPS])


def test_no_schedule_is_left_out() -> None:
    registry = schedules.registry
    own = {cls for cls in map(registry.__getitem__, registry) if cls.__module__.startswith("framework.")}
    assert {type(schedule) for schedule in CASES} >= own - set(OURS_ALONE)
