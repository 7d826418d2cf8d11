"""Ctrl-C and its kin: the first asks for an orderly stop, the second for a quick one."""

import signal
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption(BaseException):
    """The person, or the system, asked the launcher to stop."""


class _State:
    is_stopping = False
    is_hurried = False


def listen() -> None:
    """Turn the signals for an end into `Interruption`; an ignored hang-up (nohup) stays so."""
    for signum in _SIGNALS:
        if signum == signal.SIGINT or signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, _handle)


def stop_now() -> None:
    """Note that the stop is under way: from here on a signal hurries it and interrupts nothing."""
    _State.is_stopping = True


def is_hurried() -> bool:
    """Whether someone has asked again."""
    return _State.is_hurried


def _handle(signum: int, _frame: FrameType | None) -> None:
    if _State.is_stopping:
        _State.is_hurried = True
        return
    _State.is_stopping = True
    raise Interruption(signal.Signals(signum).name)
