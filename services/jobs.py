"""Rows of jobs found again by their idempotency key, for one request at a time that brings it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from services import repeats

if TYPE_CHECKING:
    from sqlmodel import Session

    from services.db.tables import Job


def earlier(
    session: "Session", kind: str, idempotency_key: str | None, wanted: Mapping[str, Any], *, actor: str
) -> "Job | None":
    """The job that this key of the actor's made before; None without a key or without one. Raises Rejected.

    A second request with the same key waits here until the first one's transaction has ended.
    """
    from sqlmodel import select

    from services.db.tables import Job

    if idempotency_key is None:
        return None
    repeats.hold(session, actor, idempotency_key)
    named = select(Job).where(Job.idempotency_key == idempotency_key, Job.requested_by == actor)
    job = session.exec(named).one_or_none()
    if job is not None and (job.kind, job.input) != (kind, dict(wanted)):
        repeats.mismatch()
    return job
