"""Checked rows on their way into the database, by COPY: row errors a commit a chunk, good rows by way of the disk.

A poller sees the progress of the chunks. The good rows wait in a file for the transaction that merges them, which so
finds them in a temporary table of its own: nothing of an import that dies is left to be cleared away.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import psycopg2

from services import tracing
from services.db.connection import Database, first_line
from services.errors import Unavailable
from services.ingest import claims
from services.ingest.claims import Claim
from services.ingest.cleaning import NULL, Cleaner, RowError
from services.ingest.reading import Layout, chunks
from services.ports import Clock
from services.vocabulary import UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session

ERROR_COLUMNS = ("upload_id", "line", "column_name", "code", "message", "value")


@dataclass(frozen=True, slots=True)
class Staged:
    """The good rows of a file in COPY's text format, and the columns of `incoming` that they fill."""

    columns: Sequence[str]
    count: int
    rows: IO[bytes]


@tracing.spanned("clean")
def stage(
    database: Database, claim: Claim, content: IO[bytes], layout: Layout, into: IO[bytes], *, clock: Clock
) -> Staged:
    """Check all rows; write the good ones into `into`, the errors into upload_row_errors.

    Raises Unavailable where the database fails, where another worker took over, or where rows are missing afterwards.
    """
    cleaner = Cleaner(layout, claim.today)
    done = good = 0
    for chunk in chunks(content, layout):
        cleaned = cleaner.clean(chunk)
        done += len(chunk)
        good += cleaned.count
        into.write(cleaned.rows)
        now = clock()
        with database.writing() as session:
            # What a crash of the server takes back is told again; the merge's commit makes all of it last.
            session.connection().exec_driver_sql("set local synchronous_commit = off")
            if cleaned.errors:
                errors = "".join(f"{claim.upload_id}\t{_error(error)}\n" for error in cleaned.errors).encode()
                _copy(session, "upload_row_errors", ERROR_COLUMNS, io.BytesIO(errors))
            claims.keep(session, claim, now=now, status=UploadStatus.VALIDATING, rows_done=done, rows_total=layout.rows)
    if done != layout.rows:
        raise Unavailable(f"{done} of {layout.rows} rows were read")
    with database.writing() as session:
        claims.keep(session, claim, now=clock(), status=UploadStatus.IMPORTING, rows_done=done, rows_total=layout.rows)
    return Staged(cleaner.columns, good, into)


def load(session: "Session", staged: Staged) -> None:
    """Lay the good rows out in the temporary table `incoming`. Raises Unavailable."""
    session.connection().exec_driver_sql(_INCOMING)
    staged.rows.seek(0)
    count = _copy(session, "incoming", staged.columns, staged.rows)
    if count != staged.count:
        raise Unavailable(f"{count} of {staged.count} rows were staged")


def _copy(session: "Session", table: str, columns: Iterable[str], rows: IO[bytes]) -> int:
    """COPY rows, written in its text format, and say how many they were. Raises Unavailable."""
    cursor = session.connection().connection.cursor()
    try:
        cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", rows)
        count: int = cursor.rowcount
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise Unavailable(f"the database did not take the rows: {first_line(error)}") from error
    finally:
        cursor.close()
    return count


def _error(error: RowError) -> str:
    cells = (error.header, error.code, error.message, error.value)
    return "\t".join([str(error.line), *(NULL if cell is None else _escaped(cell) for cell in cells)])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


# The columns of all kinds of files; those that a file lacks stay empty.
_INCOMING = """
create temp table incoming (
  line integer not null, external_id text, name text, arr numeric(14,2), segment text, industry text, region text,
  cs_owner text, renewal_date date, status text, churned_on date, observed_on date, active_users integer,
  seats_purchased integer, feature_x_adoption numeric(5,4), weekly_active_pct numeric(5,4), time_to_value_days integer,
  tickets_last_30d integer, critical_tickets_90d integer, sla_breaches_90d integer, nps integer, qbr_last_date date,
  onboarding boolean, onboarding_progress numeric(5,4), expansion_oppty_dollar numeric(14,2), renewal_risk text,
  health_score numeric(4,1), day date, logins integer, events integer, feature_x_events integer,
  avg_session_min numeric(8,2), errors integer, ticket_backlog integer, effective_on date
) on commit drop
"""
