"""What people see while a model trains."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

from ..arguments import require
from .base import Callback, Logs, registry

if TYPE_CHECKING:
    from tqdm import tqdm

REFRESH = 0.1
"""Seconds between two updates of the bar: often enough to look live, too seldom to cost anything."""

LINES = 50
"""About how many lines a training run of very many epochs leaves on the screen."""

FORMAT = "{desc} {bar} {n_fmt}/{total_fmt} {elapsed}<{remaining}{postfix}"


@registry.register
class ProgressBar(Callback):
    """A tqdm bar for every epoch with the running loss and metrics, which gives way to a line with the final ones.

    verbose: 1 for the bar, 2 for the line alone.

    >>> ProgressBar().verbose
    1
    """

    def __init__(self, verbose: int = 1) -> None:
        require(verbose in (1, 2), self, "verbose", verbose, "1 or 2")
        self.verbose = verbose
        self._bar: tqdm[Any] | None = None

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        epochs = self.params.get("epochs", 1)
        self._label = f"Epoch {epoch + 1:>{len(str(epochs))}}/{epochs}"
        self._done = self._first = 0
        self._due = self._begin = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._done:
            self._first = batch  # others were done before the run was cut off
        self._done = batch + 1
        if self.verbose == 1 and time.perf_counter() >= self._due:
            self._show(logs or {})
            self._due = time.perf_counter() + REFRESH

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._close()
        if self.verbose == 1 and not self._told(epoch + 1):
            return
        steps, seconds = self.params.get("steps"), time.perf_counter() - self._begin
        batches = f"{self._done}/{steps} batches" if steps else f"{self._done} batches"
        print("  ".join([self._label, batches, f"{seconds:.1f} s", *_figures(logs or {})]), flush=True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()

    def _told(self, count: int) -> bool:
        """Whether this epoch's line stays on the screen: of many epochs only every so many, and the last."""
        epochs = self.params.get("epochs", 1)
        return count % max(1, epochs // LINES) == 0 or count == epochs or self.model.stop_training

    def _show(self, logs: Logs) -> None:
        bar = self._bar
        if bar is None:  # not before the first batch: what others print when an epoch begins comes first
            from tqdm import tqdm

            steps = self.params.get("steps")
            columns = shutil.get_terminal_size().columns  # tqdm shows nothing where a terminal says it has none
            bar = self._bar = tqdm(
                total=steps,
                initial=self._first,
                desc=self._label,
                bar_format=FORMAT,
                ncols=columns,
                mininterval=0,
                leave=False,
            )
            bar.start_t -= time.perf_counter() - self._begin
        bar.set_postfix_str("  ".join(_figures(logs)), refresh=False)
        bar.n = self._done
        bar.refresh()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_bar": None}


def _figures(logs: Logs) -> list[str]:
    return [f"{name} {value:.4g}" for name, value in logs.items() if isinstance(value, int | float)]
