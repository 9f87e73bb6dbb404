"""What a training run does besides, on one core; for want of a peer, bare figures."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..processes import once
from ..results import Comparison, entries_of
from ..session import Session

ERRANDS = "benchmarks.errands"
TRANSFORMS: dict[str, dict[str, Any]] = {
    "RandomAffine": {"random_affine": {"rotation": 8, "scale": 0.08, "shear": 5, "shift": 1}},
    "ElasticDistortion": {"elastic_distortion": {}},
}


def run(session: Session) -> None:
    images = 128 * (5 if session.quick else 50)
    tasks = {
        name: partial(once, "seconds", ERRANDS, do="augment", transform=transform, images=images)
        for name, transform in TRANSFORMS.items()
    }
    values, errors = session.measure("Augmentation", tasks, session.repeats, 1)
    work = "images of 28x28 in batches of 128; RandomAffine as in the recipes, ElasticDistortion with its defaults"
    entries = entries_of({name: name for name in TRANSFORMS}, values, errors)
    session.add(Comparison("pipeline", "Augmentation", work, 1, "images/s", entries, base=None, images=images))

    tasks = {"load": partial(once, "seconds", ERRANDS, do="load")}
    values, errors = session.measure("Loading a model", tasks, session.repeats, 1)
    entries = entries_of({"load": "load_model"}, values, errors)
    work = "the shipped checkpoint of 109,386 parameters"
    session.add(Comparison("pipeline", "Loading a model", work, 1, "ms", entries, base=None))
