"""The bench's own HTTP client, against a server that answers in awkward pieces."""

import contextlib
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from bench.figures import Differs
from bench.load import Connection, load, request

BODY = b'{"data":"' + b"x" * 300_000 + b'"}'


def _serve(status: str, head: str) -> Iterator[int]:
    class Awkward(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):
                while self.rfile.readline():
                    while self.rfile.readline().strip():
                        pass
                    self.rfile.read(len(b"{}"))
                    whole = f"HTTP/1.1 {status}\r\n{head}\r\n\r\n".encode() + BODY
                    for piece in (whole[:20], whole[20:70], whole[70:]):
                        self.wfile.write(piece)
                        time.sleep(0.001)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Awkward) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    yield from _serve("200 OK", f"Content-Length: {len(BODY)}")


@pytest.fixture
def failing_port() -> Iterator[int]:
    yield from _serve("500 Internal Server Error", f"content-length: {len(BODY)}")


@pytest.fixture
def wordless_port() -> Iterator[int]:
    yield from _serve("200 OK", "x-a: b")


def test_a_connection_reads_whole_answers_one_after_another(port: int) -> None:
    with contextlib.closing(Connection(port)) as connection:
        assert [connection.ask(request(b"{}")) for _ in range(3)] == [BODY] * 3


def test_load_counts_whole_answers(port: int) -> None:
    came = load(port, request(b"{}"), connections=3, seconds=0.5)

    assert 6 <= came.requests_a_second * 0.5 <= 3 * 0.5 / 0.002 + 3


def test_an_answer_that_is_no_success_is_told(failing_port: int) -> None:
    with contextlib.closing(Connection(failing_port)) as connection, pytest.raises(Differs, match="500"):
        connection.ask(request(b"{}"))
    with pytest.raises(Differs, match="500"):
        load(failing_port, request(b"{}"), connections=2, seconds=0.2)


def test_an_answer_without_a_length_is_told(wordless_port: int) -> None:
    with pytest.raises(Differs, match="length"):
        load(wordless_port, request(b"{}"), connections=1, seconds=0.2)
