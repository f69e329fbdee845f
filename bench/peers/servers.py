"""The variants as servers: one process each, on a port of 127.0.0.1, over the same database by the same socket."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from bench import asking
from bench.asking import Question
from bench.figures import Missing
from bench.peers import shapes, statements
from bench.world import Tell, execute
from local import node
from local.connections import SERVED
from services.errors import Failure

ROOT: Final = Path(__file__).parents[2]
NODE: Final = Path(__file__).parent / "node"
NAMES: Final = ("ours", "postgraphile", "mercurius")
UVICORN: Final = (
    *SERVED, "--host", "127.0.0.1", "--loop", "uvloop", "--lifespan", "off", "--log-level", "warning",
)  # fmt: skip
PATIENCE: Final = 60.0
"Seconds that a server has to answer its first request."


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and how it is asked."""

    name: str
    port: int

    def question(self, name: str) -> Question:
        """The question in the server's own words."""
        folder = NODE / self.name
        return asking.question(name, folder if folder.is_dir() else asking.FOLDER)

    def shaped(self, name: str, data: Any) -> Any:
        """The data of an answer to it, in our shape."""
        return shapes.of_postgraphile(name, data) if self.name == "postgraphile" else data


@contextmanager
def served(name: str, url: str, tell: Tell) -> Iterator[Server]:
    """One of NAMES, answering. Raises Missing where its parts are not to be had."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if name == "ours":
        command = [sys.executable, *UVICORN, "--port", str(port)]
        environment = {"DATABASE_URL": url, "LOG_LEVEL": "WARNING", "ACCESS": "open"}
    else:
        command = [str(_node(tell)), f"{name}.js"]
        environment = {"NODE_ENV": "production", "PORT": str(port), "LABELS": statements.LABELS, **_libpq(url)}
    if name == "postgraphile":
        execute(url, (NODE / "postgraphile.sql").read_text(encoding="utf-8"))
    process = subprocess.Popen(
        command,
        cwd=ROOT if name == "ours" else NODE,
        env=_clean(os.environ) | environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(name, process, port)
        yield Server(name, port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what would have a server write about its work, or connect elsewhere."""
    return {name: value for name, value in environment.items() if name != "DEBUG" and not name.startswith("PG")}


def _libpq(url: str) -> dict[str, str]:
    """The database as libpq's variables: a URL with a socket's folder in it is one that JavaScript refuses."""
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query)["host"][0]
    return {
        "PGHOST": host,
        "PGPORT": str(parts.port or 5432),
        "PGUSER": parts.username or "postgres",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": parts.path.lstrip("/"),
    }


def _wait(name: str, process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Missing(f"{name} ended by itself (exit code {process.returncode})")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Missing(f"{name} does not listen after {PATIENCE:.0f} s")


def _node(tell: Tell) -> Path:
    """The node to run, once the packages of the lock file are there. Raises Missing without npm."""
    try:
        modules = node.install(NODE, tell)
    except Failure as failure:
        raise Missing(f"the peers that run on Node.js, and a Node.js for them, are not there: {failure}") from failure
    own = [path for path in modules.glob("node-*/bin/node") if path.is_file()]
    found = own[0] if own else shutil.which("node")
    if found is None:
        raise Missing("node is not on the PATH, and npm has none for this machine")
    return Path(found)
