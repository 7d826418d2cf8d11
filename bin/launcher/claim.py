"""One run at a time in a data folder: the lock, and who holds it."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import TextIO

from launcher.console import Trouble


def claim(lock: Path, command: str, address: str = "") -> TextIO:
    """Take the lock and write down who holds it, until the returned file is closed.

    Raises: Trouble, naming the process that has it.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("a+", encoding="utf-8")
    except OSError as error:
        msg = f"The data folder cannot be used: {error}. ANDON_DATA names another."
        raise Trouble(msg) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read()
        file.close()
        raise Trouble(_refusal(command, lock, holder)) from None
    file.truncate(0)
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    json.dump({"pid": os.getpid(), "since": since, "address": address}, file)
    file.flush()
    return file


def _refusal(command: str, lock: Path, holder: str) -> str:
    folder = lock.parent.parent
    try:
        who = json.loads(holder)
    except ValueError:  # The other one has the lock and has not written yet.
        return f"{command} is starting already in {folder}."
    at = f" at {who['address']}" if who["address"] else ""
    return (
        f"{command} runs already in {folder}: process {who['pid']}, since {who['since']}{at}.\n"
        f"Stop it with Ctrl-C there, or with: kill {who['pid']}"
    )
