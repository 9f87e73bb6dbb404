"""JAX with one compiled step, called for every batch, whose state is donated."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax

from .jax_model import Model, State, nets


class Step(Model):
    @partial(jax.jit, static_argnums=0, donate_argnums=1)
    def batch(self, state: State, x: Any, y: Any, rows: Any) -> tuple[State, Any]:
        """The state after these rows, and their loss."""
        return self.step(state, x[rows], y[rows])

    def train(self, batch_size: int, epochs: int) -> None:
        for _ in range(epochs):
            order = self.rng.permutation(len(self.x))
            for start in range(0, len(order), batch_size):
                self.state, _ = self.batch(self.state, self.x, self.y, order[start : start + batch_size])
        jax.block_until_ready(self.state)


mlp, conv = nets(Step)
