"""A proxy in front of PostgreSQL that tells its clients a process id of its own making, as poolers do. Not a pooler."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FORGED = 4_242_424


@contextmanager
def forging(database_url: str) -> Iterator[str]:
    """The address of the proxy, for one connection at a time."""
    socket_of_server = Path(parse_qs(urlsplit(database_url).query)["host"][0]) / ".s.PGSQL.5432"
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listening, str(socket_of_server)), daemon=True)
    thread.start()
    yield f"postgresql://postgres@127.0.0.1:{listening.getsockname()[1]}/postgres?sslmode=disable"
    listening.close()


def _serve(listening: socket.socket, server_address: str) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(server_address)
            threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
            _forge(server, client)
            threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()


def _forge(server: socket.socket, client: socket.socket) -> None:
    """Pass on what the server says up to BackendKeyData, with another process id in that."""
    read = server.makefile("rb", buffering=0)
    while True:
        kind, size = read.read(1), read.read(4)
        content = b""
        while len(content) < struct.unpack("!I", size)[0] - 4:
            content += read.read(struct.unpack("!I", size)[0] - 4 - len(content))
        if kind == b"K":
            client.sendall(kind + size + struct.pack("!I", FORGED) + content[4:])
            return
        client.sendall(kind + size + content)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            sink.sendall(content)
        sink.shutdown(socket.SHUT_WR)
