"""One image at a time through the trained 784-128-64-10, on one thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..processes import Child, PeerError
from ..results import Comparison, Entry
from ..session import Session

TURN = 0.05
"""Seconds that a turn of calls takes, about."""


def run(session: Session) -> None:
    comparison = Comparison(
        "latency",
        "One image",
        "one image through 784-128-64-10, from the peer's own array of pixels to its own array of probabilities",
        1,
        "µs",
        [],
        base="ours: predict_on_batch",
    )
    with session.workers("mlp", 1) as workers:
        tasks: dict[str, Callable[[], float]] = {}
        for peer in session.those_with("mlp"):
            try:
                ways = _ways(session, workers[peer.name])
            except PeerError as error:
                comparison.entries.append(Entry(peer.name, peer.label, error=str(error)))
                continue
            for way, calls in ways.items():
                name = f"{peer.name}: {way}" if way else peer.name
                comparison.entries.append(Entry(name, f"{peer.label}, {way}" if way else peer.label))
                tasks[name] = partial(workers[peer.name].figure, "seconds", "single", way=way, calls=calls)
        values, errors = session.measure(comparison.title, tasks, session.repeats * 3, 1)
    for entry in comparison.entries:
        entry.values, entry.error = values.get(entry.name, []), errors.get(entry.name, entry.error)
    session.add(comparison)


def _ways(session: Session, worker: Child) -> dict[str, int]:
    """The ways in which a peer judges an image, and how many calls of each make a turn."""
    worker.ask("start", data=session.data, net="mlp", batch_size=128, learning_rate=0.1, images=1280)
    worker.ask("epoch")
    found = {}
    for way in worker.ask("ways")["ways"]:
        worker.ask("single", way=way, calls=3)  # some compile
        seconds = worker.figure("seconds", "single", way=way, calls=20)
        found[way] = max(5, round((0.1 if session.quick else 1.0) * TURN / seconds))
    return found
