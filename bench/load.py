"""A client of HTTP/1.1 that takes little of the machine: requests made once, answers counted and not read.

It knows what the bench's servers do: connections are kept alive, and an answer says its length.
"""

import asyncio
import re
import socket
import time
from dataclasses import dataclass
from typing import cast

import uvloop

from bench.figures import Differs

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def request(body: bytes) -> bytes:
    """A POST to /graphql."""
    head = (
        "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One connection that is kept alive; one request at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, made: bytes) -> bytes:
        """Send a request; the answer's body. Raises Differs for any status but 200."""
        self._socket.sendall(made)
        got = bytearray()
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._receive()
        size = end + 4 + _length(bytes(got[: end + 2]))
        while len(got) < size:
            got += self._receive()
        return bytes(got[end + 4 :])

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> bytes:
        data = self._socket.recv(262_144)
        if not data:
            raise Differs("the server closed the connection")
        return data


@dataclass(frozen=True, slots=True)
class Load:
    """What one slice of load came to."""

    requests_a_second: float
    client_cpu: float
    "Of one core, the share that the client took."


def load(port: int, made: bytes, *, connections: int, seconds: float) -> Load:
    """Ask over so many connections at once, each its next request when its answer is there. Raises Differs."""
    cpu, started = time.process_time(), time.perf_counter()
    answered = uvloop.run(_load(port, made, connections, seconds))
    taken = time.perf_counter() - started
    return Load(answered / seconds, (time.process_time() - cpu) / taken)


async def _load(port: int, made: bytes, connections: int, seconds: float) -> int:
    loop = asyncio.get_running_loop()
    clients = [_Client(made) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.sleep(seconds)
    answered = sum(client.answered for client in clients)
    for client in clients:
        client.close()
    failed = [client.failure for client in clients if client.failure]
    if failed:
        raise Differs(f"under load: {failed[0]}")
    if not answered:
        raise Differs(f"no answer within {seconds:g} s")
    return answered


class _Client(asyncio.Protocol):
    """One connection: asks again as soon as it is answered."""

    def __init__(self, made: bytes) -> None:
        self._made = made
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self._left = 0
        self.answered = 0
        self.failure = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self._transport.write(self._made)

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            try:
                self._left = _length(self._head[: end + 2]) - (len(self._head) - end - 4)
            except Differs as failure:
                self.failure = str(failure)
                self.close()
                return
            self._head = b""
        if self._left == 0 and self._transport is not None:
            self.answered += 1
            self._transport.write(self._made)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None and not self.failure:
            self.failure = f"the server closed the connection ({exc})"

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()


def _length(head: bytes) -> int:
    """How long the body is. Raises Differs for any status but 200, and where the answer does not say."""
    if not head.startswith(b"HTTP/1.1 200"):
        raise Differs(f"answered {head[:60]!r}")
    found = _LENGTH.search(head)
    if found is None:
        raise Differs("an answer does not say its length")
    return int(found[1])
