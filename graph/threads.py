"""A few threads in which a container works on requests side by side.

Not concurrent.futures: handing a request over and its answer back through that took a fifth of the time that a request
spends in Python, most of it for what nobody here asks of a future.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

from services.db.connection import PATIENCE
from services.errors import Unavailable

Call = Callable[[], Any]
Work = tuple[asyncio.AbstractEventLoop, asyncio.Future[Any], list[Call]]
"The list holds the call until somebody takes it out: the thread that makes it, or whoever gives it up."


class Threads:
    """So many threads, begun with the first call, that end with the process or when they are closed.

    A call that no thread has begun with within `patience` is given up. A forked process has none of its parent's, and
    begins its own.
    """

    def __init__(self, number: int, *, patience: timedelta = PATIENCE) -> None:
        self._number = number
        self._patience = patience.total_seconds()
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._pid = 0
        self._lock = threading.Lock()

    async def run(self, call: Call) -> Any:
        """What the call answers or raises, worked out in a thread as soon as one is free. Raises Unavailable."""
        if self._pid != os.getpid():
            self._begin()
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        waiting = [call]
        self._waiting.put((loop, answer, waiting))
        late = loop.call_later(self._patience, _give_up, answer, waiting)
        try:
            return await answer
        finally:
            late.cancel()
            waiting.clear()

    def close(self) -> None:
        """Wait for the calls under way."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        self._threads, self._pid = [], 0

    def _begin(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._waiting = SimpleQueue()
            self._threads = [
                threading.Thread(target=self._serve, name=f"graphql-{place}", daemon=True)
                for place in range(self._number)
            ]
            for thread in self._threads:
                thread.start()
            self._pid = os.getpid()

    def _serve(self) -> None:
        while (work := self._waiting.get()) is not None:
            loop, answer, waiting = work
            try:
                call = waiting.pop()
            except IndexError:  # it has been given up
                continue
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the answer is awaited
                _tell(loop, answer, None, error)
            else:
                _tell(loop, answer, result, None)


def _give_up(answer: asyncio.Future[Any], waiting: list[Call]) -> None:
    try:
        waiting.pop()
    except IndexError:  # it has been begun with
        return
    _settle(answer, None, Unavailable("all threads are at work"))


def _tell(
    loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], result: Any, error: BaseException | None
) -> None:
    with suppress(RuntimeError):  # the loop has been closed, and whoever asked has gone with it
        loop.call_soon_threadsafe(_settle, answer, result, error)


def _settle(answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if answer.done():  # whoever asked has gone
        return
    if error is None:
        answer.set_result(result)
    elif isinstance(error, StopIteration):  # which no future takes
        answer.set_exception(RuntimeError("a call ended by StopIteration"))
    else:
        answer.set_exception(error)
