"""JAX with a whole epoch in one compiled `lax.scan`, whose state is donated."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax

from .jax_model import Model, State, nets


class Scan(Model):
    @partial(jax.jit, static_argnums=0, donate_argnums=1)
    def epoch(self, state: State, x: Any, y: Any, batches: Any) -> tuple[State, Any]:
        """The state after the batches, rows of (count, batch size), and their losses."""
        return jax.lax.scan(lambda state, rows: self.step(state, x[rows], y[rows]), state, batches)

    def train(self, batch_size: int, epochs: int) -> None:
        full = len(self.x) - len(self.x) % batch_size
        for _ in range(epochs):
            order = self.rng.permutation(len(self.x))
            self.state, _ = self.epoch(self.state, self.x, self.y, order[:full].reshape(-1, batch_size))
            if full < len(order):
                self.state, _ = self.epoch(self.state, self.x, self.y, order[None, full:])
        jax.block_until_ready(self.state)


mlp, conv = nets(Scan)
