"""What an import tells: the error report, the preview, the outcome with its counts, the message. Decides nothing."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

import orjson

from services import csv_rows
from services.csv_rows import REPORT_COLUMN
from services.errors import Unavailable
from services.ingest.claims import Claim
from services.ingest.reading import Layout, Record, rows_of
from services.ports import Files
from services.uploads import node_id, report_key
from services.vocabulary import JobFailureCode, UpdateKind, UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session

PREVIEWED = 100
IN_MEMORY = 1024 * 1024
"Bytes of a file that stay in memory; what is larger waits on the disk."
PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import ended. The counts add up to `rows`."""

    status: UploadStatus
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    "Good rows that were left out because of bad ones."
    failed: int = 0
    "Bad rows."
    failure: str | None = None
    duplicate_of: UUID | None = None
    preview: str = "[]"
    "JSON."


def store(session: "Session", files: Files, claim: Claim, content: IO[bytes], layout: Layout) -> None:
    """Store the error report: the bad rows as they came, and a column that says what is wrong with each."""
    with SpooledTemporaryFile(IN_MEMORY) as report:
        text = io.TextIOWrapper(report, encoding="utf-8-sig", newline="")
        writer = csv.writer(text, delimiter=layout.separator, lineterminator="\r\n")
        # A report that is mended and reported again has its own column still, and needs no second one.
        kept = [
            at for at, match in enumerate(layout.header.matches) if match.header.strip().casefold() != REPORT_COLUMN
        ]
        writer.writerow([*(csv_rows.disarm(layout.header.matches[at].header) for at in kept), REPORT_COLUMN])
        messages = _messages(session, claim)
        line, told = next(messages)
        for record in rows_of(content, layout):
            if record.line == line:
                writer.writerow(csv_rows.disarm(cell) for cell in _report_row(record, kept, told))
                line, told = next(messages, (0, ""))
        text.flush()
        files.store(report_key(claim.upload_id), report)
        text.detach()


def preview(session: "Session") -> str:
    """The first rows of `verdicts`, as JSON."""
    text: str = session.connection().exec_driver_sql(_PREVIEW).scalar_one()
    return text


def finish(
    session: "Session", claim: Claim, outcome: Outcome, *, layout: Layout | None, digest: str | None, now: datetime
) -> None:
    """Write the outcome and the event, and empty the staging table, in the caller's transaction.

    Raises Unavailable where another worker took over.
    """
    execute = session.connection().exec_driver_sql
    values: dict[str, Any] = {
        "id": str(claim.upload_id), "attempt": claim.attempt, "now": now, "status": outcome.status,
        "rows": outcome.rows,
        "created": outcome.created, "updated": outcome.updated, "unchanged": outcome.unchanged,
        "skipped": outcome.skipped, "failed": outcome.failed, "preview": outcome.preview,
        "columns": orjson.dumps(_columns(layout)).decode(), "has_report": outcome.failed > 0,
        "failure_code": outcome.failure and JobFailureCode.FILE_UNREADABLE, "failure_message": outcome.failure,
        "duplicate_of": outcome.duplicate_of and str(outcome.duplicate_of), "digest": digest,
        "kind": UpdateKind.UPLOAD_FAILED if outcome.status == UploadStatus.FAILED else UpdateKind.UPLOAD_FINISHED,
        "subject": node_id(claim.upload_id),
    }  # fmt: skip
    if execute(_FINISH, values).rowcount != 1:
        raise Unavailable(f"upload {node_id(claim.upload_id)} was taken over by another worker")
    execute("delete from upload_rows where upload_id = %(id)s", values)
    execute("insert into events (at, kind, subject) values (%(now)s, %(kind)s, %(subject)s)", values)


def message(claim: Claim, outcome: Outcome) -> dict[str, object]:
    """What the topic is told."""
    return {
        "uploadId": node_id(claim.upload_id),
        "kind": claim.kind,
        "status": str(outcome.status),
        "fileName": claim.file_name,
        "dryRun": claim.dry_run,
        "duplicateOf": outcome.duplicate_of and node_id(outcome.duplicate_of),
        "counts": {
            name: getattr(outcome, name) for name in ("rows", "created", "updated", "unchanged", "skipped", "failed")
        },
        "failure": outcome.failure,
    }


def _report_row(record: Record, kept: list[int], told: str) -> list[str]:
    """The cells under their headers, then the messages; cells that no header has come last, so that none is lost."""
    width = max(kept, default=-1) + 1
    cells = [record.cells[at] if at < len(record.cells) else "" for at in kept]
    return [*cells, told, *(record.cells[width:] if record.problem else [])]


def _messages(session: "Session", claim: Claim) -> Iterator[tuple[int, str]]:
    """Line and all its messages, in the order of the file, a page at a time."""
    errors = _errors(session, claim)
    for line, of_line in groupby(errors, key=lambda error: error[0]):
        yield line, "; ".join(text for _, text in of_line)


def _errors(session: "Session", claim: Claim) -> Iterator[tuple[int, str]]:
    values = {"id": str(claim.upload_id), "line": 0, "last": 0, "page": PAGE}
    while rows := session.connection().exec_driver_sql(_ERRORS, values).all():
        yield from ((row.line, row.message) for row in rows)
        values |= {"line": rows[-1].line, "last": rows[-1].id}


def _columns(layout: Layout | None) -> list[dict[str, object]]:
    if layout is None:
        return []
    return [
        {
            "header": match.header,
            "column": match.column and match.column.name,
            "ignored": match.column is None,
            "date_order": _date_order(layout, match),
        }
        for match in layout.header.matches
    ]


def _date_order(layout: Layout, match: csv_rows.Match) -> str | None:
    order = layout.date_orders.get(match.column.name) if match.column else None
    return None if order == csv_rows.CONTRADICTED else order


_PREVIEW = f"""
select coalesce(json_agg(json_build_object(
  'line', line, 'action', action, 'key', key, 'fields', ('[' || differences || ']')::json) order by line), '[]')::text
from (select * from verdicts order by line limit {PREVIEWED}) v
"""

_ERRORS = """
select line, id, message from upload_row_errors
where upload_id = %(id)s and (line, id) > (%(line)s, %(last)s) order by line, id limit %(page)s
"""

_FINISH = """
update uploads set status = %(status)s, rows_total = %(rows)s, rows_done = %(rows)s, created_count = %(created)s,
  updated_count = %(updated)s, unchanged_count = %(unchanged)s, skipped_count = %(skipped)s, failed_count = %(failed)s,
  preview = %(preview)s, columns = %(columns)s, has_report = %(has_report)s, failure_code = %(failure_code)s,
  failure_message = %(failure_message)s, duplicate_of = %(duplicate_of)s, content_sha256 = %(digest)s,
  lease_until = null, finished_at = %(now)s
where id = %(id)s and attempts = %(attempt)s and status in ('VALIDATING', 'IMPORTING')
"""
