"""The suites and the command with peers that are made up: who fails is told and stops nobody."""

from __future__ import annotations

import pytest

import benchmarks.__main__ as command
from benchmarks.peers import Peer
from benchmarks.results import Comparison, Run
from benchmarks.suites import latency, mlp, startup
from benchmarks.suites.training import epochs

PATIENT, FAILING = "Patient", "Failing"


def errors(comparison: Comparison) -> dict[str, str | None]:
    return {entry.label: entry.error for entry in comparison.entries}


def test_epochs_have_a_first_one_then_the_rounds_then_the_accuracy(session, capsys) -> None:
    comparison = Comparison("mlp", "An epoch", "work", 1, "s", session.labelled("mlp"))
    with session.workers("mlp", 1) as workers:
        epochs(session, workers, comparison, net="mlp", batch_size=32, learning_rate=0.1, images=64)
    assert session.run.comparisons == [comparison]
    assert len(Run.load(session.kept).comparisons) == 1  # kept as soon as it is known
    for name in ("ours", "patient"):
        entry = comparison.entry(name)
        assert len(entry.values) == session.repeats
        assert entry.first is not None
        assert 0.05 < entry.accuracy < 0.15
        assert entry.error is None
    told = errors(comparison)
    assert told["Failing"] == "RuntimeError: no luck today"
    assert told["Dying"] == "Fatal: the library gives up"
    assert told["Broken"] == "ModuleNotFoundError: No module named 'a_module_that_nobody_has'"
    assert "An epoch: Dying failed: Fatal: the library gives up" in capsys.readouterr().err


@pytest.mark.slow
def test_a_whole_job_is_timed_in_fresh_processes(session) -> None:
    mlp.whole_job(session, 1, 64)
    [comparison] = session.run.comparisons
    entry = comparison.entry("patient")
    assert entry.first > 0
    assert len(entry.values) == 2
    assert 0.05 < entry.accuracy < 0.15
    assert errors(comparison)["Failing"] == "RuntimeError: no luck today"
    assert errors(comparison)["Dying"] == "Fatal: the library gives up"


@pytest.mark.slow
def test_single_images_are_timed_in_all_ways_of_a_peer(session) -> None:
    session.peers[0] = Peer("ours", "this framework", "benchmarks.peers.ours")
    latency.run(session)
    [comparison] = session.run.comparisons
    names = {entry.name for entry in comparison.entries if entry.values}
    assert names == {"ours: predict_on_batch", "ours: model(x)", "patient"}
    assert comparison.ratio(comparison.entry("patient")) is not None
    assert errors(comparison)["Failing"] == "RuntimeError: no luck today"


@pytest.mark.slow
def test_imports_are_timed_and_one_that_fails_is_told(session) -> None:
    session.peers = [session.peers[0], Peer("bad", "Bad", "bad", program="import a_module_that_nobody_has")]
    session.repeats = 1
    startup.run(session)
    alone, peers = session.run.comparisons
    assert [entry.name for entry in alone.entries] == ["ours", "numpy", "python"]
    assert all(len(entry.values) == 3 for entry in alone.entries)
    assert not alone.headline
    assert peers.headline
    assert "ModuleNotFoundError" in errors(peers)["Bad"]


@pytest.mark.slow
def test_the_command_measures_writes_and_names_who_is_missing(peers, tmp_path, monkeypatch, capsys) -> None:
    ours = Peer("ours", "this framework", "benchmarks.peers.ours")
    absent = Peer("absent", "Absent", "absent", {"a_module_that_nobody_has": "a-package"})
    monkeypatch.setattr(command, "chosen", lambda names: [ours, peers["patient"], peers["failing"], absent])
    folder = tmp_path / "out"
    arguments = ["latency", "--quick", "--repeats", "1", "--data", "sample", "--output", str(folder)]
    assert command.main(arguments) == 0
    run = Run.load(folder / "results.json")
    assert run.missing == {"Absent": "pip install a-package"}
    assert run.command == "python -m benchmarks latency --quick --threads 1 --repeats 1"
    assert run.versions.keys() == {"this framework", "numpy"}
    printed = capsys.readouterr()
    assert "Absent is not installed and left out: pip install a-package" in printed.err
    assert (folder / "results.md").read_text(encoding="utf-8") == printed.out[:-1]
    for part in (
        "this framework, predict_on_batch",
        "Failing failed: RuntimeError: no luck today",
        "pip install a-package",
    ):
        assert part in printed.out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["speed"], "there is no suite 'speed'; choose from mlp, job, conv, latency"),
        (["--peers", "tinygrad"], "there is no peer 'tinygrad'"),
        (["--threads", "1000"], "1000 threads: this process may use"),
        (["--threads", "0"], "0 must be 1 or more"),
        (["--data", "nowhere"], "nowhere has no train-images-idx3-ubyte.gz"),
    ],
)
def test_a_mistake_on_the_command_line_is_answered_in_a_sentence(arguments, problem, capsys) -> None:
    with pytest.raises(SystemExit):
        command.main(arguments)
    assert problem in capsys.readouterr().err
