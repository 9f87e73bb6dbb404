"""Runs from the command line that are cut off by SIGKILL, and go on with `--resume`."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import train
from framework.locks import FolderLock
from tests.kills.power import RECIPE, broken_files, result

from .test_train_process import finished

POWER_CUT = """
import os, signal, sys
from framework.callbacks import CallbackList

sys.modules["matplotlib"] = None
what, left = os.environ["CUT"].split(":")
left = int(left)


def cut_when_done(function):
    def wrapped(*arguments, **named):
        global left
        answer = function(*arguments, **named)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    return wrapped


tell = CallbackList.call
told = cut_when_done(tell)
CallbackList.listens = lambda *_: True
CallbackList.call = lambda self, event, *a: told(self, event, *a) if event == what else tell(self, event, *a)
if what in ("fsync", "replace"):
    setattr(os, what, cut_when_done(getattr(os, what)))
"""
"""A module for `--import`: the process is gone once an event has been told, or a file has been written, so often."""

EPOCH = 63
"""Batches in an epoch."""
CUTS = [
    "fsync:1",  # while the note about the run is written
    "replace:1",  # before its config is there
    "on_epoch_begin:1",
    "on_train_batch_end:3",  # before the first checkpoint: it starts over
    "on_train_batch_end:5",
    "fsync:5",
    "replace:9",
    f"on_train_batch_end:{EPOCH}",
    "on_test_batch_end:4",
    "on_epoch_end:1",
    "on_train_batch_end:64",
    "replace:1",
    "on_epoch_end:1",
    "replace:4",  # the model is there, but nobody has judged it
    "never:1",
]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text(RECIPE.replace("EVERY", "5").replace("epochs: 5", "epochs: 3"))
    return path


def test_a_run_that_is_killed_again_and_again_ends_like_one_that_is_not(
    tmp_path: Path, recipe: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "power_cut.py").write_text(POWER_CUT)
    common: dict[str, Any] = {"env": environment | {"CUT": "never:1"}, "cwd": tmp_path}
    assert finished(recipe, "--import", "power_cut", "--run-dir", "whole", **common).returncode == 0
    killed = []
    for cut in CUTS:
        begun = (tmp_path / "run" / "run.json").exists()
        common["env"]["CUT"] = cut
        what = ("--resume", "run") if begun else (recipe, "--run-dir", "run")
        end = finished(*what, "--import", "power_cut", **common)
        assert end.stderr == ""
        assert list(broken_files(tmp_path / "run")) == []
        if end.returncode == 0:
            break
        assert end.returncode == -signal.SIGKILL
        killed.append(cut)
    assert killed == CUTS[:-1]
    assert result(tmp_path / "run") == result(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == sorted(train.FILES)
    again = finished("--resume", "run", **common)
    assert (again.returncode, again.stdout) == (0, "The run in run is done, nothing is left to do: run/model.json\n")


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory, recipe: Path) -> Path:
    """A run that was interrupted in its second epoch."""
    from framework.callbacks import StopOnSignal

    folder = tmp_path_factory.mktemp("cut off") / "run"
    count = 0

    class Interrupted(StopOnSignal):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            nonlocal count
            count += 1
            if count == EPOCH + 7:
                self._handle(signal.SIGINT, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "StopOnSignal", Interrupted)
        assert train.main([str(recipe), "--run-dir", str(folder), "--verbose", "0"]) == 130
    return folder


@pytest.fixture
def run(cut_off: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cut_off, tmp_path / "run"))


@pytest.mark.usefixtures("no_plots")
class TestResume:
    def test_it_says_where_it_goes_on(self, call: Any, run: Path) -> None:
        status, out, err = call(train.main, "--resume", run)
        assert status == 0
        assert f"Going on in epoch 2 of 3, after batch 7 of 63: {run}/checkpoint/latest.json" in out
        assert " 8/63 " in err or " 7/63 " in err
        assert json.loads((run / "history.json").read_text())["epoch"] == [0, 1, 2]

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["optimizer=sgd"], "what differs is optimizer.adam ("),
            (["train.epochs=4", "seed=1"], "what differs is seed (7 then, 1 now); train.epochs (3 then, 4 now): leave"),
            (["configs/mnist_sample.yaml"], "what differs is seed (7 then, 42 now); "),
        ],
    )
    def test_another_run_is_refused_by_name(self, call: Any, run: Path, arguments: list[str], says: str) -> None:
        status, _, err = call(train.main, "--resume", run, *arguments)
        assert status == 2
        assert says in err
        assert "go on nevertheless with --force" in err

    def test_so_is_one_whose_config_was_edited(self, call: Any, run: Path) -> None:
        text = (run / "config.yaml").read_text()
        (run / "config.yaml").write_text(text.replace("batch_size: 64", "batch_size: 32"))
        status, _, err = call(train.main, "--resume", run)
        assert (status, "train.batch_size (64 then, 32 now)" in err) == (2, True)

    def test_by_force_it_goes_on(self, call: Any, run: Path) -> None:
        status, out, err = call(train.main, "--resume", run, "train.epochs=4", "train.verbose=0", "--force")
        assert (status, err) == (0, "")
        assert "Trained for 4 epochs" in out

    def test_it_says_so_when_there_is_nothing_to_go_on_from(self, call: Any, run: Path) -> None:
        shutil.rmtree(run / "checkpoint")
        status, out, _ = call(train.main, "--resume", run, "train.epochs=1", "--force")
        assert status == 0
        assert f"Nothing was kept in {run}/checkpoint: the run in {run} starts over" in out

    def test_with_other_data_it_is_refused(self, call: Any, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        note = json.loads((run / "run.json").read_text())
        (run / "run.json").write_text(json.dumps(note | {"images": 54_321}))
        status, _, err = call(train.main, "--resume", run)
        assert status == 2
        assert f"the run in {run} was begun with 54,321 images to train on, now there are 4,000: say with --data" in err

    def test_a_damaged_checkpoint_is_named(self, call: Any, run: Path) -> None:
        (run / "checkpoint" / "latest.json").write_text("{")
        status, _, err = call(train.main, "--resume", run)
        assert status == 2
        assert err.startswith(f"error: {run}/checkpoint/latest.json: ")

    @pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"experiment": 3}', "[" * 100_000])
    def test_a_damaged_note_is_named(self, call: Any, run: Path, content: str) -> None:
        (run / "run.json").write_text(content)
        status, _, err = call(train.main, "--resume", run)
        assert (status, err) == (
            2,
            f"error: {run}/run.json is damaged, so nobody knows what the run was; begin a new one with --run-dir\n",
        )

    def test_a_second_process_is_told(self, call: Any, run: Path) -> None:
        with FolderLock(run):
            status, _, err = call(train.main, "--resume", run)
        assert status == 2
        assert err.startswith(f"error: {run} is used by this process already: ")

    def test_a_run_that_was_cut_off_is_not_begun_again(self, call: Any, run: Path) -> None:
        status, _, err = call(train.main, "--data", "sample", "--run-dir", run)
        assert status == 2
        assert f"{run} holds a run already, which was cut off: go on with it with --resume {run}," in err

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--resume", "none"], "there is no folder none; begin a run with --run-dir none"),
            (["--resume", "empty"], "empty holds no run to go on with (it has no run.json)"),
            (["--resume", "empty", "--run-dir", "empty"], "--resume goes on with a run, --run-dir begins one"),
            (["--force"], "--force goes with --resume DIR"),
        ],
    )
    def test_mistakes_are_told(
        self, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("empty").mkdir()
        status, _, err = call(train.main, *arguments)
        assert status == 2
        assert err.startswith(f"error: {says}")
