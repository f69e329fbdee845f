"""Checked rows and row errors on their way into the database: COPY, a commit a chunk, so that a poller sees progress.

Not the merge: nothing here touches an account.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import IO, TYPE_CHECKING
from uuid import UUID

import psycopg2

from services.db.connection import Database
from services.errors import Unavailable
from services.ingest import claims
from services.ingest.claims import Claim
from services.ingest.cleaning import NULL, Cleaner, RowError
from services.ingest.reading import Layout, chunks
from services.ports import Clock
from services.vocabulary import UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session

CHUNK = 5_000
"Rows: some ten megabytes of Python objects, and a sign of life a few times a second."
ERROR_COLUMNS = ("line", "column_name", "code", "message", "value")


def stage(database: Database, claim: Claim, content: IO[bytes], layout: Layout, today: date, *, clock: Clock) -> None:
    """Check all rows and put the good ones into upload_rows, the errors into upload_row_errors.

    Raises Unavailable where the database fails, where another worker took over, or where rows are missing afterwards.
    """
    cleaner = Cleaner(layout, today)
    done = good = 0
    for records in chunks(content, layout, CHUNK):
        cleaned = cleaner.clean(records)
        done += len(records)
        good += len(cleaned.rows)
        now = clock()
        with database.writing() as session:
            copy(session, "upload_rows", cleaner.columns, claim.upload_id, cleaned.rows)
            copy(session, "upload_row_errors", ERROR_COLUMNS, claim.upload_id, map(_error, cleaned.errors))
            claims.keep(session, claim, now=now, status=UploadStatus.VALIDATING, rows_done=done, rows_total=layout.rows)
    staged = database.read("select count(*) from upload_rows where upload_id = %(id)s", {"id": str(claim.upload_id)})
    if (staged, done) != (good, layout.rows):
        raise Unavailable(f"{staged} of {good} rows were staged and {done} of {layout.rows} read")
    with database.writing() as session:
        claims.keep(session, claim, now=clock(), status=UploadStatus.IMPORTING, rows_done=done, rows_total=layout.rows)


def copy(session: "Session", table: str, columns: Sequence[str], upload_id: UUID, rows: Iterable[str]) -> None:
    """COPY rows, written in its text format, for one upload. Raises Unavailable."""
    text = io.StringIO("".join(f"{upload_id}\t{row}\n" for row in rows))
    cursor = session.connection().connection.cursor()
    try:
        cursor.copy_expert(f"copy {table} (upload_id, {', '.join(columns)}) from stdin", text)
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise Unavailable(f"the database did not take the rows: {str(error).strip()}") from error
    finally:
        cursor.close()


def _error(error: RowError) -> str:
    cells = (error.header, error.code, error.message, error.value)
    return "\t".join([str(error.line), *(NULL if cell is None else _escaped(cell) for cell in cells)])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
