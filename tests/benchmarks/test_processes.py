"""Processes on their cores, and the conversation with them."""

from __future__ import annotations

import os
import sys

import pytest

from benchmarks import mnist
from benchmarks.processes import (
    THREAD_VARIABLES,
    Child,
    PeerError,
    available_cores,
    cores_for,
    environment,
    pinned,
    worker,
)

TASK = {"data": str(mnist.SAMPLE), "net": "mlp", "batch_size": 32, "learning_rate": 0.1, "images": 64}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot pin a process to cores")
def test_a_worker_is_pinned_to_its_core(peers) -> None:
    with worker(peers["patient"].module, 1) as process:
        assert process.ask("about")["cores"] == cores_for(1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot pin a process to cores")
def test_pinning_ends_with_its_block() -> None:
    before = os.sched_getaffinity(0)
    with pinned(1):
        assert os.sched_getaffinity(0) == set(cores_for(1))
    assert os.sched_getaffinity(0) == before


def test_there_is_a_core_for_each_thread() -> None:
    cores = available_cores()
    assert cores_for(len(cores)) == cores
    assert cores_for(1) == cores[-1:]
    with pytest.raises(ValueError, match=rf"{len(cores) + 1} threads: this process may use {len(cores)} core\(s\)"):
        cores_for(len(cores) + 1)


def test_the_environment_sets_threads_and_nothing_of_the_users_is_left(monkeypatch) -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "XLA_FLAGS", "KERAS_BACKEND"):
        monkeypatch.setenv(name, "torch")
    monkeypatch.setenv("PYTHONPATH", "mine")
    variables = environment(2)
    assert {variables[name] for name in THREAD_VARIABLES} == {"2"}
    assert not {"PYTHONDONTWRITEBYTECODE", "XLA_FLAGS", "KERAS_BACKEND"} & set(variables)
    assert variables["PYTHONPATH"].split(os.pathsep)[1:] == ["mine"]


def test_what_a_peer_prints_is_not_taken_for_an_answer(peers) -> None:
    with worker(peers["patient"].module, 1) as process:
        assert process.ask("start", **TASK) == {}
        assert process.ask("epoch")["seconds"] >= 0
        assert 0.05 < process.ask("accuracy")["accuracy"] < 0.15  # it takes everything for a zero
        assert process.ask("ways") == {"ways": [""]}
        assert process.ask("single", way="", calls=3)["seconds"] >= 0


def test_an_error_is_told_in_its_last_line_and_the_worker_lives_on(peers) -> None:
    with worker(peers["failing"].module, 1) as process:
        process.ask("start", **TASK)
        with pytest.raises(PeerError, match=r"^RuntimeError: no luck today$"):
            process.ask("epoch")
        assert "accuracy" in process.ask("accuracy")


def test_a_peer_that_cannot_be_imported_says_why(peers) -> None:
    with (
        worker(peers["broken"].module, 1) as process,
        pytest.raises(PeerError, match="ModuleNotFoundError: No module named 'a_module_that_nobody_has'"),
    ):
        process.ask("start", **TASK)


def test_a_peer_that_dies_leaves_its_last_words(peers) -> None:
    with worker(peers["dying"].module, 1) as process:
        for _ in range(2):  # the second time there is nobody to ask
            with pytest.raises(PeerError, match=r"^Fatal: the library gives up$"):
                process.ask("start", **TASK)


def test_a_process_that_ends_without_a_word_has_its_status() -> None:
    with Child("keyword", [], 1) as process, pytest.raises(PeerError, match="ended with status 0 without a word"):
        process.answer()


def test_patience_has_an_end() -> None:
    with (
        Child("benchmarks.worker", ["json", "1"], 1, patience=0.0) as process,
        pytest.raises(PeerError, match="no answer within 0 s"),
    ):
        process.answer()


def test_the_end_is_the_end(peers) -> None:
    with worker(peers["patient"].module, 1) as process:
        pass
    assert process.process.returncode is not None
    assert sys.executable in process.process.args
