"""`python -m apps.mnist.draw`: a window in which you draw a digit and watch the network decide."""

from __future__ import annotations

import argparse
import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

from framework.threads import blas_on_one_thread

from . import command
from .command import USERS_MISTAKES, UsageError, reason
from .recognizer import Recognizer


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m apps.mnist.draw", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, metavar="PATH", help="a model file, or the folder of a run")
    parser.add_argument("--scale", type=float, help="of the window; 1.5 is half as large again")
    parser.add_argument("--drawings", type=Path, default=Path("drawings"), metavar="DIR", help="where S saves")
    parser.add_argument(
        "--corrections", type=Path, default=Path("corrections.jsonl"), metavar="FILE", help="where labels are kept"
    )
    parser.add_argument("--events-log", type=Path, metavar="FILE", help="write what happens, one JSON object a line")
    parser.add_argument("--profile", action="store_true", help="print how long the frames took when the window closes")
    parser.add_argument("--no-animation", action="store_true", help="show new values at once")
    command.add_import_option(parser)
    options = parser.parse_args(arguments)
    if options.scale is not None and not 0.2 <= options.scale <= 10:
        raise UsageError(f"--scale {options.scale:g}: give a number from 0.2 to 10")
    command.import_modules(options.imports)
    return show(options)


def show(options: argparse.Namespace) -> int:
    """Opens the window and runs it until it is closed."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        import pygame
    except ImportError:
        raise ImportError("the window needs pygame-ce: pip install 'numpy-sequential[mnist]'") from None
    from .ui.events_log import EventsLog
    from .ui.profile import Profile
    from .ui.session import Session
    from .ui.tools import Places, Tools
    from .ui.window import Window
    from .ui.worker import Worker

    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # pygame takes it then, and closes the window as its button does
    with ExitStack() as stack:
        log, profile, worker = EventsLog(options.events_log), Profile(), Worker()
        stack.callback(log.close)
        stack.callback(worker.close)
        session = Session(worker, log, time.perf_counter)
        session.settings.animation = not options.no_animation
        tools = Tools(session, Places(options.drawings, options.corrections))
        problem: str | None = None
        try:
            session.use(Recognizer.load(options.checkpoint))
        except (OSError, *USERS_MISTAKES) as error:  # drawing works without a model, and another can be opened
            problem = reason(error)
        try:
            window = Window(session, tools, log, profile, options.scale)
        except pygame.error as error:
            raise UsageError(f"no window can be opened here ({error}); a screen is needed") from error
        stack.callback(window.shut)
        stack.enter_context(blas_on_one_thread())
        window.run(problem)
    if options.profile:
        print(profile.table())
    return 0


if __name__ == "__main__":
    command.run(main)
