"""What keeping the state costs is measured on real trainings."""

from __future__ import annotations

import pytest

from apps.mnist.train_options import FOR_SAMPLE
from benchmarks.checkpointing import cost_of, main

SHORT = ["data.mnist.path=sample", "augment=[]", "train.epochs=1"]


def test_saves_are_counted_and_timed() -> None:
    cost = cost_of(FOR_SAMPLE, [*SHORT, "checkpoint.every=20"])
    assert (cost.batches, cost.saves) == (63, 3)
    assert 0 < cost.saving < cost.kept < cost.seconds
    assert cost.size > 400_000


def test_a_table_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FOR_SAMPLE), *SHORT, "--every", "never", "epoch"]) == 0
    head, never, epoch = capsys.readouterr().out.splitlines()
    assert head.split() == ["every", "seconds", "batches", "saves", "MB", "ms", "a", "save", "share"]
    assert never.split()[3:7:3] == ["0", "0.00"]
    assert epoch.split()[3] == "1"
