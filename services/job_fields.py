"""What can be asked of work that takes a while, as SQL: jobs, and what uploads have in common with them."""

from collections.abc import Sequence
from typing import Final

from services.asks import Ask
from services.db.statement import Field, Fields, Statement, document, moment
from services.vocabulary import JobFailureCode

FINAL: Final = ("SUCCEEDED", "PARTIAL", "FAILED", "CANCELLED", "EXPIRED")
RETRYABLE: Final = (
    JobFailureCode.BUDGET_EXHAUSTED,
    JobFailureCode.PROVIDER_RATE_LIMITED,
    JobFailureCode.PROVIDER_UNAVAILABLE,
    JobFailureCode.TIMED_OUT,
    JobFailureCode.INTERNAL,
)
"Failures after which the same request may succeed."


def progress(done: str, total: str) -> Field:
    """How far the work is, in rows or accounts; the total is null until it is known."""
    return lambda ask, statement: document(ask.asks, {"done": done, "total": total}, statement)


def poll_after_ms(status: str, final: Sequence[str], alias: str) -> str:
    """When to ask again: the longer it takes the later, from a quarter of a second to five; null at the end."""
    ends = ", ".join(f"'{one}'" for one in final)
    age = f"extract(epoch from now() - coalesce({alias}.started_at, {alias}.created_at)) * 1000"
    return f"case when {status} in ({ends}) then null else least(5000, greatest(250, {age} / 4))::int end"


def failure(alias: str) -> Field:
    """Why it failed; null where it did not."""
    codes = ", ".join(f"'{code}'" for code in RETRYABLE)
    fields: Fields = {
        "code": f"{alias}.failure_code",
        "message": f"{alias}.failure_message",
        "retryable": f"{alias}.failure_code in ({codes})",
    }

    def field(ask: Ask, statement: Statement) -> str:
        return f"case when {alias}.failure_code is not null then {document(ask.asks, fields, statement)} end"

    return field


def fields(alias: str) -> Fields:
    """What every job has, over the alias of its table."""
    return {
        "id": f"'job_' || replace({alias}.id::text, '-', '')",
        "status": f"{alias}.status",
        "created_at": moment(f"{alias}.created_at"),
        "started_at": moment(f"{alias}.started_at"),
        "finished_at": moment(f"{alias}.finished_at"),
        "progress": progress(f"{alias}.done", f"{alias}.total"),
        "poll_after_ms": poll_after_ms(f"{alias}.status", FINAL, alias),
        "failure": failure(alias),
    }


RECOMPUTE: Final[Fields] = {**fields("j"), "changed_buckets": "j.changed_buckets"}
