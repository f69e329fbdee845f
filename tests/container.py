"""The API as a container serves it: a process of uvicorn's with local.container."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from local.connections import SERVED
from tests.machine import REPOSITORY, free_ports

FOR_THREADS = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)
"httpx closes connections beyond those kept alive while they look idle, even one that a thread just took."


@contextmanager
def serving(database_url: str, *, connections: int, **environment: str) -> Iterator[httpx.Client]:
    """A client of it, for as many threads as one likes. What it logged is printed at the end."""
    [port] = free_ports(1)
    known = {
        "PATH": os.environ["PATH"], "DATABASE_URL": database_url, "DATABASE_CONNECTIONS": str(connections), "ACCESS": "open",
    }  # fmt: skip
    command = [sys.executable, *SERVED, "--host", "127.0.0.1", "--port", str(port), "--timeout-keep-alive", "600"]
    command += ["--loop", "uvloop"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=known | environment, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=FOR_THREADS) as client:
                until = time.monotonic() + 60
                while process.poll() is None and not _is_up(client):
                    assert time.monotonic() < until
                    time.sleep(0.05)
                yield client
        finally:
            process.terminate()
            process.wait(30)
            log.seek(0)
            print(log.read().decode())


def _is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False
