"""How a command reaches the database itself, whether or not `make run` is up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import supervisor
from local.options import Options
from local.postgres import Postgres
from services import settings, wiring
from services.errors import Unavailable


@contextmanager
def address(chosen: Options) -> Iterator[str]:
    """The configured database; else the embedded one, where it runs already or for as long as this takes."""
    folder = chosen.data_dir / "postgres"
    if url := wiring.revealed(settings.from_environment().database_url):
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
