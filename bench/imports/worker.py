"""A worker process of its own that imports one file and tells what that took: a line of JSON.

`python -m bench.imports.worker URL UPLOAD FILE` after the upload's row is written. FILE stands in for the bucket.
"""

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from bench.imports.files import TODAY
from services import ingest, scoring
from services.db.connection import Database
from services.errors import Rejected
from services.ports import UploadForm

COUNTED = ("status", "rows", "created", "updated", "unchanged", "failed")


class Folder:
    """Answers services.ports.Files from the disk: one file to fetch, reports thrown away."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def form(self, key: str, *, now: datetime) -> UploadForm:
        return UploadForm(key, (), now)

    def fetch(self, key: str, into: IO[bytes], *, limit: int) -> int:
        size = self._file.stat().st_size
        if size > limit:
            raise Rejected("OUT_OF_RANGE", f"{key} has {size:,} bytes, more than {limit:,}")
        with self._file.open("rb") as content:
            shutil.copyfileobj(content, into, 256 * 1024)
        return size

    def store(self, key: str, content: IO[bytes]) -> None:
        """A report costs its making; where it goes is the bucket's affair."""

    def link(self, key: str, *, file_name: str) -> str:
        return f"{key}?{file_name}"


class Silence:
    def upload_finished(self, message: dict[str, object]) -> None:
        pass


class Stopwatch:
    """Seconds spent inside a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.seconds = 0.0

    def __call__(self, *args: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return self._function(*args, **options)
        finally:
            self.seconds += time.perf_counter() - begun


def peak() -> int:
    """Bytes of memory that this process held at most. getrusage would count the parent that it was forked from."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main(url: str, upload: str, file: str) -> None:
    watch = Stopwatch(scoring.score)
    scoring.score = watch
    database = Database(url)
    database.read("select 1")  # a container that is warm: the start of a process is another figure
    import_module("services.db.session")
    now = datetime.fromisoformat(f"{TODAY}T12:00:00+00:00")
    begun = time.perf_counter()
    outcome = ingest.import_file(database, Folder(Path(file)), Silence(), UUID(upload), clock=lambda: now)
    seconds = time.perf_counter() - begun
    assert outcome is not None
    told = {"seconds": seconds, "scoring": watch.seconds, "peak": peak()}
    print(json.dumps(told | {name: getattr(outcome, name) for name in COUNTED}))


if __name__ == "__main__":
    main(*sys.argv[1:])
