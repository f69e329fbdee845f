"""A few threads in which a container works on requests side by side.

Not concurrent.futures: handing a request over and its answer back through that took a fifth of the time that a request
spends in Python, most of it for what nobody here asks of a future.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

Work = tuple[asyncio.AbstractEventLoop, asyncio.Future[Any], Callable[[], Any]]


class Threads:
    """So many threads, begun at once, that end with the process or when they are closed."""

    def __init__(self, number: int) -> None:
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"graphql-{place}", daemon=True) for place in range(number)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, call: Callable[[], Any]) -> Any:
        """What the call answers or raises, worked out in a thread as soon as one is free."""
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self._waiting.put((loop, answer, call))
        return await answer

    def close(self) -> None:
        """Wait for the calls under way."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while (work := self._waiting.get()) is not None:
            loop, answer, call = work
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the answer is awaited
                loop.call_soon_threadsafe(_settle, answer, None, error)
            else:
                loop.call_soon_threadsafe(_settle, answer, result, None)


def _settle(answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if answer.done():  # whoever asked has gone
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
