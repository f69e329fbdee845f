"""The steps of a worker: each time it turns to PostgreSQL, S3, SQS or SNS. It is killed at one of them.

Before a step: what it asked never arrives. After it: what it asked was done, and it never hears of it.
"""

import os
import signal
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

SIDES: Final = ("before", "after")


@dataclass
class Steps:
    """Counts the steps of the worker with that process id, and kills it at the step `target` (from 1), if any.

    The worker may begin before anybody knows its process id.
    """

    target: int | None = None
    side: str = "before"
    names: list[str] = field(default_factory=list)
    process: "Future[int]" = field(default_factory=Future)
    killed: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begins(self, name: str) -> int:
        """A step of that name begins; its number. Kills the worker where it is to die before it."""
        with self._lock:
            self.names.append(name)
            number = len(self.names)
        if number == self.target and self.side == "before":
            self._kill()
        return number

    def is_answered(self, number: int) -> None:
        """The answer to that step is about to be passed on. Kills the worker where it is to die after it."""
        if number == self.target and self.side == "after":
            self._kill()

    def _kill(self) -> None:
        process = self.process.result(10)
        self.killed.set()
        os.kill(process, signal.SIGKILL)
