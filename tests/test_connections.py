"""What a stranger can make the container's server keep and wait for: no endless heads, queues, silences."""

import socket
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from local.connections import MAX_HEAD, MAX_WAITING, SECONDS, Connection
from tests.container import serving

LINE = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n"
JSON = b"content-type: application/json\r\n"
QUERY = b'{"query": "{ viewer { id } }"}'
ASKED = LINE + JSON + b"content-length: %d\r\n\r\n" % len(QUERY) + QUERY


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[httpx.Client]:
    with serving(database_url, connections=1) as client:
        yield client


def sent(server: httpx.Client, *parts: bytes) -> bytes:
    """What is answered until the connection ends, by whoever."""
    answer = b""
    with socket.create_connection((server.base_url.host, server.base_url.port or 0), 30) as client:
        try:
            for part in parts:
                client.sendall(part)
            while got := client.recv(65_536):
                answer += got
        except (ConnectionResetError, BrokenPipeError):
            return answer + b" and cut off"
    return answer


LONG = b"x" * 4 * MAX_HEAD
ENDLESS = {
    "a header": (LINE + b"x-long: ", *[LONG] * 50),
    "headers": (LINE, *[b"x-more: 1\r\n" * 20_000] * 50),
    "an address": (b"GET /", *[LONG] * 50),
    "trailers": (LINE + JSON + b"transfer-encoding: chunked\r\n\r\n0\r\n", *[b"x-more: 1\r\n" * 20_000] * 50),
    "the sizes of chunks": (LINE + JSON + b"transfer-encoding: chunked\r\n\r\n", *[b"1;" + LONG + b"\r\n \r\n"] * 50),
    "requests that wait": (ASKED * 2_000,) * 50,
}


@pytest.mark.parametrize("parts", ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_cut_off(server: httpx.Client, parts: tuple[bytes, ...]) -> None:
    assert sent(server, *parts).endswith(b" and cut off")
    assert server.post("/graphql", content=QUERY, headers={"content-type": "application/json"}).status_code == 200


def test_what_a_client_sends_is_taken(server: httpx.Client) -> None:
    padded = QUERY + b" " * (1_000_000 - len(QUERY))
    chunks = b"".join(b"%x\r\n%b\r\n" % (1000, padded[place : place + 1000]) for place in range(0, 1_000_000, 1000))
    head = LINE + JSON + b"connection: close\r\n"
    long = head + b"x-long: " + b"x" * 60_000 + b"\r\ncontent-length: 1000000\r\n\r\n"

    in_chunks = head + b"transfer-encoding: chunked\r\n\r\n"
    last = ASKED.replace(JSON, JSON + b"connection: close\r\n")

    assert sent(server, long, padded).startswith(b"HTTP/1.1 200")
    assert sent(server, in_chunks, chunks, b"0\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert sent(server, ASKED * MAX_WAITING + last).count(b"HTTP/1.1 200") == MAX_WAITING + 1


class Timer:
    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self.seconds, self.call, self.is_cancelled = seconds, call, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Hours:
    """A loop in which no time passes: what was to be done later is kept."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, call))
        return self.timers[-1]

    @property
    def running(self) -> list[Timer]:
        return [timer for timer in self.timers if not timer.is_cancelled]

    def create_task(self, work: Coroutine[Any, Any, None], **_: object) -> "Hours":
        work.close()
        return self

    def add_done_callback(self, _: object) -> None:
        """Of the task."""


class Wire:
    """A transport that tells how it ended."""

    def __init__(self) -> None:
        self.end = ""

    def get_extra_info(self, _: str) -> None:
        return None

    def is_closing(self) -> bool:
        return bool(self.end)

    def close(self) -> None:
        self.end = "closed"

    def abort(self) -> None:
        self.end = "aborted"


async def _answering(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nobody runs it here")


@pytest.fixture
def made() -> tuple[Connection, Hours, Wire]:
    loop, wire = Hours(), Wire()
    config = Config(_answering, timeout_keep_alive=75, lifespan="off", log_config=None)
    connection = Connection(config, ServerState(), {}, loop)  # type: ignore[arg-type]
    connection.connection_made(wire)  # type: ignore[arg-type]
    return connection, loop, wire


def ended(loop: Hours, wire: Wire) -> tuple[float, str]:
    """When the one thing happens that is still to happen, and what comes of it."""
    [timer] = loop.running
    timer.call()
    return timer.seconds, wire.end


def test_who_says_nothing_is_not_waited_for(made: tuple[Connection, Hours, Wire]) -> None:
    assert ended(*made[1:]) == (75, "aborted")


def test_an_empty_line_says_nothing(made: tuple[Connection, Hours, Wire]) -> None:
    made[0].data_received(b"\r\n")

    assert ended(*made[1:]) == (75, "aborted")


@pytest.mark.parametrize("place", [1, len(LINE), len(ASKED) - 1])
def test_a_request_comes_in_within_a_minute_however_it_trickles(
    made: tuple[Connection, Hours, Wire], place: int
) -> None:
    for byte in ASKED[:place]:
        made[0].data_received(bytes([byte]))

    assert ended(*made[1:]) == (SECONDS, "aborted")


def test_one_that_came_in_has_the_time_that_it_takes(made: tuple[Connection, Hours, Wire]) -> None:
    for byte in ASKED:
        made[0].data_received(bytes([byte]))

    assert made[1].running == []


def test_what_is_left_of_a_request_that_was_refused_is_waited_for_as_long(
    made: tuple[Connection, Hours, Wire],
) -> None:
    made[0].data_received(ASKED[:-2])
    made[0].cycle.response_complete = True
    made[0].on_response_complete()
    made[0].data_received(ASKED[-2:-1])
    [timer] = made[1].running
    made[0].data_received(ASKED[-1:])

    assert (timer.seconds, timer.is_cancelled) == (SECONDS, True)
    assert ended(*made[1:]) == (75, "aborted")


def test_an_answer_that_nobody_takes_is_given_up(made: tuple[Connection, Hours, Wire]) -> None:
    made[0].data_received(ASKED)
    made[0].pause_writing()

    assert ended(*made[1:]) == (SECONDS, "aborted")


def test_an_answer_that_is_taken_is_not(made: tuple[Connection, Hours, Wire]) -> None:
    made[0].data_received(ASKED)
    made[0].pause_writing()
    made[0].resume_writing()

    assert made[1].running == []


def test_the_last_answer_is_not_waited_with_for_ever(made: tuple[Connection, Hours, Wire]) -> None:
    connection, loop, wire = made
    connection.data_received(ASKED)
    connection.pause_writing()
    wire.close()
    connection.on_response_complete()
    connection.resume_writing()

    assert ended(loop, wire) == (SECONDS, "aborted")


def test_a_small_last_answer_is_not_waited_with_either(made: tuple[Connection, Hours, Wire]) -> None:
    connection, loop, wire = made
    connection.data_received(ASKED)
    wire.close()
    connection.on_response_complete()

    assert ended(loop, wire) == (SECONDS, "aborted")


def test_nothing_is_left_to_happen_once_it_is_gone(made: tuple[Connection, Hours, Wire]) -> None:
    made[0].data_received(ASKED[:-1])
    made[0].pause_writing()
    made[0].connection_lost(None)

    assert made[1].running == []
