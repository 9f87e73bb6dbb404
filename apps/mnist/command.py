"""What the commands have in common: a user's mistake is answered in a sentence, with exit status 2."""

from __future__ import annotations

import sys
from collections.abc import Callable

from framework.checkpoint import CheckpointError
from framework.config import ConfigError
from framework.registry import ArgumentError, UnknownNameError

from .files import DataError

USERS_MISTAKES = (ArgumentError, CheckpointError, ConfigError, DataError, ImportError, OSError, UnknownNameError)


class UsageError(ValueError):
    """Something on the command line does not make sense; the message says what, and what would."""


def run(main: Callable[[], int]) -> None:
    """Runs a command and exits with its status; mistakes of the user are told, not traced."""
    try:
        status = main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)  # whoever read the output has gone
    except (*USERS_MISTAKES, UsageError) as error:
        print(f"{error}" if isinstance(error, ConfigError) else f"error: {error}", file=sys.stderr)
        sys.exit(2)
    sys.exit(status)
