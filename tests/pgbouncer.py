"""PgBouncer as Neon's pooler: transaction mode, two server processes for everybody, TLS and SCRAM towards its clients."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import psycopg2

from tests.machine import free_ports

SERVERS = 2
SETTINGS = """
[databases]
* = host={server} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
admin_users = admin
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 200
client_tls_sslmode = require
client_tls_protocols = secure
client_tls_key_file = {folder}/key.pem
client_tls_cert_file = {folder}/certificate.pem
{more}
"""


def program() -> str | None:
    """The pooler on this machine, if there is one; Debian puts it where few look."""
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")


def version(program: str) -> tuple[int, ...]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", told)
    assert found, told
    return tuple(map(int, found.groups()))


class PgBouncer:
    """`with PgBouncer(program, database_url) as pooler: pooler.url`. `certificate` is what its clients trust."""

    def __init__(self, program: str, database_url: str, settings: Mapping[str, object] | None = None) -> None:
        [self._port] = free_ports(1)
        self._program = program
        self._server = parse_qs(urlsplit(database_url).query)["host"][0]
        self._settings = settings or {}

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="insights-pooler-"))
        self.certificate = a_certificate(self._folder)
        more = "\n".join(f"{name} = {value}" for name, value in self._settings.items())
        known = {"server": self._server, "port": self._port, "folder": self._folder, "servers": SERVERS, "more": more}
        (self._folder / "pgbouncer.ini").write_text(SETTINGS.format(**known))
        (self._folder / "users.txt").write_text('"app" "let-me-pass"\n"admin" "let-me-pass"\n')
        self._as_user: list[str] = []
        if os.getuid() == 0:  # which it refuses to run as: it shall be who PostgreSQL is
            owner = Path(self._server).owner()
            self._as_user = ["-u", owner]
            for path in (self._folder, *self._folder.iterdir()):
                shutil.chown(path, owner)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    @property
    def url(self) -> str:
        return self.address()

    def address(self, database: str = "postgres", *, user: str = "app", certificate: Path | None = None) -> str:
        """A database of the server behind it, with the pooler's certificate verified."""
        root = certificate or self.certificate
        at = f"localhost:{self._port}/{database}?hostaddr=127.0.0.1"
        return f"postgresql://{user}:let-me-pass@{at}&sslmode=verify-full&sslrootcert={root}"

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, *self._as_user, str(self._folder / "pgbouncer.ini")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 20
        while True:
            try:
                return self.tell("show version")
            except psycopg2.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise AssertionError((self._folder / "log").read_text()) from None
                time.sleep(0.02)

    def stop(self) -> None:
        """At once: nobody is waited for, or told."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)

    def tell(self, *commands: str) -> None:
        for command in commands:
            self.ask(command)

    def ask(self, command: str) -> list[dict[str, Any]]:
        """What its console answers."""
        with closing(psycopg2.connect(self.address("pgbouncer", user="admin"))) as raw, raw.cursor() as cursor:
            raw.autocommit = True
            cursor.execute(command)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []

    def count(self, what: str) -> int:
        """How many `clients` or `servers` it has for the database of `url`."""
        return sum(one["database"] == "postgres" for one in self.ask(f"show {what}"))


def a_certificate(folder: Path) -> Path:
    """A self-signed certificate for localhost, with its key beside it."""
    certificate = folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "key.pem"), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate
