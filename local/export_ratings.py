"""`python -m local export-ratings`: every rated insight as a JSON line, to judge an engine by (docs/evaluation.md)."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from local import supervisor
from local.options import Options
from local.postgres import Postgres
from services import settings
from services.db.connection import Database
from services.errors import Unavailable
from services.insights import ratings


def run(chosen: Options, write: Callable[[str], object]) -> int:
    """Hand a line for each rated insight to `write`, the oldest rating first. Raises Unavailable."""
    count = 0
    with _address(chosen) as url:
        database = Database(url)
        try:
            database.revision()
            for document in ratings.rated(database):
                write(orjson.dumps(document).decode() + "\n")
                count += 1
        finally:
            database.close()
    print(f"{count} rated insight{'' if count == 1 else 's'}", file=sys.stderr)
    return 0


@contextmanager
def _address(chosen: Options) -> Iterator[str]:
    """The configured database; else the embedded one, where it runs already or for as long as this takes."""
    folder = chosen.data_dir / "postgres"
    if url := settings.from_environment().database_url:
        yield url
    elif running := _running(folder):
        yield running
    elif not folder.is_dir():
        raise Unavailable(f"there is no database in {chosen.data_dir}: set DATA_DIR or DATABASE_URL")
    else:
        with supervisor.alone(chosen), Postgres(folder) as server:
            yield server.url


def _running(folder: Path) -> str:
    """The address of the server that `make run` holds on the folder; empty where none runs."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except OSError:
        return ""
    # https://www.postgresql.org/docs/current/storage-file-layout.html: the fifth line is the socket's directory
    socket = Path(lines[4]) if len(lines) > 4 else folder
    return f"postgresql://postgres:@/postgres?host={socket}" if list(socket.glob(".s.PGSQL.*")) else ""
