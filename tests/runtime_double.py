"""Lambda around a packaged function: the real runtime client in Lambda's Python, and a double of the Runtime API.

Not a container: memory, file system and network are this machine's. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import contextlib
import json
import os
import queue
import struct
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from tests.packages import Packages

API: Final = "/2018-06-01/runtime/"
LARGEST: Final = 6 * 1024 * 1024 + 100
"Bytes that Lambda takes as an answer; it refuses a larger one with 413."
FRAME: Final = struct.Struct(">IIQ")
"The head of a record of the log: kind, length, time."
PATIENCE: Final = 60
"Seconds that nothing here takes."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an invocation: its answer, or the error that the runtime told, or how the process ended."""

    answer: Any = None
    error: Mapping[str, Any] | None = None
    ended: str = ""


@dataclass
class Lambda:
    """`with Lambda(...) as function`: containers of one function, each begun by the first event that finds none."""

    packages: Packages
    python: str
    name: str
    environment: Mapping[str, str]
    starts: int = 0
    "Processes so far."
    told: list[str] = field(default_factory=list)
    "What the runtime asked of the API, in order, without its version and ids."
    log: list[str] = field(default_factory=list)
    "Records, as Lambda hands them to CloudWatch."
    init_errors: list[Mapping[str, Any]] = field(default_factory=list)
    _readers: list[threading.Thread] = field(default_factory=list)
    _process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self._events: queue.Queue[tuple[str, bytes, float]] = queue.Queue()
        self._outcomes: queue.Queue[Outcome] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._serving = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._serving.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._server.shutdown()
        self._server.server_close()
        self._serving.join()

    def invoke(self, event: object, *, seconds: float = PATIENCE, until: Callable[[], bool] | None = None) -> Outcome:
        """Hand over an event that has `seconds`; at their end, or once `until` holds, the process is killed."""
        deadline = time.time() + seconds
        self._events.put((str(uuid.uuid4()), json.dumps(event).encode(), deadline))
        if self._process is None:
            self.start()
        while time.time() < deadline and not (until and until()):
            with contextlib.suppress(queue.Empty):
                return self._outcomes.get(timeout=0.02)
            if self._process is not None and (code := self._process.poll()) is not None:
                self.kill()
                return Outcome(ended=f"exit status {code}")
        self.kill()
        return Outcome(ended="timed out" if time.time() >= deadline else "killed")

    def start(self) -> None:
        """Begin a container."""
        reading, writing = os.pipe()
        folder = self.packages.folder / self.name
        self._process = subprocess.Popen(
            [self.python, "-s", "-S", "-m", "awslambdaric", f"handler.{self.name}"],
            cwd=folder, pass_fds=[writing],
            env={
                "PYTHONPATH": f"{folder}:{self.packages.runtime}", "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8",
                "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
                "AWS_LAMBDA_RUNTIME_API": "{}:{}".format(*self._server.server_address[:2]),
                "_LAMBDA_TELEMETRY_LOG_FD": str(writing), "_HANDLER": f"handler.{self.name}", **self.environment,
            },
        )  # fmt: skip
        os.close(writing)
        self._readers.append(threading.Thread(target=self._read_log, args=(reading,), daemon=True))
        self._readers[-1].start()
        self.starts += 1

    def kill(self) -> None:
        """End the container, as Lambda does: without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def lines(self) -> list[dict[str, Any]]:
        """End the container; the log of all of them as JSON, a line a record."""
        self.kill()
        for reader in self._readers:
            reader.join(PATIENCE)
        return [json.loads(record) for record in self.log]

    def next(self) -> tuple[str, bytes, float]:
        return self._events.get()

    def settle(self, outcome: Outcome) -> None:
        self._outcomes.put(outcome)

    def _read_log(self, reading: int) -> None:
        with os.fdopen(reading, "rb") as records:
            while head := records.read(FRAME.size):
                self.log.append(records.read(FRAME.unpack(head)[1]).decode())


def _handler(function: Lambda) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.path.removeprefix(API)
            function.told.append(asked)
            if asked != "invocation/next":
                self._answer(200)
                return
            request_id, event, deadline = function.next()
            self._answer(
                200, event,
                **{
                    "Lambda-Runtime-Aws-Request-Id": request_id,
                    "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:eu-central-1:123456789012:function:{function.name}",
                    "Lambda-Runtime-Trace-Id": "Root=1-5e1b4151-5ac6c58dc39a6b6b8f4b2c1a;Sampled=0",
                },
            )  # fmt: skip

        def do_POST(self) -> None:
            body = self._body()
            told = self.path.removeprefix(API).split("/")
            function.told.append(f"{told[0]}/{told[-1]}")
            if function.told[-1] == "invocation/response" and len(body) > LARGEST:
                self._answer(413, b'{"errorType": "Function.ResponseSizeTooLarge"}')
                return
            self._answer(202)
            if function.told[-1] == "invocation/response":
                function.settle(Outcome(answer=json.loads(body)))
            elif function.told[-1] == "invocation/error":
                function.settle(Outcome(error=json.loads(body)))
            elif function.told[-1] == "init/error":
                function.init_errors.append(json.loads(body))

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it was killed while it waited
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
