"""`python -m benchmarks.worker MODULE THREADS`: the process of one peer, which does its work when it is told to.

It is asked for one thing at a time and waits for the next without a stir, so that others can take their turns.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import Any

from .channel import Channel


class Worker:
    """What a peer can be asked for: every method is a request, its arguments are the request's."""

    def __init__(self, module: str, threads: int) -> None:
        self.module, self.threads = module, threads
        self.peer: Any = None
        self.nets: dict[str, Any] = {}
        self.batch_sizes: dict[str, int] = {}
        self.data: Any = None

    def act(self, do: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self, do)(**arguments)
        return answer

    def about(self) -> dict[str, Any]:
        """Where this process may run, and what it computes with."""
        import numpy as np

        from framework.version import __version__

        pinned = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {
            "cores": pinned,
            "threads": self.threads,
            "framework": __version__,
            "numpy": np.__version__,
            "blas": f"{blas.get('name')} {blas.get('version')}",
        }

    def start(
        self,
        data: str,
        net: str,
        batch_size: int,
        learning_rate: float,
        images: int | None = None,
        sizes: list[int] | None = None,
        key: str = "",
        seed: int = 0,
    ) -> dict[str, Any]:
        """Makes a net and gives it its examples; `key` is its name from then on.

        images: how many of the training images. sizes: of the dense net's layers, where they are not the usual.
        """
        from . import mnist, nets

        if self.peer is None:
            self.peer = importlib.import_module(self.module)
            if hasattr(self.peer, "set_threads"):
                self.peer.set_threads(self.threads)
        if self.data is None:
            self.data = mnist.load(data)
        (x, y), self.test = self.data
        weights = nets.lenet_weights(seed) if net == "conv" else nets.dense_weights(sizes or nets.MLP, seed)
        self.nets[key] = getattr(self.peer, net)(weights, learning_rate)
        self.nets[key].feed(*mnist.as_examples(x[:images], y[:images], net), seed)
        self.batch_sizes[key] = batch_size
        self.net = net
        return {}

    def epoch(self, key: str = "") -> dict[str, Any]:
        """Learns from all examples once; how long that took."""
        net, batch_size = self.nets[key], self.batch_sizes[key]
        begin = time.perf_counter()
        net.train(batch_size, 1)
        return {"seconds": time.perf_counter() - begin}

    def accuracy(self, key: str = "") -> dict[str, Any]:
        """The share of test images that the net gets right."""
        from . import mnist

        x, y = mnist.as_examples(self.test[0], self.test[1], self.net)
        scores = (self.nets[key].scores(x[start : start + 1000]) for start in range(0, len(x), 1000))
        right = sum(int((s.argmax(axis=1) == y[1000 * i : 1000 * i + 1000]).sum()) for i, s in enumerate(scores))
        return {"accuracy": right / len(y)}

    def ways(self) -> dict[str, Any]:
        """The ways in which the peer judges a single image."""
        from . import mnist

        self.calls = self.nets[""].single(mnist.as_examples(self.test[0], self.test[1], self.net)[0][:1])
        return {"ways": list(self.calls)}

    def single(self, way: str, calls: int) -> dict[str, Any]:
        """Judges the same image over and over; how long one call took."""
        call = self.calls[way]
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        return {"seconds": (time.perf_counter() - begin) / calls}


def main() -> None:
    channel = Channel()
    channel.serve(Worker(sys.argv[1], int(sys.argv[2])).act)


if __name__ == "__main__":
    main()
