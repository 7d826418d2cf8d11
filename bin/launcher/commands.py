"""The two commands and how they end."""

import os

from launcher import interruption
from launcher.console import Trouble, say, show
from launcher.guard import start_guard
from launcher.interruption import Interruption
from launcher.settings import read_settings
from launcher.test import test
from launcher.up import up

_INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run `up` or `test`; return the exit code. To be stopped is the normal end of `up` alone."""
    command, *rest = arguments
    start_guard()
    interruption.listen()
    try:
        settings = read_settings(os.environ)
        return up(settings, rest) if command == "up" else test(settings, rest)
    except Trouble as trouble:
        show(f"\n{trouble}")
        return 1
    except Interruption:
        say("Stopped.")
        return 0 if command == "up" else _INTERRUPTED
