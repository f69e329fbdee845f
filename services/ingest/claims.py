"""Who works on an upload: a claim with a lease, so that of two deliveries one works and a dead worker is followed.

The import's transactions each confirm the claim; one that was lost writes nothing more.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services import tracing
from services.db.connection import Database
from services.errors import NotFound, Unavailable
from services.uploads import file_key, node_id
from services.vocabulary import JobFailureCode, UpdateKind, UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session

LEASE = timedelta(minutes=6)
"""Renewed at each chunk. Longer than the function's timeout, so that a living worker keeps it; shorter than the queue's
visibility timeout, so that the redelivery of a killed worker's message finds it lost."""
TRIES = 4
"""One less than the queue's maxReceiveCount: the last delivery ends the upload instead of dying of it too. Only where
the one before died or broke: a dependency that fails takes no tries, so that dead letters can be sent again."""

WAITING = (UploadStatus.AWAITING_FILE, UploadStatus.QUEUED, UploadStatus.EXPIRED)
"EXPIRED: S3 takes no form after its time, so a file that came came in time, whenever its event does."
RUNNING = (UploadStatus.VALIDATING, UploadStatus.IMPORTING)


@dataclass(frozen=True, slots=True)
class Claim:
    """An upload as its worker holds it. `attempt` tells this worker's claim from a later one's."""

    upload_id: UUID
    attempt: int
    kind: str
    file_name: str
    policy: str
    dry_run: bool
    sha256: str | None
    "What the client announced; once the data are merged, what arrived."
    date_order: str | None
    column_mapping: dict[str, str]
    actor: str
    today: date
    "The day of the upload, which stays the same when the import is done again later."
    settled: dict[str, Any] | None
    "The outcome that an earlier worker left behind: the data are merged, only the report is missing (see outcomes)."

    @property
    def key(self) -> str:
        return file_key(self.upload_id)


@tracing.spanned("claim")
def take(database: Database, upload_id: UUID, *, now: datetime) -> Claim | None:
    """Claim the upload and commit; None where there is nothing left to do.

    Raises NotFound for an unknown upload, and Unavailable while another worker holds it.
    """
    with database.writing() as session:
        row = session.connection().exec_driver_sql(_TAKE, _values(upload_id, now)).one_or_none()
        if row is not None:
            if row.attempts > 1 and row.outcome is None:
                session.connection().exec_driver_sql(_FORGET, _values(upload_id, now))
            if row.attempts > TRIES and row.outcome is None and row.found in RUNNING:
                session.connection().exec_driver_sql(_GIVE_UP, _values(upload_id, now))
                return None
            return Claim(
                upload_id, row.attempts, row.kind, row.file_name, row.policy, row.dry_run, row.sha256, row.date_order,
                row.column_mapping, row.requested_by, row.today, row.outcome,
            )  # fmt: skip
    status = database.read("select status from uploads where id = %(id)s", {"id": str(upload_id)})
    if status is None:
        raise NotFound(f"no upload has the id {node_id(upload_id)}")
    if status in RUNNING or status in WAITING:
        raise Unavailable(f"upload {node_id(upload_id)} is in the hands of another worker")
    return None


def keep(
    session: "Session", claim: Claim, *, now: datetime, status: UploadStatus, rows_done: int, rows_total: int
) -> None:
    """Show the progress and renew the lease, in the caller's transaction. Raises Unavailable where it is lost."""
    values = {
        "id": str(claim.upload_id), "attempt": claim.attempt, "until": now + LEASE,
        "status": status, "rows_done": rows_done, "rows_total": rows_total,
    }  # fmt: skip
    if session.connection().exec_driver_sql(_KEEP, values).rowcount != 1:
        raise Unavailable(f"upload {node_id(claim.upload_id)} was taken over by another worker")


def let_go(database: Database, claim: Claim, *, is_our_fault: bool, now: datetime) -> None:
    """Give the claim back, so that the next delivery need not wait for the lease to end.

    The upload is queued again where it is not our fault and its data are not merged.
    """
    with database.writing() as session:
        values = {"id": str(claim.upload_id), "attempt": claim.attempt, "now": now, "is_our_fault": is_our_fault}
        session.connection().exec_driver_sql(_LET_GO, values)


def _values(upload_id: UUID, now: datetime) -> dict[str, object]:
    return {
        "id": str(upload_id),
        "now": now,
        "until": now + LEASE,
        "waiting": list(WAITING),
        "running": list(RUNNING),
        "code": JobFailureCode.INTERNAL,
        "message": f"the import was begun {TRIES} times and never ended",
        "kind": UpdateKind.UPLOAD_FAILED,
        "subject": node_id(upload_id),
    }


_TAKE = """
with before as (select id, status as found from uploads where id = %(id)s for update)
update uploads set attempts = attempts + 1, lease_until = %(until)s, started_at = coalesce(started_at, %(now)s),
  status = case when outcome is null then 'VALIDATING' else status end,
  rows_done = case when outcome is null then 0 else rows_done end,
  rows_total = case when outcome is null then null else rows_total end
from before where uploads.id = before.id
  and (status = any(%(waiting)s) or status = any(%(running)s) and lease_until <= %(now)s)
returning attempts, found, kind, file_name, policy, dry_run, coalesce(content_sha256, sha256) as sha256, date_order,
  column_mapping, requested_by, (created_at at time zone 'UTC')::date as today, outcome
"""

_FORGET = "delete from upload_row_errors where upload_id = %(id)s"

_KEEP = """
update uploads set status = %(status)s, lease_until = %(until)s, rows_done = %(rows_done)s, rows_total = %(rows_total)s
where id = %(id)s and attempts = %(attempt)s and status in ('VALIDATING', 'IMPORTING')
"""

_LET_GO = """
update uploads set lease_until = %(now)s,
  status = case when outcome is null and not %(is_our_fault)s then 'QUEUED' else status end
where id = %(id)s and attempts = %(attempt)s and status in ('VALIDATING', 'IMPORTING')
"""

_GIVE_UP = """
with failed as (
  update uploads set status = 'FAILED', failure_code = %(code)s, failure_message = %(message)s, lease_until = null,
    finished_at = %(now)s
  where id = %(id)s returning 1
)
insert into events (at, kind, subject) select %(now)s, %(kind)s, %(subject)s from failed
"""
