"""Scores accounts again on request, as of any day up to today: the work behind the job that the request answers with.

It is done when the request is answered, in the request's own transaction; docs/decisions/0007 says why and up to where.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from services import jobs, portfolio_ledger, repeats, scoring
from services.accounts.filters import Filter, condition
from services.accounts.source import joins
from services.db.statement import EARLIEST, Statement
from services.errors import Rejected

if TYPE_CHECKING:
    from sqlmodel import Session

MOST: Final = 25_000


def run(
    session: "Session",
    *,
    filter_: Filter | None,
    as_of: date | None,
    idempotency_key: str | None,
    actor: str,
    now: datetime,
) -> UUID:
    """Score what the filter means as of `as_of` (default: today) and say the job's key.

    The same idempotency key with the same input answers with the first job. Raises Rejected.
    """
    from services.db.tables import Job

    today = now.date()
    day = as_of or today
    if not EARLIEST <= day <= today:
        raise Rejected("OUT_OF_RANGE", f"asOf must be from {EARLIEST} to today ({today}), not {day}", ["asOf"])
    wanted = repeats.plain({"filter": filter_ or {}, "as_of": as_of})
    scoring.lock_accounts(session)
    earlier = jobs.earlier(session, "RECOMPUTE", idempotency_key, wanted, actor=actor)
    if earlier is not None:
        return earlier.id
    found = _matching(session, filter_, Statement(today=today, as_of=day))
    scored = scoring.score(session, day, now=now, actor=actor, account_ids=found)
    portfolio_ledger.fold(session)
    job = Job(
        id=uuid4(),
        kind="RECOMPUTE",
        status="SUCCEEDED",
        input=wanted,
        done=scored.accounts,
        total=scored.accounts,
        changed_buckets=scored.changed_buckets,
        idempotency_key=idempotency_key,
        requested_by=actor,
        created_at=now,
        started_at=now,
        finished_at=now,
    )
    session.add(job)
    return job.id


def _matching(session: "Session", filter_: Filter | None, statement: Statement) -> list[int]:
    where = condition(filter_, statement)
    query = f"select a.id from accounts a {joins(statement, where)} where {where} limit {MOST + 1}"
    found = [row[0] for row in session.connection().exec_driver_sql(query, statement.values)]
    if len(found) > MOST:
        raise Rejected("TOO_MANY", f"more than {MOST:,} accounts match: narrow the filter", ["filter"])
    return found
