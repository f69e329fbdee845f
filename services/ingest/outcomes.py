"""How an import ended, written in two steps: settled with the data, made the upload's own once its report is stored.

Between the two the upload looks unfinished, and whoever claims it has only the second step left to do.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from services import csv_rows
from services.errors import Unavailable
from services.ingest import claims
from services.ingest.claims import Claim
from services.ingest.reading import Layout
from services.uploads import node_id
from services.vocabulary import JobFailureCode, UpdateKind, UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session


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


def settle(
    session: "Session", claim: Claim, outcome: Outcome, *, layout: Layout | None, digest: str | None, now: datetime
) -> None:
    """Keep the outcome beside the upload, in the transaction that changes the data.

    Raises Unavailable where another worker took over.
    """
    rows = outcome.rows
    claims.keep(session, claim, now=now, status=UploadStatus.IMPORTING, rows_done=rows, rows_total=rows)
    values = {
        "id": str(claim.upload_id), "outcome": orjson.dumps(asdict(outcome)).decode(), "digest": digest,
        "columns": orjson.dumps(_columns(layout)).decode(),
    }  # fmt: skip
    session.connection().exec_driver_sql(_SETTLE, values)


def settled(claim: Claim) -> Outcome | None:
    """What an earlier worker settled and did not finish."""
    if claim.settled is None:
        return None
    return Outcome(**claim.settled | {"status": UploadStatus(claim.settled["status"])})


def finish(session: "Session", claim: Claim, outcome: Outcome, *, has_report: bool, now: datetime) -> None:
    """Make a settled outcome the upload's own, and tell of it, in the caller's transaction.

    Raises Unavailable where another worker took over.
    """
    execute = session.connection().exec_driver_sql
    values: dict[str, Any] = asdict(outcome) | {
        "id": str(claim.upload_id), "attempt": claim.attempt, "now": now, "has_report": has_report,
        "failure_code": outcome.failure and JobFailureCode.FILE_UNREADABLE,
        "duplicate_of": outcome.duplicate_of and str(outcome.duplicate_of),
        "kind": UpdateKind.UPLOAD_FAILED if outcome.status == UploadStatus.FAILED else UpdateKind.UPLOAD_FINISHED,
        "subject": node_id(claim.upload_id),
    }  # fmt: skip
    if execute(_FINISH, values).rowcount != 1:
        raise Unavailable(f"upload {node_id(claim.upload_id)} was taken over by another worker")
    execute("insert into events (at, kind, subject) values (%(now)s, %(kind)s, %(subject)s)", values)


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


_SETTLE = """
update uploads set outcome = %(outcome)s, columns = %(columns)s, content_sha256 = %(digest)s where id = %(id)s
"""

_FINISH = """
update uploads set status = %(status)s, outcome = null, created_count = %(created)s, updated_count = %(updated)s,
  unchanged_count = %(unchanged)s, skipped_count = %(skipped)s, failed_count = %(failed)s, preview = %(preview)s,
  has_report = %(has_report)s, failure_code = %(failure_code)s, failure_message = %(failure)s,
  duplicate_of = %(duplicate_of)s, lease_until = null, finished_at = %(now)s
where id = %(id)s and attempts = %(attempt)s and status = 'IMPORTING'
"""
