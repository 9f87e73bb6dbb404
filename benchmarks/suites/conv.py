"""Training of the LeNet-like net with Adam."""

from __future__ import annotations

from ..results import Comparison
from ..session import Session
from .training import epochs

BATCH_SIZE = 64
LEARNING_RATE = 1e-3


def run(session: Session) -> None:
    images = 640 if session.quick else 6_400
    for threads in session.threads:
        with session.workers("conv", threads) as workers:
            epochs(
                session,
                workers,
                Comparison(
                    "conv",
                    "Convolutional net",
                    f"8@5x5, pool, 16@5x5, pool, 128, 10, Adam {LEARNING_RATE}, batch {BATCH_SIZE}: training on "
                    f"{images:,} images",
                    threads,
                    "images/s",
                    session.labelled("conv"),
                    images=images,
                ),
                net="conv",
                batch_size=BATCH_SIZE,
                learning_rate=LEARNING_RATE,
                images=images,
            )
