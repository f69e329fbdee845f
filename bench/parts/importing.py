"""What an import of a 10 MB file takes, from the claim to the finished upload, over a raw COPY of the same bytes.

Each import is the work of a fresh process (bench.imports.worker), whose loading of modules is not timed; the COPY goes
into a logged table without indexes, all columns text, on the same server and in the same round.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import psycopg2
from psycopg2.extensions import cursor as Cursor

from bench.figures import Differs, Figure
from bench.imports import files
from bench.world import World

LIMIT: Final = 8.0
MEGABYTES: Final = 300.0
ROUNDS: Final = 3
"At most: a round takes half a minute and more."

TABLES = "events, jobs, changes, upload_row_errors, uploads, accounts"
SHAPES: Final = {
    "66k new accounts": ("ACCOUNTS", files.accounts, None),
    "66k accounts again, 5 % of cells changed": ("ACCOUNTS", files.accounts_changed, files.accounts),
    "66k days of 20k known accounts": ("ACCOUNTS", files.accounts_by_day, files.known_accounts),
    "256k daily metrics of 20k known accounts": ("DAILY_METRICS", files.daily_metrics, files.known_accounts),
}
"Kind of the file, its bytes, and the accounts file that goes before it."
HEADLINE: Final = "66k new accounts"


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:
    over_copy: dict[str, list[float]] = {name: [] for name in SHAPES}
    unscored: dict[str, list[float]] = {name: [] for name in SHAPES}
    peaks = []
    with (
        TemporaryDirectory() as folder,
        world.scratch("importing") as url,
        closing(psycopg2.connect(url)) as raw,
        raw.cursor() as cursor,
    ):
        raw.autocommit = True
        for _ in range(min(rounds, ROUNDS)):
            for name, (kind, content, before) in SHAPES.items():
                cursor.execute(f"truncate {TABLES} restart identity cascade")
                if before is not None:
                    _imported(url, cursor, "ACCOUNTS", _written(Path(folder), before))
                cursor.execute("vacuum analyze")
                file = _written(Path(folder), content)
                copied = statistics.median(_copied(cursor, file) for _ in range(3))
                done = _imported(url, cursor, kind, file)
                over_copy[name].append(done["seconds"] / copied)
                unscored[name].append((done["seconds"] - done["scoring"]) / copied)
                peaks.append(done["peak"] / 1e6)
                ratios = f"{over_copy[name][-1]:.0f} times, {unscored[name][-1]:.0f} without scoring"
                taken = f"COPY {copied:.2f} s, import {done['seconds']:.1f} s of which scoring {done['scoring']:.1f} s"
                tell(f"{name}: {taken}: {ratios}; peak {peaks[-1]:.0f} MB")
    for name in SHAPES:
        tell(f"{name}: {statistics.median(over_copy[name]):.0f} times a COPY, "
             f"{statistics.median(unscored[name]):.0f} without scoring")  # fmt: skip
    headline = next(iter(SHAPES))
    return [
        Figure(f"import of 10 MB, {headline}, over COPY", statistics.median(over_copy[headline]), LIMIT),
        Figure("import of 10 MB, most memory of the worker, MB", max(peaks), MEGABYTES),
    ]


def _written(folder: Path, content: Callable[[], bytes]) -> Path:
    file = folder / f"{content.__name__}.csv"
    if not file.exists():
        file.write_bytes(content())
    return file


def _copied(cursor: Cursor, file: Path) -> float:
    """Seconds of a COPY of the file's bytes."""
    with file.open("rb") as content:
        columns = ", ".join(f"c{at} text" for at, _ in enumerate(content.readline().split(b",")))
        content.seek(0)
        cursor.execute(f"drop table if exists raw_copy; create table raw_copy ({columns})")
        begun = time.perf_counter()
        cursor.copy_expert("copy raw_copy from stdin with (format csv, header)", content)
        return time.perf_counter() - begun


def _imported(url: str, cursor: Cursor, kind: str, file: Path) -> dict[str, Any]:
    """What the worker tells of its import of the file."""
    upload = str(uuid4())
    cursor.execute(_UPLOAD, {"id": upload, "kind": kind, "bytes": file.stat().st_size, "day": files.TODAY})
    worker = subprocess.run(
        [sys.executable, "-m", "bench.imports.worker", url, upload, str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(worker.stdout.splitlines()[-1])
    if told["status"] != "SUCCEEDED":
        raise Differs(f"the import of {file.name} ended as {told['status']}")
    return told


_UPLOAD = """
insert into uploads (id, kind, status, file_name, size_bytes, policy, requested_by, created_at, expires_at)
values (%(id)s, %(kind)s, 'AWAITING_FILE', 'file.csv', %(bytes)s, 'SKIP_BAD_ROWS', 'bench', %(day)s::date,
  %(day)s::date + 1)
"""
