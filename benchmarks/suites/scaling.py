"""How our time for an epoch grows with images, batch size, width and depth; on one thread."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

from ..peers import OURS
from ..processes import worker
from ..results import Curve
from ..session import Session

SIZES = (784, 128, 64, 10)
SMALLEST = (784, 4, 4, 10)
"""Next to no multiplications, so that what a step takes by itself shows."""


def run(session: Session) -> None:
    n = 1_280 if session.quick else 12_800
    images = [n // 16, n // 8, n // 4, n // 2, n, 2 * n, 4 * n]
    _curve(session, "images", "784-128-64-10, batch 128", images, images, "image", [_net(images=i) for i in images])
    for sizes in (SIZES, SMALLEST):
        batches = [8, 16, 32, 64, 128, 256, 512]
        tasks, steps = [_net(sizes, n, size) for size in batches], [-(-n // size) for size in batches]
        _curve(session, "batch size", f"{'-'.join(map(str, sizes))}, {n:,} images", batches, steps, "step", tasks)
    n //= 4
    widths = [32, 64, 128, 256, 512, 1024]
    nets: list[tuple[int, ...]] = [(784, width, width, 10) for width in widths]
    label, millions = f"784-n-n-10, batch 128, {n:,} images", [n * _multiplications(net) / 1e6 for net in nets]
    _curve(session, "width", label, widths, millions, "million multiplications", [_net(net, n) for net in nets])
    depths = [1, 2, 4, 8, 12, 16, 20]
    label, layers = f"layers of 128, batch 128, {n:,} images", [depth * -(-n // 128) for depth in depths]
    nets = [(784, *[128] * depth, 10) for depth in depths]
    _curve(session, "depth", label, depths, layers, "layer and step", [_net(net, n) for net in nets])


def _net(sizes: tuple[int, ...] = SIZES, images: int = 0, batch_size: int = 128) -> dict[str, Any]:
    return {"sizes": list(sizes), "images": images, "batch_size": batch_size}


def _multiplications(sizes: tuple[int, ...]) -> int:
    """Of the forward pass of one image; backward it is about twice as many."""
    return sum(inputs * outputs for inputs, outputs in pairwise(sizes))


def _curve(
    session: Session, axis: str, label: str, x: list[int], linear: list[Any], per: str, nets: list[dict[str, Any]]
) -> None:
    """Measures an epoch of each net, in turns, and adds the curve to the session. For the others see `Curve`."""
    title = f"Time against {axis}"
    with worker(OURS.module, 1) as process:
        tasks = {}
        for key, net in zip(map(str, x), nets, strict=True):
            process.ask("start", data=session.data, net="mlp", learning_rate=0.01, key=key, **net)
            process.ask("epoch", key=key)
            tasks[key] = partial(process.figure, "seconds", "epoch", key=key)
        values, errors = session.measure(title, tasks, session.repeats, 1)
    if errors:
        session.say(f"{title} failed: {next(iter(errors.values()))}")
        return
    session.run.curves.append(Curve(axis, label, list(x), list(linear), per, 1, list(values.values())))
