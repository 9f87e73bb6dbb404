"""What the commands have in common: a user's mistake is answered in a sentence."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from framework.checkpoint import CheckpointError
from framework.config import ConfigError
from framework.divergence import DivergenceError
from framework.registry import ArgumentError, UnknownNameError

from .files import DataError


class UsageError(ValueError):
    """Something on the command line does not make sense; the message says what, and what would."""


USERS_MISTAKES = (ArgumentError, CheckpointError, DataError, ImportError, MemoryError, UnknownNameError, UsageError)


class Terminated(KeyboardInterrupt):
    """SIGTERM was received: what is at work is ended in good order, as after Ctrl-C."""


def run(main: Callable[[], int]) -> NoReturn:
    """Runs a command and exits with its status; mistakes of the user are told, not traced."""
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _terminate) if is_main else None
    try:
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt as error:
        number = signal.SIGTERM if isinstance(error, Terminated) else signal.SIGINT
        print("interrupted" if number == signal.SIGINT else "terminated", file=sys.stderr)
        status = 128 + number
    except BrokenPipeError:  # whoever read the output has gone; Python would complain once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except ConfigError as error:
        print(error, file=sys.stderr)
        status = 2
    except OSError as error:
        print(f"error: {reason(error)}", file=sys.stderr)
        status = 2
    except DivergenceError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 1
    except USERS_MISTAKES as error:
        print(f"error: {error}", file=sys.stderr)
        status = 2
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before)
    sys.exit(status)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)  # whoever is in more of a hurry than that
    raise Terminated


def reason(error: Exception) -> str:
    """What went wrong, in one line; of an OSError the file and the reason, without its number.

    >>> reason(FileNotFoundError(2, "No such file or directory", "a.png"))
    'a.png: no such file or directory'
    """
    if isinstance(error, OSError) and error.strerror:
        said = error.strerror[0].lower() + error.strerror[1:]
        return said if error.filename is None else f"{error.filename}: {said}"
    return " ".join(str(error).split()) or type(error).__name__


def add_import_option(parser: argparse.ArgumentParser) -> None:
    """Gives a command the option `--import MODULE`; `import_modules` then takes `options.imports`."""
    parser.add_argument(
        "--import",
        dest="imports",
        metavar="MODULE",
        action="append",
        default=[],
        help="a Python module with layers, losses ... of your own, so that files can name them",
    )


def import_modules(names: Iterable[str]) -> None:
    """Imports the users' modules; raises UsageError, naming the module, for one that cannot be imported."""
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise UsageError(f"--import {name}: not a module's name; for my_layers.py write --import my_layers")
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # it is the user's code: anything can happen
            raise UsageError(f"--import {name}: {_import_problem(name, error)}") from error


def _import_problem(name: str, error: BaseException) -> str:
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing is not None and f"{name}.".startswith(f"{missing}."):
        hint = f"; write --import {name.removesuffix('.py')}" if name.endswith(".py") else ""
        return f"there is no module {missing} in this folder or among the installed packages{hint}"
    said = " ".join(str(error).split())
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
    if isinstance(error, SyntaxError) or len(frames) < 2:
        return f"{type(error).__name__}: {said}"
    module = frames[1]  # the first is ours
    return f"{Path(module.filename).name}, line {module.lineno}: {type(error).__name__}: {said}"
