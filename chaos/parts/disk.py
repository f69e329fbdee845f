"""The disk that holds the embedded database is full while clients write; then there is room again.

The database's folder is a file system in memory of its own, filled up by a file beside the data. That takes the right
to mount (root on Linux); without it the part is skipped, and says so.
"""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg2

from chaos import machine
from chaos.clients import Shared
from chaos.disturbing import Result, Tell, Wanted, under_load
from chaos.machine import WORKERS

MEGABYTES: Final = 300
"Of the file system: a new database, its log and what the clients write take about a third."
SEGMENTS: Final = 20
"More than the server keeps ready."


def run(folder: Path, wanted: Wanted, tell: Tell) -> Result:
    data = folder / "postgres"
    data.mkdir(parents=True)
    with _mounted(data) as reason:
        if reason:
            tell(f"skipped: {reason}")
            return Result(skipped=reason)
        with machine.started(folder) as one:
            url = one.web()
            one.start(*WORKERS)

            def disturb(shared: Shared) -> Mapping[str, object]:
                time.sleep(3.0)
                before = shared.answers["UNAVAILABLE"]
                tell(f"{_fill(data) / 2**20:.0f} MB fill the disk")
                time.sleep(wanted.seconds / 2)
                _need_log(one.database_url)
                time.sleep(wanted.seconds / 2)
                refused = shared.answers["UNAVAILABLE"] - before
                had_died = not one.server.answers()
                told = _told(data / "log")
                (data / "ballast").unlink()
                one.server.start()
                tell(f"there is room again; {refused} answers were UNAVAILABLE, PostgreSQL had died: {had_died}")
                time.sleep(3.0)
                return {"of the disk": f"tmpfs of {MEGABYTES} MB", "UNAVAILABLE while full": refused,
                        "PostgreSQL had died": had_died, "PostgreSQL said": told}  # fmt: skip

            result = under_load(one, url, wanted, tell, disturb)
            if not result.figures["UNAVAILABLE while full"]:
                result.broken.append("the disk was filled, and nobody noticed: the part has tried nothing")
            return result


@contextmanager
def _mounted(folder: Path) -> Iterator[str]:
    """Mount a small file system on the folder; why that can't be, where it can't."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        yield "there is no program that mounts file systems"
        return
    if done.returncode:
        yield f"no file system can be mounted here: {done.stderr.strip()}"
        return
    try:
        yield ""
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(folder: Path) -> int:
    """Write until there is no space left, while others write too; the bytes that it took."""
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        for size in (2**20, 2**12):
            with suppress(OSError):
                while True:
                    ballast.write(bytes(size))
        return ballast.tell()


def _need_log(database_url: str) -> None:
    """Make the server need new files for its log, which it cannot do without, as so many more changes would."""
    with suppress(psycopg2.Error), closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for _ in range(SEGMENTS):
                cursor.execute("select pg_logical_emit_message(false, 'chaos', repeat('x', 8192)), pg_switch_wal()")


def _told(log: Path) -> dict[str, int]:
    """How often the server said that there is no space, by how grave that was; what it had room to write down."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if "No space left" in line]
    return {grave: sum(f"{grave}:" in line for line in lines) for grave in ("ERROR", "FATAL", "PANIC")}
