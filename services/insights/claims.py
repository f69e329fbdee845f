"""Who works on an insight: a claim with a lease, so that of two deliveries one works and a dead worker is followed.

Every way out of a claim is a conditional UPDATE on its attempt: a worker that lost its lease writes nothing more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from services import ids, tracing
from services.db.connection import Database
from services.errors import NotFound
from services.vocabulary import InsightEngine, JobFailureCode, UpdateKind

if TYPE_CHECKING:
    from sqlmodel import Session

LEASE: Final = timedelta(minutes=2)
"Longer than the worker's timeout, so that a living worker keeps it."
TRIES: Final = 5
"The queue's maxReceiveCount: the last delivery fails the job, and its message goes to the dead letters."


@dataclass(frozen=True, slots=True)
class Claim:
    """A job as its worker holds it. `attempt` tells this worker's claim from a later one's."""

    job_id: UUID
    attempt: int
    account_id: int | None
    input: dict[str, Any]
    engine: InsightEngine
    last_failure: tuple[JobFailureCode, str] | None
    "Of the try before."


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nobody may claim the job before `until`: another worker holds it, or its provider wants to be left alone."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """The job is final; it failed where there is a failure."""

    failure: JobFailureCode | None


@dataclass(frozen=True, slots=True)
class Batch:
    """The job is a batch, which nobody claims: its jobs are worked on one by one."""


@tracing.spanned("claim")
def take(database: Database, job_id: UUID, *, now: datetime) -> Claim | Waiting | Ended | Batch:
    """Claim the job and commit. Raises NotFound for an unknown job."""
    values = {"id": str(job_id), "now": now, "until": now + LEASE}
    with database.writing() as session:
        row = session.connection().exec_driver_sql(_TAKE, values).one_or_none()
    if row is not None:
        failure = (JobFailureCode(row.failure_code), row.failure_message) if row.failure_code else None
        return Claim(job_id, row.attempts, row.account_id, row.input, InsightEngine(row.engine), failure)
    sql = "select kind, status, greatest(lease_until, next_try_at), failure_code from jobs where id = %(id)s"
    rows = database.rows(sql, values)
    if not rows:
        raise NotFound(f"no job has the id {ids.of(ids.JOB, job_id)}")
    kind, status, until, failure = rows[0]
    if kind == "INSIGHT_BATCH":
        return Batch()
    if status in ("QUEUED", "RUNNING"):
        return Waiting(until or now)
    return Ended(JobFailureCode(failure) if status == "FAILED" else None)


def succeed(session: "Session", claim: Claim, insight_id: UUID | None, *, now: datetime) -> bool:
    """End the job well, in the caller's transaction; False where the claim was lost and nothing may be written."""
    values = {"id": str(claim.job_id), "attempt": claim.attempt, "now": now, "insight": insight_id and str(insight_id)}
    return session.connection().exec_driver_sql(_SUCCEED, values).rowcount == 1


def give_back(session: "Session", claim: Claim, code: JobFailureCode, message: str, *, next_try_at: datetime) -> bool:
    """Queue the job again, with what went wrong; False where the claim was lost."""
    values = {
        "id": str(claim.job_id), "attempt": claim.attempt, "code": code, "message": message, "next": next_try_at,
    }  # fmt: skip
    return session.connection().exec_driver_sql(_GIVE_BACK, values).rowcount == 1


def fail(session: "Session", claim: Claim, code: JobFailureCode, message: str, *, now: datetime) -> bool:
    """End the job badly and tell it; False where the claim was lost."""
    values = {
        "id": str(claim.job_id), "attempt": claim.attempt, "code": code, "message": message, "now": now,
        "kind": UpdateKind.INSIGHT_FAILED, "subject": ids.of(ids.JOB, claim.job_id),
    }  # fmt: skip
    return session.connection().exec_driver_sql(_FAIL, values).rowcount == 1


_TAKE: Final = """
update jobs set status = 'RUNNING', attempts = attempts + 1, lease_until = %(until)s, next_try_at = null,
  started_at = coalesce(started_at, %(now)s)
where id = %(id)s and kind = 'INSIGHT' and (expires_at is null or expires_at > %(now)s)
  and (status = 'QUEUED' and (next_try_at is null or next_try_at <= %(now)s)
    or status = 'RUNNING' and lease_until <= %(now)s)
returning attempts, account_id, input, engine, failure_code, failure_message
"""
_MINE: Final = "id = %(id)s and attempts = %(attempt)s and status = 'RUNNING'"
_SUCCEED: Final = f"""
update jobs set status = 'SUCCEEDED', done = 1, insight_id = %(insight)s, lease_until = null, failure_code = null,
  failure_message = null, finished_at = %(now)s
where {_MINE}
"""
_GIVE_BACK: Final = f"""
update jobs set status = 'QUEUED', lease_until = null, next_try_at = %(next)s, failure_code = %(code)s,
  failure_message = %(message)s
where {_MINE}
"""
_FAIL: Final = f"""
with failed as (
  update jobs set status = 'FAILED', lease_until = null, failure_code = %(code)s, failure_message = %(message)s,
    finished_at = %(now)s
  where {_MINE} returning 1
)
insert into events (at, kind, subject) select %(now)s, %(kind)s, %(subject)s from failed
"""
