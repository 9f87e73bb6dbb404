"""A user's mistake is answered in a sentence, without a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from ..config import ConfigError
from ..divergence import DivergenceError
from ..registry import ArgumentError, UnknownNameError


class UsageError(ValueError):
    """Something on the command line does not make sense; the message says what, and what would."""


def guarded(command: Callable[[], int]) -> int:
    """The exit status of a command: its own, or, after a sentence, 2 for a user's mistake and 1 for a divergence."""
    try:
        status = command()
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read the output has gone; Python would complain once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except ConfigError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"error: {_reason(error)}", file=sys.stderr)
    except DivergenceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (ArgumentError, UnknownNameError, UsageError) as error:
        print(f"error: {error}", file=sys.stderr)
    return 2


def _reason(error: OSError) -> str:
    said = error.strerror or str(error)
    return said if error.filename is None else f"{error.filename}: {said[:1].lower()}{said[1:]}"
