"""Calls an ASGI application in this process, with no server and no socket between."""

import asyncio
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from starlette.types import ASGIApp

from bench.figures import Differs


class Caller:
    """Calls applications one after another on one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def call(self, application: ASGIApp, path: str, body: bytes) -> bytes:
        """POST a JSON body; the answer's body. Raises Differs for any status but 200."""
        return self._loop.run_until_complete(_post(application, path, body))

    def close(self) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


@contextmanager
def caller() -> Iterator[Caller]:
    calling = Caller()
    try:
        yield calling
    finally:
        calling.close()


async def _post(application: ASGIApp, path: str, body: bytes) -> bytes:
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"accept", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    answer = b"".join(message.get("body", b"") for message in sent)
    if sent[0]["status"] != 200:
        raise Differs(f"{path} answers {sent[0]['status']}: {answer[:300]!r}")
    return answer
