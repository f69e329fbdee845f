"""A proxy in front of PostgreSQL that does to its clients what poolers and networks do. Not a pooler: see tests.pgbouncer."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

FORGED = 4_242_424
COMMIT = b"Q\0\0\0\x0bCOMMIT\0"
BEGIN = b"Q\0\0\0\x0aBEGIN\0"
EMPTY = b"I\0\0\0\x04Z\0\0\0\x05I"
"What a server answers that was asked nothing."

Connect = Callable[[], socket.socket]
Serve = Callable[[socket.socket, Connect], None]
"What is done with a client, and how the server is connected to."
Cut = Literal["before COMMIT", "at COMMIT", "after COMMIT"]


@contextmanager
def forging(database_url: str) -> Iterator[str]:
    """The address of a proxy that tells its clients a process id of its own making, as poolers do."""
    with _proxy(database_url, _forge) as address:
        yield address


@contextmanager
def listening(database_url: str) -> Iterator[str]:
    """The embedded PostgreSQL by TCP, for processes that may not see its folder."""
    with _proxy(database_url, lambda client, connect: _both_ways(client, connect())) as address:
        yield address


@contextmanager
def waking(database_url: str) -> Iterator[str]:
    """The address of a proxy that refuses its first client, as for a database that is woken by it."""
    refused = threading.Event()

    def serve(client: socket.socket, connect: Connect) -> None:
        if refused.is_set():
            _both_ways(client, connect())
        else:
            refused.set()
            client.close()

    with _proxy(database_url, serve) as address:
        yield address


@contextmanager
def misunderstanding(database_url: str, statement: bytes, answer: bytes) -> Iterator[str]:
    """The address of a proxy that gives another answer when a statement is sent for the first time."""
    is_given = threading.Event()

    def serve(client: socket.socket, connect: Connect) -> None:
        server = connect()
        threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()
        while content := client.recv(65536):
            if content == statement and not is_given.is_set():
                is_given.set()
                client.sendall(answer)
            else:
                server.sendall(content)
        server.shutdown(socket.SHUT_WR)

    with _proxy(database_url, serve) as address:
        yield address


@contextmanager
def cutting(database_url: str, cut: Cut) -> Iterator[str]:
    """The address of a proxy whose line is cut for good: before the first COMMIT reaches the server, before its answer
    reaches the client, or right behind that."""
    is_cut = threading.Event()

    def serve(client: socket.socket, connect: Connect) -> None:
        if is_cut.is_set():
            client.close()
            return
        server = connect()

        def answer() -> None:
            with suppress(OSError):
                while content := server.recv(65536):
                    if not is_cut.is_set() or cut == "after COMMIT":
                        client.sendall(content)
                    if is_cut.is_set():
                        break
            server.close()
            client.shutdown(socket.SHUT_RDWR)

        answering = threading.Thread(target=answer, daemon=True)
        answering.start()
        while content := client.recv(65536):
            if content == COMMIT:
                is_cut.set()
                if cut == "before COMMIT":
                    server.shutdown(socket.SHUT_RDWR)
                    break
            server.sendall(content)
        answering.join()
        client.close()

    with _proxy(database_url, serve) as address:
        yield address


@contextmanager
def _proxy(database_url: str, serve: Serve) -> Iterator[str]:
    socket_of_server = str(Path(parse_qs(urlsplit(database_url).query)["host"][0]) / ".s.PGSQL.5432")

    def connect() -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.connect(socket_of_server)
        return server

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client, connect), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"postgresql://postgres@127.0.0.1:{listener.getsockname()[1]}/postgres?sslmode=disable"


def _forge(client: socket.socket, connect: Connect) -> None:
    """Pass on what the server says up to BackendKeyData, with another process id in that."""
    server = connect()
    threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
    read = server.makefile("rb", buffering=0)
    for kind, size, content in _messages(read):
        if kind == b"K":
            client.sendall(kind + size + struct.pack("!I", FORGED) + content[4:])
            break
        client.sendall(kind + size + content)
    _pass_on(server, client)


def _messages(read: "socket.SocketIO") -> Iterator[tuple[bytes, bytes, bytes]]:
    while kind := read.read(1):
        size, content = read.read(4), b""
        length = struct.unpack("!I", size)[0] - 4
        while len(content) < length:
            content += read.read(length - len(content))
        yield kind, size, content


def _both_ways(client: socket.socket, server: socket.socket) -> None:
    threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
    _pass_on(server, client)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            sink.sendall(content)
        sink.shutdown(socket.SHUT_WR)
