"""Descriptions that ask for the moon: declared or refused, and nothing is allocated for them."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from framework import Sequential, losses, metrics, optimizers
from framework.checkpoint import CheckpointError, _naming, _restore
from framework.layers import registry as layers

HUGE = [10**6, 10**12, [10**6] * 2]
GIVEN: dict[str, Any] = {"layers": ["relu"], "target_shape": [4], "dims": [1], "shape": [4]}
SHAPES = {"layers": [[8, 3], [10**5, 10**5, 3]]}


def attempts(kind: str, registry: Any) -> Any:
    for name in registry:
        signature = registry[name].signature()
        needed = {n: GIVEN.get(n, 1) for n, p in signature.items() if p.default is p.empty}
        if not registry[name].__module__.startswith("framework."):
            continue
        for argument in signature.keys() - {"name", "trainable"}:
            for value in HUGE:
                for shape in SHAPES.get(kind, [[4]]):
                    yield shape, {name: needed | {argument: value}}


@pytest.mark.parametrize("kind", ["layers", "losses", "metrics", "optimizers"])
def test_no_argument_allocates_when_a_file_is_loaded(kind: str) -> None:
    registry = {"layers": layers, "losses": losses.registry, "metrics": metrics.registry}.get(kind, optimizers.registry)
    arrays = {"dense/kernel": np.zeros((4, 3), np.float32), "dense/bias": np.zeros(3, np.float32)}
    worst, culprit = 0, None
    tracemalloc.start()
    try:
        for shape, spec in attempts(kind, registry):
            compiled = {"optimizer": "sgd", "loss": "mse", "metrics": None, "weighted_metrics": None}
            stack = [{"input": {"shape": shape}}, spec if kind == "layers" else {"dense": 3}]
            if kind != "layers":
                compiled |= (
                    {"metrics": [spec]} if kind == "metrics" else {{"losses": "loss"}.get(kind, "optimizer"): spec}
                )
            description = {"model": {"layers": stack}, "metadata": {}, "compile": compiled}
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            try:
                with _naming("a.json"):
                    assert isinstance(_restore(description, {} if kind == "layers" else arrays, True), Sequential)
            except CheckpointError as error:
                assert error.place, error  # noqa: PT017 - each of thousands
                assert "Unable to allocate" not in error.reason, spec  # noqa: PT017
            peak = tracemalloc.get_traced_memory()[1] - before
            if peak > worst:
                worst, culprit = peak, spec
    finally:
        tracemalloc.stop()
    assert worst < 30_000_000, str(culprit)[:300]
