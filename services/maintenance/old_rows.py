"""Rows that nobody reads any more, let go by age: docs/decisions/0017 says why after how long. Nothing unfinished."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.db.connection import Database
from services.job_fields import FINAL
from services.ports import Clock

EVENTS: Final = timedelta(days=90)
JOBS: Final = timedelta(days=90)
UPLOAD_ROW_ERRORS: Final = timedelta(days=90)
KEPT_ANSWERS: Final = timedelta(days=90)
MODEL_CALLS: Final = timedelta(days=400)
BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, by table (the jobs of a batch go with it, uncounted), and whether no old one is left."""

    events: int
    jobs: int
    kept_answers: int
    model_calls: int
    upload_row_errors: int
    finished: bool


def prune(database: Database, *, clock: Clock, within: timedelta) -> Pruned:
    """Delete what is old enough, in batches, and begin none once `within` is over; the next run goes on.

    Raises Unavailable where the database does not answer; what went before that is gone.
    """
    now = clock()
    gone = dict.fromkeys(_OLD, 0)
    for table, (statement, age) in _OLD.items():
        batch = BATCH
        while batch == BATCH:
            if clock() >= now + within:
                return Pruned(**gone, finished=False)
            with database.writing() as session:
                values = {"before": now - age, "batch": BATCH, "final": list(FINAL)}
                batch = session.connection().exec_driver_sql(statement, values).rowcount
            gone[table] += batch
    return Pruned(**gone, finished=True)


_EVENTS: Final = """
with old as materialized (
  select id from events where at < %(before)s order by at limit %(batch)s for update skip locked
)
delete from events using old where events.id = old.id
"""

# A batch has no end of its own: it goes whole, by the cascade, once none of its jobs is unfinished or young.
_JOBS: Final = """
with old as materialized (
  select j.id from jobs j
  where j.parent_id is null and case when j.kind = 'INSIGHT_BATCH'
    then j.created_at < %(before)s and not exists (
      select from jobs c where c.parent_id = j.id and (c.finished_at is null or c.finished_at >= %(before)s)
    )
    else j.status = any(%(final)s) and j.finished_at < %(before)s end
  limit %(batch)s for update skip locked
)
delete from jobs using old where jobs.id = old.id
"""

_MODEL_CALLS: Final = """
with old as materialized (
  select id from model_calls where at < %(before)s order by at limit %(batch)s for update skip locked
)
delete from model_calls using old where model_calls.id = old.id
"""

_KEPT_ANSWERS: Final = """
with old as materialized (
  select id from kept_answers where at < %(before)s order by at limit %(batch)s for update skip locked
)
delete from kept_answers using old where kept_answers.id = old.id
"""

_UPLOAD_ROW_ERRORS: Final = """
with old as materialized (
  select e.id from uploads u join upload_row_errors e on e.upload_id = u.id
  where u.finished_at < %(before)s
  limit %(batch)s for update of e skip locked
)
delete from upload_row_errors e using old where e.id = old.id
"""

_OLD: Final = {
    "events": (_EVENTS, EVENTS),
    "jobs": (_JOBS, JOBS),
    "kept_answers": (_KEPT_ANSWERS, KEPT_ANSWERS),
    "model_calls": (_MODEL_CALLS, MODEL_CALLS),
    "upload_row_errors": (_UPLOAD_ROW_ERRORS, UPLOAD_ROW_ERRORS),
}
