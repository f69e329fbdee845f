"""Servers that stand between a process and what it depends on: they count its steps, and break calls by dice.

One passes on what is said to PostgreSQL's socket, the other the HTTP calls of S3, SQS and SNS.
"""

import http.client
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from chaos.steps import Steps

FAULTS: Final = ("500", "503", "slow", "cut before", "cut after")
"How a call goes wrong: two refusals, a delay, and a connection that ends before the call arrives or after it was done."
ERROR: Final = b"<Error><Code>%s</Code><Message>made up</Message></Error>"
_WORDS: Final = re.compile(rb"[a-z][ -~]{3,}", re.IGNORECASE)
_PASSED_ON: Final = frozenset({"connection", "transfer-encoding", "content-length", "expect"})


class Faults:
    """Dice with a seed: what goes wrong with the next call. Nothing does while `share` is 0."""

    def __init__(self, seed: int, share: float = 0.0) -> None:
        self.share = share
        self.met: Counter[str] = Counter()
        self._dice = random.Random(seed)
        self._lock = threading.Lock()

    def next(self) -> str | None:
        with self._lock:
            if self._dice.random() >= self.share:
                return None
            fault = self._dice.choice(FAULTS)
            self.met[fault] += 1
            return fault

    def seconds(self) -> float:
        with self._lock:
            return self._dice.uniform(0.3, 2.0)


@contextmanager
def before_aws(endpoint: str, faults: Faults, steps: Steps | None = None) -> Iterator[str]:
    """The address of a server that passes calls on to the emulator, but for those that go wrong."""
    target = urlsplit(endpoint)

    class Call(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self._body()
            fault = faults.next()
            number = steps.begins(self._name(body)) if steps else 0
            if fault == "cut before" or (steps and steps.killed.is_set()):
                return self._cut()
            if fault in ("500", "503"):
                code = b"SlowDown" if fault == "503" else b"InternalError"
                return self._answer(int(fault), [("content-type", "application/xml")], ERROR % code)
            if fault == "slow":
                time.sleep(faults.seconds())
            try:
                status, headers, content = self._passed_on(body)
            except OSError:
                return self._cut()
            if steps:
                steps.is_answered(number)
            if fault == "cut after" or (steps and steps.killed.is_set()):
                return self._cut()
            return self._answer(status, headers, content)

        do_POST = do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 - how http.server finds them

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: what went wrong is counted."""

        def _body(self) -> bytes:
            if "chunked" in self.headers.get("transfer-encoding", "").lower():
                parts = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("content-length") or 0))

        def _name(self, body: bytes) -> str:
            action = self.headers.get("x-amz-target", "").rpartition(".")[2]
            named = re.search(rb"Action=(\w+)", body)
            return action or (named[1].decode() if named else f"{self.command} {self.path.split('?')[0][:60]}")

        def _passed_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            upstream = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _PASSED_ON}
                upstream.request(self.command, self.path, body, headers | {"content-length": str(len(body))})
                answer = upstream.getresponse()
                content = answer.read()
                kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _PASSED_ON]
                if self.command == "HEAD":
                    kept.append(("content-length", answer.getheader("content-length") or "0"))
                return answer.status, kept, content
            finally:
                upstream.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            if self.command != "HEAD":
                self.send_header("content-length", str(len(content)))
            with suppress(OSError):
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

        def _cut(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Nothing: a client that is killed leaves in the middle of a call."""

    with Quiet(("127.0.0.1", 0), Call) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def before_postgres(url: str, folder: Path, steps: Steps) -> Iterator[str]:
    """The URL of a socket that passes everything on to PostgreSQL's at `url`, whose host is a directory."""
    directory = url.rpartition("host=")[2]
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / ".s.PGSQL.5432"))
    listening.listen(16)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(f"{directory}/.s.PGSQL.5432")
                _Carried(client, upstream, steps).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"{url.rpartition('host=')[0]}host={folder}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        (folder / ".s.PGSQL.5432").unlink()


class _Carried:
    """One connection to PostgreSQL, carried both ways."""

    def __init__(self, client: socket.socket, upstream: socket.socket, steps: Steps) -> None:
        self._client = client
        self._upstream = upstream
        self._steps = steps
        self._number = 0

    def start(self) -> None:
        for carry in (self._there, self._back):
            threading.Thread(target=carry, daemon=True).start()

    def _there(self) -> None:
        with suppress(OSError):
            while data := self._client.recv(1 << 18):
                found = _WORDS.search(data)
                self._number = self._steps.begins(found[0].decode()[:60].strip() if found else "(a message)")
                if self._steps.killed.is_set():
                    break
                self._upstream.sendall(data)
        self._end()

    def _back(self) -> None:
        with suppress(OSError):
            while data := self._upstream.recv(1 << 18):
                self._steps.is_answered(self._number)
                if self._steps.killed.is_set():
                    break
                self._client.sendall(data)
        self._end()

    def _end(self) -> None:
        for one in (self._client, self._upstream):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
