"""The thread that works beside the frames. Whatever has to wait waits for an event, never for a time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from apps.mnist.ui.worker import Worker

LONG = 60
"""Seconds after which a test that hangs fails; none takes as long."""


class Gate:
    """A job that says when it has begun, and ends when it may."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.may_end.wait(LONG)
        return "gate"


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()
    assert not worker._thread.is_alive()


@pytest.fixture
def results() -> list[Any]:
    return []


@pytest.fixture
def gate(worker: Worker, results: list[Any]) -> Iterator[Gate]:
    """The worker is busy with this job, so that what is submitted now has to wait."""
    gate = Gate()
    worker.submit(gate, results.append, results.append)
    assert gate.begun.wait(LONG)
    yield gate
    gate.may_end.set()


def finish(worker: Worker) -> None:
    """Waits until all that was submitted has been done."""
    done = threading.Event()
    worker.submit(done.set, lambda _: None, lambda _: None)
    assert done.wait(LONG)
    worker.close()
    worker.collect()


def test_jobs_are_done_in_order(worker: Worker, results: list[Any]) -> None:
    for number in range(50):
        worker.submit(lambda number=number: number, results.append, results.append)  # type: ignore[misc]
    finish(worker)
    assert results == list(range(50))


def test_another_thread_does_them_and_the_results_come_when_collected(worker: Worker, results: list[Any]) -> None:
    threads: list[int] = []
    worker.submit(lambda: threads.append(threading.get_ident()), results.append, results.append)
    worker.submit(threading.get_ident, lambda _: threads.append(threading.get_ident()), results.append)
    done = threading.Event()
    worker.submit(done.set, results.append, results.append)
    assert done.wait(LONG)
    assert results == []
    finish(worker)
    assert threads[0] == worker._thread.ident
    assert threads[1] == threading.get_ident()


def test_of_those_that_wait_under_a_name_the_latest_is_done(worker: Worker, gate: Gate, results: list[Any]) -> None:
    for word in ("old", "older"):
        worker.submit(lambda word=word: word, results.append, results.append, replaces="guess")  # type: ignore[misc]
    worker.submit(lambda: "answer", results.append, results.append)
    worker.submit(lambda: "other", results.append, results.append, replaces="other")
    worker.submit(lambda: "new", results.append, results.append, replaces="guess")
    gate.may_end.set()
    finish(worker)
    assert results == ["gate", "answer", "other", "new"]
    assert not worker.busy


def test_one_that_has_begun_is_not_replaced(worker: Worker, results: list[Any]) -> None:
    gate = Gate()
    worker.submit(gate, results.append, results.append, replaces="guess")
    assert gate.begun.wait(LONG)
    worker.submit(lambda: "next", results.append, results.append, replaces="guess")
    gate.may_end.set()
    finish(worker)
    assert results == ["gate", "next"]


def test_is_busy_until_the_results_are_collected(worker: Worker, gate: Gate, results: list[Any]) -> None:
    assert worker.busy
    worker.collect()
    assert worker.busy
    assert results == []
    gate.may_end.set()
    worker.close()
    assert worker.busy
    worker.collect()
    assert not worker.busy
    assert results == ["gate"]


def test_an_exception_is_handed_over_and_the_next_job_done(worker: Worker, results: list[Any]) -> None:
    failures: list[Exception] = []
    error = RuntimeError("no")

    def fails() -> None:
        raise error

    worker.submit(fails, results.append, failures.append)
    worker.submit(lambda: "fine", results.append, failures.append)
    finish(worker)
    assert (results, failures) == (["fine"], [error])


def test_a_result_may_ask_for_more(worker: Worker, results: list[Any]) -> None:
    asked = threading.Event()

    def first(_: object) -> None:
        worker.submit(lambda: asked.set() or "second", results.append, results.append)

    done = threading.Event()
    worker.submit(done.set, first, results.append)
    assert done.wait(LONG)
    while not asked.is_set():
        worker.collect()
    finish(worker)
    assert results == ["second"]


def test_a_receiver_that_fails_leaves_nothing_pending(worker: Worker, results: list[Any]) -> None:
    worker.submit(lambda: 1, lambda _: results[7], results.append)
    worker.submit(lambda: 2, results.append, results.append)
    worker.close()
    with pytest.raises(IndexError):
        worker.collect()
    worker.collect()
    assert results == [2]
    assert not worker.busy


def test_closing_does_what_waits(worker: Worker, gate: Gate, results: list[Any]) -> None:
    worker.submit(lambda: "last", results.append, results.append)
    gate.may_end.set()
    worker.close()
    worker.close()
    worker.collect()
    assert results == ["gate", "last"]


def test_no_process_waits_for_it() -> None:
    worker = Worker()
    assert worker._thread.daemon
    worker.close()


def test_a_job_that_wants_to_end_the_program_is_a_failed_job():
    worker, failures = Worker(), []
    worker.submit(lambda: sys.exit("enough"), print, failures.append)
    worker.submit(lambda: 1, failures.append, print)
    worker.close()
    worker.collect()
    assert [str(failure) for failure in failures] == ["SystemExit: enough", "1"]
