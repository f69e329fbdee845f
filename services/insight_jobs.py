"""What can be asked of a job that makes an insight, and of a batch of them, as SQL over the alias of their table."""

from collections.abc import Sequence
from typing import Final

from services import ids
from services.accounts.insights import insight
from services.asks import Ask
from services.db import pages
from services.db.statement import Field, Fields, Statement, document, json_list
from services.job_fields import FINAL, fields

_ENDED: Final = ", ".join(f"'{status}'" for status in FINAL)


def insight_job(asks: Sequence[Ask], statement: Statement, alias: str = "j") -> str:
    """The asked-for document of the job of one insight."""
    return document(asks, {**fields(alias), "attempts": f"{alias}.attempts", "insight": _insight(alias)}, statement)


def batch(asks: Sequence[Ask], statement: Statement) -> str:
    """The asked-for document of the batch `j`. How it goes is told by its jobs, and stored nowhere else."""
    return f"(select {document(asks, _BATCH, statement)} from {_JOBS})"


def _insight(alias: str) -> Field:
    def field(ask: Ask, statement: Statement) -> str:
        return f"(select {insight(ask.asks, statement)} from insights i where i.id = {alias}.insight_id)"

    return field


# One row that looks like a job's, told by the batch's own jobs.
_JOBS: Final = f"""(select c.*, case when c.status in ('PARTIAL', 'FAILED') then c.worst end as failure_code,
    case when c.status in ('PARTIAL', 'FAILED') then
      (c.total - c.succeeded) || ' of ' || c.total || ' insights could not be made: each job says why'
    end as failure_message
  from (select b.*, case when b.total > b.done then case when b.started_at is null then 'QUEUED' else 'RUNNING' end
      when b.total = b.succeeded then 'SUCCEEDED' when b.succeeded = 0 then 'FAILED' else 'PARTIAL' end as status,
      case when b.total = b.done then b.ended_at end as finished_at
    from (select j.id, j.created_at, count(*) as total, count(*) filter (where a.status in ({_ENDED})) as done,
        count(*) filter (where a.status = 'SUCCEEDED') as succeeded, min(a.started_at) as started_at,
        max(a.finished_at) as ended_at, mode() within group (order by a.failure_code) as worst
      from jobs a where a.parent_id = j.id) b) c) k"""


def _jobs(ask: Ask, statement: Statement) -> str:
    where = "c.parent_id = j.id"
    if ask.args.get("after") is not None:
        where += f" and c.id > {statement.bind(str(ids.uuid(ask.args['after'], ids.JOB, 'after')))}::uuid"
    page = f"(select * from jobs c where {where} order by c.id limit {pages.size(ask.args, 50)}) c"
    return json_list(page, insight_job(ask.asks, statement, "c"), "c.id")


_BATCH: Final[Fields] = {**fields("k"), "jobs": _jobs}
