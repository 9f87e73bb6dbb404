"""The side of the conversation in the process that is measured: a line of JSON in, a line of JSON out."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any


class Channel:
    """Answers on standard output; whatever else is printed there, by a peer for example, goes to standard error."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def tell(self, answer: dict[str, Any]) -> None:
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()

    def serve(self, act: Callable[..., dict[str, Any]]) -> None:
        """Answers every request `{"do": ..., ...}` with what `act` makes of it, or with its error."""
        for line in sys.stdin:
            self.tell(attempt(act, **json.loads(line)))


def attempt(act: Callable[..., dict[str, Any]], **arguments: Any) -> dict[str, Any]:
    """What an action answers; of one that fails `{"error": the last line of what Python would print}`."""
    try:
        return act(**arguments)
    except Exception as error:
        traceback.print_exc()
        return {"error": traceback.format_exception_only(error)[-1].strip()}
