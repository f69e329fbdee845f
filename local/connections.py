"""Connections of the container's server: none takes more than a request needs. `uvicorn --http` takes them by name.

uvicorn waits for what comes as long as it takes, and keeps all of it: a stranger's headers, or requests one behind the
other, filled its memory. A load balancer before it bounds that too; not everybody has one.
"""

from asyncio import TimerHandle
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

SERVED: Final = (
    "-m", "uvicorn", "local.container:app", "--http", "local.connections:Connection", "--no-access-log",
)  # fmt: skip
"What Python is told to serve the API as the Dockerfile does, but for where."
MAX_HEAD: Final = 65_536
"Bytes of a request beside its body, about: a line, headers, the sizes of chunks. AWS's load balancers take as many."
MAX_WAITING: Final = 16
"Requests that wait behind the one that is answered."
SECONDS: Final = 60
"For a request to come in as a whole, and for an answer to be taken."


class Connection(HttpToolsProtocol):
    """uvicorn's, with bounds. Whoever oversteps one is cut off, without a line in the log."""

    _arriving: TimerHandle | None = None
    _leaving: TimerHandle | None = None
    _is_arriving = False
    _is_answering = False
    _head = 0

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_a_request()

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._is_arriving:
            if self._head > MAX_HEAD:
                self.transport.abort()
            elif self._arriving is None:
                self._arriving = self.loop.call_later(SECONDS, self.transport.abort)
        elif not self._is_answering:
            self._wait_for_a_request()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_arriving = True

    def on_headers_complete(self) -> None:
        self._is_answering = True
        super().on_headers_complete()
        if len(self.pipeline) > MAX_WAITING:
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        self._head -= len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        self._is_answering = bool(self.pipeline)
        super().on_response_complete()
        if self.transport.is_closing() and self._leaving is None:  # it closes once its last answer is taken
            self._leaving = self.loop.call_later(SECONDS, self.transport.abort)

    def on_message_complete(self) -> None:
        self._is_arriving, self._head = False, 0
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._leaving = self.loop.call_later(SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        if self._leaving is not None and not self.transport.is_closing():
            self._leaving.cancel()
            self._leaving = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """uvicorn closes it, which waits for ever where an answer is not taken."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._arriving, self._leaving):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def _wait_for_a_request(self) -> None:
        """uvicorn does so after an answer alone."""
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
