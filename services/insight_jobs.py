"""What can be asked of a job that makes an insight, and of a batch of them, as SQL over the alias of their table."""

from collections.abc import Sequence
from typing import Final

from services import ids
from services.accounts.insights import insight
from services.asks import Ask
from services.db import pages
from services.db.statement import Field, Fields, Statement, document, json_list, moment
from services.job_fields import FINAL, RETRYABLE, fields, poll_after_ms, progress

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


_STATUS: Final = """case when k.total > k.done then case when k.started_at is null then 'QUEUED' else 'RUNNING' end
  when k.total = k.succeeded then 'SUCCEEDED' when k.succeeded = 0 then 'FAILED' else 'PARTIAL' end"""
_JOBS: Final = f"""(select count(*) as total, count(*) filter (where c.status in ({_ENDED})) as done,
    count(*) filter (where c.status = 'SUCCEEDED') as succeeded, min(c.started_at) as started_at,
    max(c.finished_at) as finished_at, mode() within group (order by c.failure_code) as failure_code,
    j.created_at
  from jobs c where c.parent_id = j.id) k"""


def _failure(ask: Ask, statement: Statement) -> str:
    codes = ", ".join(f"'{code}'" for code in RETRYABLE)
    told: Fields = {
        "code": "k.failure_code",
        "message": "(k.total - k.succeeded) || ' of ' || k.total || ' insights could not be made: each job says why'",
        "retryable": f"k.failure_code in ({codes})",
    }
    return f"case when {_STATUS} in ('PARTIAL', 'FAILED') then {document(ask.asks, told, statement)} end"


def _jobs(ask: Ask, statement: Statement) -> str:
    where = "c.parent_id = j.id"
    if ask.args.get("after") is not None:
        where += f" and c.id > {statement.bind(str(ids.uuid(ask.args['after'], ids.JOB, 'after')))}::uuid"
    page = f"(select * from jobs c where {where} order by c.id limit {pages.size(ask.args, 50)}) c"
    return json_list(page, insight_job(ask.asks, statement, "c"), "c.id")


_BATCH: Final[Fields] = {
    "id": "'job_' || replace(j.id::text, '-', '')",
    "status": _STATUS,
    "created_at": moment("j.created_at"),
    "started_at": moment("k.started_at"),
    "finished_at": f"case when k.total = k.done then {moment('k.finished_at')} end",
    "progress": progress("k.done", "k.total"),
    "poll_after_ms": poll_after_ms(f"({_STATUS})", FINAL, "k"),
    "failure": _failure,
    "jobs": _jobs,
}
