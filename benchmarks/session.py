"""What all suites of one call share: who is compared, how often, on how many threads, and where results go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .peers import Peer
from .processes import Child, worker
from .results import Comparison, Entry, Run
from .turns import in_turn

SETTLING = 0.05
"""Seconds for which the threads of some libraries spin when there is nothing more to do."""


@dataclass
class Session:
    """peers: those that are installed, ours first. threads: on so many everything is done, one after the other.
    quick: little work and few rounds, to see whether it runs. data: the folder or file with MNIST. kept: the file in
    which the results are kept as they come, should the rest be interrupted.
    """

    peers: list[Peer]
    threads: list[int]
    repeats: int
    quick: bool
    data: str
    run: Run
    kept: Path

    def add(self, comparison: Comparison) -> None:
        """Keeps a result, and tells of the peers that failed in it."""
        self.run.comparisons.append(comparison)
        self.run.save(self.kept)
        for entry in comparison.entries:
            if entry.error:
                self.say(f"{comparison.title}: {entry.label} failed: {entry.error}")

    def say(self, text: str) -> None:
        from tqdm import tqdm

        tqdm.write(text, file=sys.stderr)

    def those_with(self, net: str) -> list[Peer]:
        """The peers that can train this net."""
        return [peer for peer in self.peers if net in peer.nets]

    @contextmanager
    def workers(self, net: str, threads: int) -> Iterator[dict[str, Child]]:
        """A process for each peer that can train the net, by its name."""
        with ExitStack() as stack:
            yield {p.name: stack.enter_context(worker(p.module, threads)) for p in self.those_with(net)}

    def measure(
        self, title: str, tasks: Mapping[str, Callable[[], float]], rounds: int, threads: int
    ) -> tuple[dict[str, list[float]], dict[str, str]]:
        """The tasks in turn, with a progress bar; what `in_turn` gives."""
        from tqdm import tqdm

        with tqdm(total=rounds * len(tasks), desc=title, leave=False, file=sys.stderr) as bar:
            return in_turn(tasks, rounds, bar.update, SETTLING if threads > 1 else 0.0)

    def labelled(self, net: str) -> list[Entry]:
        """An empty entry for each peer that can train the net."""
        return [Entry(peer.name, peer.label) for peer in self.those_with(net)]
