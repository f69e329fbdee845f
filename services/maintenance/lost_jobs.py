"""Insight jobs that no message speaks of any more: told to the queue again, or ended where their time is up.

The sweep, which also ends what services.maintenance.lost_uploads finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services import ids
from services.db.connection import Database
from services.maintenance import lost_uploads
from services.ports import Queue
from services.vocabulary import JobFailureCode, UpdateKind

LOST_AFTER: Final = timedelta(minutes=15)
"A message that is not lost has come by then: the queue shows it to a worker several times in that while."
BATCH: Final = 500
MOST: Final = 5_000
"Jobs that one sweep sends, and that it ends: it stays within a function's time, and the next one goes on."


@dataclass(frozen=True, slots=True)
class Swept:
    """How many jobs were told to the queue again, how many ended because their time was up; and uploads that ended."""

    sent: int
    expired: int
    uploads_ended: int = 0


def sweep(database: Database, queue: Queue, *, now: datetime) -> Swept:
    """End the jobs whose time is up and that nobody holds, and the uploads that nobody will go on with; then send the
    jobs whose message is lost, the oldest first.

    Two sweeps at once share the jobs. Raises Unavailable where the database does not answer.
    """
    expired = _end_the_late(database, now)
    uploads_ended = lost_uploads.end_lost(database, now=now)
    return Swept(_send_the_lost(database, queue, now), expired, uploads_ended)


def _end_the_late(database: Database, now: datetime) -> int:
    values = {
        "now": now, "batch": BATCH, "code": JobFailureCode.TIMED_OUT, "kind": UpdateKind.INSIGHT_FAILED,
        "message": "the insight was not written in time: queue it again",
    }  # fmt: skip
    ended = 0
    while ended < MOST:
        with database.writing() as session:
            batch = session.connection().exec_driver_sql(_END, values).rowcount
        ended += batch
        if batch < BATCH:
            break
    return ended


def _send_the_lost(database: Database, queue: Queue, now: datetime) -> int:
    sent = 0
    while sent < MOST:
        # Committed before anything is sent: another sweep passes these jobs over, and where this one dies before it
        # has sent them, they are lost again a while later.
        with database.writing() as session:
            values = {"now": now, "lost_before": now - LOST_AFTER, "batch": BATCH}
            found = list(session.connection().exec_driver_sql(_TAKE, values).scalars())
        unsent = queue.send(found) if found else ()
        sent += len(found) - len(unsent)
        if unsent:
            _give_back(database, unsent, now)
        if unsent or len(found) < BATCH:  # a queue that does not answer is left alone until the next sweep
            break
    return sent


def _give_back(database: Database, unsent: Sequence[str], now: datetime) -> None:
    keys = [str(ids.uuid(job_id, ids.JOB)) for job_id in unsent]
    with database.writing() as session:
        session.connection().exec_driver_sql(_GIVE_BACK, {"keys": keys, "now": now})


_NODE_ID: Final = f"'{ids.JOB}_' || replace(jobs.id::text, '-', '')"

# Nobody works on it: it waits, or its worker's lease has ended.
_NOBODYS: Final = """
kind = 'INSIGHT' and status in ('QUEUED', 'RUNNING')
  and (status = 'QUEUED' or lease_until is null or lease_until <= %(now)s)
"""

_END: Final = f"""
with late as materialized (
  select id from jobs where {_NOBODYS} and expires_at <= %(now)s
  order by created_at limit %(batch)s for update skip locked
), ended as (
  update jobs set status = 'EXPIRED', failure_code = %(code)s, lease_until = null, finished_at = %(now)s,
    failure_message = %(message)s || coalesce(' (its last try: ' || failure_message || ')', '')
  from late where jobs.id = late.id returning {_NODE_ID} as subject
)
insert into events (at, kind, subject)
select %(now)s, %(kind)s, subject from ended
"""

# A message that was postponed is not lost before it was due: a provider that asked for time is not hurried.
_TAKE: Final = f"""
with lost as materialized (
  select id from jobs where {_NOBODYS} and (expires_at is null or expires_at > %(now)s)
    and (next_try_at is null or next_try_at <= %(now)s)
    and (sent_at is null or greatest(sent_at, next_try_at) <= %(lost_before)s)
  order by created_at limit %(batch)s for update skip locked
)
update jobs set sent_at = %(now)s from lost where jobs.id = lost.id
returning {_NODE_ID}
"""

_GIVE_BACK: Final = """
update jobs set sent_at = null where id = any(%(keys)s::uuid[]) and sent_at = %(now)s
"""
