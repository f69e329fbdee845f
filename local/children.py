"""The processes that one `make run` consists of: how they are started and stopped, and how they notice its end.

Each is a module of this folder. Each has a session of its own, so that Ctrl-C reaches the supervisor alone and the
order of stopping is the supervisor's; a pipe from it tells them when it is gone, even where it was killed.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType
from typing import IO


@dataclass(frozen=True, slots=True)
class Child:
    """A running process; `patience` is how many seconds it has to stop."""

    name: str
    process: subprocess.Popen[str]
    patience: float

    def died(self) -> bool:
        return self.process.poll() is not None

    def said(self) -> str:
        """Wait for the line with which it says that it is ready; empty where it died instead."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask_to_stop(self) -> None:
        if not self.died():
            self.process.terminate()

    def stop(self) -> None:
        """Ask it to stop, wait, and kill it where it does not."""
        self.ask_to_stop()
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def start(name: str, environment: Mapping[str, str], *, patience: float, log: IO[bytes] | None = None) -> Child:
    """Start `python -m local.NAME`; what follows the module's name are its arguments, as in "worker ingest".

    The one line that it prints is read with `said`; its log goes to `log`, else to our own stderr.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", *f"local.{name}".split()],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    return Child(name, process, patience)


def ready(line: str = "ready") -> None:
    """In a child: say so, and nothing else on standard output ever."""
    print(line, flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def log_as(name: str) -> None:
    """In a child: its warnings to stderr, under its name; more of them with LOG_LEVEL=INFO."""
    handler = logging.StreamHandler()
    handler.setLevel(os.environ.get("LOG_LEVEL", "WARNING"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], format=f"{name}: %(message)s")


def until_told() -> threading.Event:
    """In a child: an event that is set on SIGTERM, and where the supervisor is gone."""
    told = threading.Event()

    def heard(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - how Python calls it
        told.set()

    signal.signal(signal.SIGTERM, heard)
    end_with_supervisor()
    return told


def end_with_supervisor() -> None:
    """In a child: get SIGTERM when the supervisor's end of the pipe closes."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="supervisor's end", daemon=True).start()
