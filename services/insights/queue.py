"""Insights asked for: a job's row, committed by the caller, then its message. Not the making of one.

A message that could not be sent is sent again by services.maintenance; one that was sent twice is worked on once.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

import orjson

from services import ids, jobs, repeats
from services.accounts.filters import Filter, condition
from services.accounts.orders import attention
from services.accounts.source import joins
from services.db.connection import Database
from services.db.statement import EARLIEST, Statement
from services.errors import Rejected, Unavailable
from services.insights import budget, fresh
from services.ports import Queue
from services.settings import Settings
from services.vocabulary import InsightScope

if TYPE_CHECKING:
    from sqlmodel import Session

    from services.db.tables import Job

log = logging.getLogger(__name__)

MOST: Final = 1000
"Accounts that one batch may cover."
LIFE: Final = timedelta(hours=24)
"A job that was not done by then expires: its asker has long stopped waiting."
ACCOUNT_LOCK: Final = 7274659
"First half of the advisory lock under which the jobs of an account, or of portfolios, are queued: two clicks, one job."


@dataclass(frozen=True, slots=True)
class Queued:
    """The job that answers the request, and the ids to be sent once it is committed."""

    job_id: UUID
    reused: bool
    to_send: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueuedBatch:
    """How many accounts match, what their insights would take, and the job, if one was made."""

    matched: int
    estimated_tokens: int
    job_id: UUID | None
    to_send: tuple[str, ...]


def account(
    session: "Session",
    account_id: int,
    *,
    reuse_if_fresh: bool,
    idempotency_key: str | None,
    actor: str,
    settings: Settings,
    now: datetime,
) -> Queued:
    """Queue the review of one account.

    With `reuse_if_fresh` the newest insight answers while the facts have not changed, or the job that waits already.
    Raises Rejected: NOT_FOUND, IDEMPOTENCY_MISMATCH, BUDGET_EXHAUSTED, NOT_ALLOWED_NOW.
    """
    wanted = repeats.plain({"scope": InsightScope.ACCOUNT, "account_id": account_id, "reuse_if_fresh": reuse_if_fresh})
    if (earlier := jobs.earlier(session, "INSIGHT", idempotency_key, wanted, actor=actor)) is not None:
        return _answer(earlier)
    # Held to the end, so that nobody deletes the account while its job is written.
    held = "select 1 from accounts where id = %s for key share"
    known = session.connection().exec_driver_sql(held, (account_id,)).one_or_none()
    if known is None:
        raise Rejected("NOT_FOUND", f"no account has the id {ids.ACCOUNT}_{account_id}", ["accountId"])
    return _one(session, wanted, account_id, idempotency_key, actor=actor, settings=settings, now=now)


def portfolio(
    session: "Session",
    filter_: Filter | None,
    as_of: date | None,
    *,
    reuse_if_fresh: bool,
    idempotency_key: str | None,
    actor: str,
    settings: Settings,
    now: datetime,
) -> Queued:
    """Queue the review of the accounts that the filter means, as they stood on `as_of` (default: today).

    Raises Rejected.
    """
    wanted = repeats.plain({
        "scope": InsightScope.PORTFOLIO, "filter": filter_ or {}, "as_of": as_of, "reuse_if_fresh": reuse_if_fresh,
    })  # fmt: skip
    if (earlier := jobs.earlier(session, "INSIGHT", idempotency_key, wanted, actor=actor)) is not None:
        return _answer(earlier)
    today = now.date()
    if as_of is not None and not EARLIEST <= as_of <= today:
        raise Rejected("OUT_OF_RANGE", f"asOf must be from {EARLIEST} to today ({today}), not {as_of}", ["asOf"])
    if not _count(session, filter_, Statement(today=today, as_of=as_of)):
        raise Rejected("NOT_FOUND", "no account matches the filter", ["filter"])
    return _one(session, wanted, None, idempotency_key, actor=actor, settings=settings, now=now)


def batch(
    session: "Session",
    filter_: Filter,
    *,
    most: int,
    estimate_only: bool,
    idempotency_key: str | None,
    actor: str,
    settings: Settings,
    now: datetime,
) -> QueuedBatch:
    """Queue the reviews of the accounts that the filter means, at most `most` (1 to 1000), by their call for attention.

    Accounts whose newest insight is still fresh are answered with it by the worker. Raises Rejected.
    """
    if not 1 <= most <= MOST:
        raise Rejected("OUT_OF_RANGE", f"max must be from 1 to {MOST:,}, not {most:,}", ["max"])
    wanted = repeats.plain({"filter": filter_, "max": most})
    kind = "INSIGHT_BATCH"
    earlier = None if estimate_only else jobs.earlier(session, kind, idempotency_key, wanted, actor=actor)
    if earlier is not None:
        told = earlier.answered or {"matched": earlier.total or 0, "estimated_tokens": 0}
        return QueuedBatch(**told, job_id=earlier.id, to_send=(ids.of(ids.JOB, earlier.id),))
    statement = Statement(today=now.date())
    matched = _count(session, filter_, statement)
    number = min(matched, most)
    tokens = budget.estimate(session, number, settings)
    if estimate_only or not matched:
        return QueuedBatch(matched, tokens, None, ())
    _check_queue(settings)
    budget.promise(session, number, settings, now=now)
    parent = _job(kind, wanted, idempotency_key, actor=actor, settings=settings, now=now)
    parent.total = number
    parent.answered = {"matched": matched, "estimated_tokens": tokens}
    session.add(parent)
    _add_children(session, parent, filter_, most, Statement(today=now.date()))
    return QueuedBatch(matched, tokens, parent.id, (ids.of(ids.JOB, parent.id),))


def send(database: Database, queue: Queue, job_ids: Sequence[str]) -> None:
    """Send the messages of committed jobs. What cannot be sent is marked, so that the next sweep sends it.

    Where it can't be marked either, a later sweep does. The jobs are there all the same: nobody is told otherwise.
    """
    failed = queue.send(job_ids) if job_ids else ()
    if failed:
        keys = [str(ids.uuid(one, ids.JOB)) for one in failed]
        try:
            with database.writing() as session:
                session.connection().exec_driver_sql(_NOT_SENT, {"ids": keys})
        except Unavailable as error:
            log.warning("%s jobs were not sent, and wait until their messages count as lost: %s", len(keys), error)


def waiting(database: Database, batch_id: UUID) -> list[str]:
    """The ids of a batch's jobs that are queued."""
    rows = database.rows(_WAITING, {"id": str(batch_id)})
    return [ids.of(ids.JOB, UUID(str(row[0]))) for row in rows]


