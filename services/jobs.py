"""Rows of jobs found again by their idempotency key, for one request at a time that brings it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from services.errors import Rejected

if TYPE_CHECKING:
    from sqlmodel import Session

    from services.db.tables import Job

LONGEST_KEY: Final = 200
LOCK: Final = 7274660
"First half of the advisory lock of a key."


def stored(wanted: Mapping[str, object]) -> dict[str, Any]:
    """An input as its row holds it: what JSON has no word for is a text."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(wanted, default=str, option=orjson.OPT_SORT_KEYS))
    return plain


def earlier(session: "Session", kind: str, idempotency_key: str | None, wanted: Mapping[str, Any]) -> "Job | None":
    """The job that this key made before; None without a key or without one. Raises Rejected for another input.

    A second request with the same key waits here until the first one's transaction has ended.
    """
    from sqlmodel import select

    from services.db.tables import Job

    if idempotency_key is None:
        return None
    if not 1 <= len(idempotency_key) <= LONGEST_KEY or "\0" in idempotency_key:
        raise Rejected("OUT_OF_RANGE", f"idempotencyKey must have 1 to {LONGEST_KEY} characters", ["idempotencyKey"])
    session.connection().exec_driver_sql("select pg_advisory_xact_lock(%s, hashtext(%s))", (LOCK, idempotency_key))
    job = session.exec(select(Job).where(Job.idempotency_key == idempotency_key)).one_or_none()
    if job is not None and (job.kind, job.input) != (kind, dict(wanted)):
        raise Rejected("IDEMPOTENCY_MISMATCH", "this key came with another input before", ["idempotencyKey"])
    return job
