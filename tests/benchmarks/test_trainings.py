"""Runs of recipes: which there are, what is done already, and what becomes of those that fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import trainings
from benchmarks.processes import available_cores
from benchmarks.trainings import Training, TrainingError, plan, run_all
from framework.config import ConfigError

RECIPE = """
data: {mnist: sample}
model: {input: [28, 28], layers: [flatten, {dense: 10}, softmax]}
loss: sparse_categorical_crossentropy
train: {epochs: 1, batch_size: 500, steps_per_epoch: 2}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE)
    return path


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, set[int]]]:
    """Seed, jobs and cores of what was trained, without training: seed 13 fails, and all others are noted as done."""
    seen = []

    def run(training: Training, jobs: int) -> None:
        cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
        seen.append((training.seed, jobs, cores))
        if training.seed == 13:
            raise TrainingError("no luck")
        training.folder.mkdir(parents=True)
        (training.folder / trainings.NOTE).write_text(f'{{"seed": {training.seed}}}')

    monkeypatch.setattr(trainings, "run", run)
    return seen


def test_each_run_has_its_seed_and_its_values(recipe: Path, tmp_path: Path) -> None:
    settings = ["train.epochs={seed}", "data.mnist.validation={index}"]
    first, second = plan(recipe, [5, 7], settings, tmp_path / "runs")
    assert first.command == [
        *("python", "-m", "apps.mnist.train", str(recipe)),
        *("seed=5", "train.epochs=5", "data.mnist.validation=0"),
        *("--run-dir", str(first.folder)),
    ]
    assert second.overrides == ("train.epochs=7", "data.mnist.validation=1")
    assert second.settings == tuple(settings)
    assert second.folder.parent == tmp_path / "runs"
    assert second.folder.name.startswith("tiny-seed7-")


def test_the_folder_is_the_same_for_the_same_experiment_only(recipe: Path, tmp_path: Path) -> None:
    [run] = plan(recipe, [1], [], tmp_path)
    [same] = plan(recipe, [1], ["train.epochs=1"], tmp_path)
    [other] = plan(recipe, [1], ["train.epochs=2"], tmp_path)
    assert run.folder == same.folder
    assert run.folder != other.folder


def test_a_wrong_setting_is_told_before_anything_is_trained(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="epochs of train must be an integer"):
        plan(recipe, [1], ["train.epochs=many"], tmp_path)


def test_what_is_done_is_not_trained_again(recipe: Path, tmp_path: Path, trained: list) -> None:
    runs = plan(recipe, [1, 2, 3], [], tmp_path / "runs")
    trainings.run(runs[1], 1)
    trained.clear()
    assert dict(run_all(runs, 1)) == dict.fromkeys(runs)
    assert sorted(seed for seed, _, _ in trained) == [1, 3]
    trained.clear()
    assert dict(run_all(runs, 1)) == dict.fromkeys(runs)
    assert trained == []


def test_the_others_go_on_when_one_fails(recipe: Path, tmp_path: Path, trained: list) -> None:
    runs = plan(recipe, [13, 1], [], tmp_path / "runs")
    outcome = dict(run_all(runs, 1))
    assert str(outcome[runs[0]]) == "no luck"
    assert outcome[runs[1]] is None
    assert runs[1].outcome() == {"seed": 1}


def test_one_job_may_use_all_cores(recipe: Path, tmp_path: Path, trained: list) -> None:
    list(run_all(plan(recipe, [1], [], tmp_path / "runs"), 1))
    if hasattr(os, "sched_getaffinity"):
        assert trained == [(1, 1, os.sched_getaffinity(0))]


@pytest.mark.skipif(
    len(available_cores()) < 2 or not hasattr(os, "sched_getaffinity"), reason="needs two cores to be pinned to"
)
def test_of_two_jobs_each_has_a_core_and_this_process_keeps_its_own(
    recipe: Path, tmp_path: Path, trained: list
) -> None:
    before = os.sched_getaffinity(0)
    list(run_all(plan(recipe, [1, 2, 3, 4], [], tmp_path / "runs"), 2))
    assert {seed for seed, _, _ in trained} == {1, 2, 3, 4}
    for _, jobs, cores in trained:
        assert (jobs, len(cores)) == (2, 1)
    assert os.sched_getaffinity(0) == before


def test_more_jobs_than_cores_are_refused(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1000 threads: this process may use"):
        list(run_all(plan(recipe, [1], [], tmp_path), 1000))


def test_several_jobs_have_one_thread_each_and_one_job_what_the_user_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    alone, together = trainings._environment(1), trainings._environment(2)
    assert (alone["OMP_NUM_THREADS"], alone.get("OPENBLAS_NUM_THREADS")) == ("7", None)
    assert (together["OMP_NUM_THREADS"], together["OPENBLAS_NUM_THREADS"]) == ("1", "1")


@pytest.mark.slow
def test_a_real_run_notes_its_figures_and_takes_the_place_of_one_that_broke_off(recipe: Path, tmp_path: Path) -> None:
    [run] = plan(recipe, [3], [], tmp_path / "runs")
    run.folder.mkdir(parents=True)
    (run.folder / "history.csv").write_text("of a run that broke off")
    assert list(run_all([run], 1)) == [(run, None)]
    noted = run.outcome()
    assert (noted["seed"], noted["jobs"], noted["parameters"]) == (3, 1, 7850)
    assert noted["bytes"] == (run.folder / "model.json").stat().st_size
    [figure] = noted["figures"]
    assert (figure["set"], figure["kind"], figure["images"]) == ("mnist", "validation", 1000)
    assert 0 <= figure["accuracy"] <= 1


@pytest.mark.slow
def test_a_real_failure_says_what_the_command_said(recipe: Path, tmp_path: Path) -> None:
    [run] = plan(recipe, [1], ["data.mnist.path=nowhere-at-all"], tmp_path / "runs")
    [(failed, error)] = run_all([run], 1)
    assert failed is run
    assert "seed=1 data.mnist.path=nowhere-at-all" in str(error)
    assert "nowhere-at-all: no such file or folder; check the path" in str(error)
    assert not run.is_done