def _count(session: "Session", filter_: Filter | None, statement: Statement) -> int:
    """How many accounts the filter means. Raises Rejected."""
    where = condition(filter_, statement)
    query = f"select count(*) from accounts a {joins(statement, where)} where {where}"
    found: int = session.connection().exec_driver_sql(query, statement.values).scalar_one()
    return found


def _one(
    session: "Session",
    wanted: dict[str, Any],
    account_id: int | None,
    idempotency_key: str | None,
    *,
    actor: str,
    settings: Settings,
    now: datetime,
) -> Queued:
    job = _job("INSIGHT", wanted, idempotency_key, actor=actor, settings=settings, now=now)
    job.account_id = account_id
    session.connection().exec_driver_sql(
        "select pg_advisory_xact_lock(%s, %s)", (ACCOUNT_LOCK, (account_id or 0) % 2**31)
    )
    if wanted["reuse_if_fresh"]:
        insight = fresh.insight(session, wanted, account_id, settings.insight_engine, today=now.date())
        if insight is not None:
            job.status, job.done, job.insight_id, job.started_at, job.finished_at = "SUCCEEDED", 1, insight, now, now
            session.add(job)
            return _answer(job)
        queued = None if idempotency_key else _on_its_way(session, wanted, account_id, now=now)
        if queued is not None:
            return Queued(queued, True, ())
    _check_queue(settings)
    budget.promise(session, 1, settings, now=now)
    session.add(job)
    return _answer(job)


def _answer(job: "Job") -> Queued:
    """A job that waits is sent, also where an earlier request made it: that request's message may be lost."""
    waits = job.status == "QUEUED"
    answered = job.status == "SUCCEEDED" and job.attempts == 0
    return Queued(job.id, answered, (ids.of(ids.JOB, job.id),) if waits else ())


def _on_its_way(session: "Session", wanted: Mapping[str, Any], account_id: int | None, *, now: datetime) -> UUID | None:
    values = {"account": account_id, "input": orjson.dumps(wanted).decode(), "now": now}
    found = session.connection().exec_driver_sql(_QUEUED, values).scalar_one_or_none()
    return None if found is None else UUID(str(found))


def _job(
    kind: str, wanted: dict[str, Any], idempotency_key: str | None, *, actor: str, settings: Settings, now: datetime
) -> "Job":
    from services.db.tables import Job

    return Job(
        id=uuid4(), kind=kind, status="QUEUED", input=wanted, total=1, engine=settings.insight_engine.value,
        idempotency_key=idempotency_key, requested_by=actor, created_at=now, sent_at=now, expires_at=now + LIFE,
    )  # fmt: skip


def _add_children(session: "Session", parent: "Job", filter_: Filter, most: int, statement: Statement) -> None:
    session.flush()
    where, order = condition(filter_, statement), attention(statement)
    chosen = f"""select a.id from accounts a {joins(statement, where + order)} where {where}
      order by {order} desc nulls last, a.id limit {most} for key share of a"""
    values = {**statement.values, "parent": str(parent.id), "scope": InsightScope.ACCOUNT.value}
    session.connection().exec_driver_sql(_CHILDREN.format(chosen=chosen), values)


def _check_queue(settings: Settings) -> None:
    if not settings.insights_queue_url:
        raise Rejected("NOT_ALLOWED_NOW", "no insight can be queued: INSIGHTS_QUEUE_URL is not set")


_CHILDREN: Final = """
insert into jobs (id, kind, status, input, total, engine, requested_by, created_at, sent_at, expires_at, parent_id,
  account_id)
select gen_random_uuid(), 'INSIGHT', 'QUEUED',
  jsonb_build_object('scope', %(scope)s::text, 'account_id', m.id, 'reuse_if_fresh', true), 1,
  p.engine, p.requested_by, p.created_at, p.sent_at, p.expires_at, p.id, m.id
from ({chosen}) m cross join jobs p where p.id = %(parent)s
"""
_QUEUED: Final = """
select id from jobs
where kind = 'INSIGHT' and status in ('QUEUED', 'RUNNING') and expires_at > %(now)s
  and account_id is not distinct from %(account)s and input = %(input)s::jsonb
order by created_at desc limit 1
"""
_NOT_SENT: Final = """
update jobs set sent_at = null
where kind = 'INSIGHT' and (id = any(%(ids)s::uuid[]) or parent_id = any(%(ids)s::uuid[])) and status = 'QUEUED'
"""
_WAITING: Final = """
select id from jobs where parent_id = %(id)s and status = 'QUEUED' and (next_try_at is null or next_try_at <= now())
order by id
"""
