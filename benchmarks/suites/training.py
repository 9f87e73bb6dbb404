"""An epoch of the same training, side by side: what `mlp` and `conv` have in common."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..processes import Child, PeerError
from ..results import Comparison
from ..session import Session


def epochs(session: Session, workers: dict[str, Child], comparison: Comparison, **task: Any) -> None:
    """Fills a comparison and adds it to the session: a first epoch, then one a round, and the accuracy at the end.

    task: what the workers' `start` takes.
    """
    for entry in comparison.entries:
        try:
            workers[entry.name].ask("start", data=session.data, **task)
        except PeerError as error:
            entry.error = str(error)
    first = _ask(session, workers, comparison, 1, "epoch", "seconds")
    values = _ask(session, workers, comparison, session.repeats, "epoch", "seconds")
    accuracies = _ask(session, workers, comparison, 1, "accuracy", "accuracy")
    for entry in comparison.entries:
        entry.values = values.get(entry.name, [])
        entry.first = next(iter(first.get(entry.name, [])), None)
        entry.accuracy = next(iter(accuracies.get(entry.name, [])), None)
    session.add(comparison)


def _ask(
    session: Session, workers: dict[str, Child], comparison: Comparison, rounds: int, request: str, answer: str
) -> dict[str, list[float]]:
    """What those answer in turn who have not failed yet; notes who does."""
    alive = [entry for entry in comparison.entries if entry.error is None]
    tasks = {entry.name: partial(workers[entry.name].figure, answer, request) for entry in alive}
    values, errors = session.measure(comparison.title, tasks, rounds, comparison.threads)
    for entry in alive:
        entry.error = errors.get(entry.name)
    return values
