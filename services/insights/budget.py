"""The tokens that a day's insights may take: what is used, what is promised, and the refusal where no more is left.

A day is a day in UTC. Rules take no tokens.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from services.db.connection import Database
from services.errors import Rejected
from services.ports import Call
from services.settings import Settings
from services.vocabulary import InsightEngine

if TYPE_CHECKING:
    from sqlmodel import Session

log = logging.getLogger(__name__)

USUAL: Final = 6_000
"Tokens of one insight, prompt and answer, until a hundred have been measured."
LOCK: Final = 7274658
"Advisory lock of whoever promises tokens, so that two requests do not promise the same ones."


def used(database: Database, now: datetime) -> int:
    """Tokens used since midnight UTC, by failed calls too."""
    tokens: int = database.read(f"select {_USED}", {"midnight": _midnight(now)})
    return tokens


def tell(session: "Session", calls: Sequence[Call], settings: Settings, *, now: datetime) -> None:
    """Log a line a call, with the share of the day's tokens that is used: docs/architecture.md lists who reads it."""
    today: int = session.connection().exec_driver_sql(f"select {_USED}", {"midnight": _midnight(now)}).scalar_one()
    allowed = settings.insight_tokens_per_day
    figures = {
        "tokens_today": today, "tokens_per_day": allowed, "budget_used": round(today / allowed, 4) if allowed else 1.0,
    }  # fmt: skip
    for call in calls:
        tokens = call.prompt_tokens + call.completion_tokens
        log.info("model called", extra={"model": call.model, "tokens": tokens, "ms": call.duration_ms, **figures})


def resets_at(now: datetime) -> datetime:
    """The next midnight UTC."""
    return _midnight(now) + timedelta(days=1)


def estimate(session: "Session", insights: int, settings: Settings) -> int:
    """Tokens that so many insights will take about: by the last hundred that this model wrote."""
    if settings.insight_engine is InsightEngine.RULES:
        return 0
    each: int = session.connection().exec_driver_sql(_EACH, {"model": settings.openai_model}).scalar_one()
    return insights * each


def promise(session: "Session", insights: int, settings: Settings, *, now: datetime) -> None:
    """Make sure that the day's tokens suffice for so many insights more, beside those that wait already.

    Raises Rejected BUDGET_EXHAUSTED where they do not.
    """
    if settings.insight_engine is InsightEngine.RULES:
        return
    session.connection().exec_driver_sql("select pg_advisory_xact_lock(%s)", (LOCK,))
    tokens, waiting = session.connection().exec_driver_sql(_PROMISED, {"midnight": _midnight(now)}).one()
    needed = estimate(session, insights + waiting, settings)
    if tokens + needed > settings.insight_tokens_per_day:
        raise Rejected(
            "BUDGET_EXHAUSTED",
            f"the day's {settings.insight_tokens_per_day:,} tokens do not suffice: {tokens:,} are used and about"
            f" {needed:,} would be; the count begins anew at {resets_at(now):%Y-%m-%d %H:%M} UTC",
        )


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)


_USED: Final = """(select coalesce(sum(prompt_tokens + completion_tokens), 0)::bigint
  from model_calls where at >= %(midnight)s)"""
_PROMISED: Final = f"""select {_USED},
  (select count(*) from jobs where kind = 'INSIGHT' and status in ('QUEUED', 'RUNNING') and engine = 'OPENAI')"""
_EACH: Final = f"""select coalesce(avg(tokens), {USUAL})::int from (
  select prompt_tokens + completion_tokens as tokens from insights
  where model is not null and model like %(model)s || '%%' order by created_at desc limit 100
) i"""
