"""Insights: asked for, read, rated."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types import Info

from graph.context import Context
from graph.inputs import (
    InsightFilter,
    QueueInsightInput,
    QueueInsightsInput,
    QueuePortfolioInsightInput,
    RateInsightInput,
    plain,
)
from graph.selection import asked
from graph.types.insights import Insight, InsightConnection
from graph.types.payloads import QueueInsightPayload, QueueInsightsPayload, RateInsightPayload
from resolvers.payloads import payload
from services import ids, nodes
from services.accounts import insights as service
from services.db.connection import Database
from services.insights import queue as jobs
from services.insights import ratings
from services.insights.queue import Queued

if TYPE_CHECKING:
    from sqlmodel import Session


def insight(info: Info[Context, Any], id: strawberry.ID) -> Insight | None:
    """One insight by its id; null where there is none."""
    ids.uuid(id, ids.INSIGHT)
    context = info.context
    [found] = nodes.get(context.database, [id], {"Insight": asked(info).asks}, context.statement())
    return found


def insights(
    info: Info[Context, Any], filter: InsightFilter | None = None, first: int | None = None, after: str | None = None
) -> InsightConnection:
    """The insights that the filter means, the newest first; 50 a page unless asked otherwise, 100 at most."""
    return service.find(info.context.database, asked(info), plain(filter), info.context.statement())


def queue_insight(info: Info[Context, Any], input: QueueInsightInput) -> QueueInsightPayload:
    """Ask for a review of an account. It is written within seconds: poll the job, or the updates."""

    def queue(session: "Session") -> Queued:
        return jobs.account(
            session, ids.number(input.account_id, ids.ACCOUNT, "accountId"), reuse_if_fresh=input.reuse_if_fresh,
            idempotency_key=input.idempotency_key, **_asker(info.context),
        )  # fmt: skip

    return _queued(info, queue)


def queue_portfolio_insight(info: Info[Context, Any], input: QueuePortfolioInsightInput) -> QueueInsightPayload:
    """Ask for a review of many accounts together."""

    def queue(session: "Session") -> Queued:
        return jobs.portfolio(
            session, plain(input.filter), input.as_of, reuse_if_fresh=input.reuse_if_fresh,
            idempotency_key=input.idempotency_key, **_asker(info.context),
        )  # fmt: skip

    return _queued(info, queue)


def queue_insights(info: Info[Context, Any], input: QueueInsightsInput) -> QueueInsightsPayload:
    """Ask for a review of each of many accounts, those first that ask most for attention; or only what it would take.

    An account whose facts have not changed since its newest insight is answered with that one.
    """
    context = info.context
    known: dict[str, int] = {"matched": 0, "estimated_tokens": 0}

    def write() -> str | None:
        database = context.database
        with database.writing() as session:
            made = jobs.batch(
                session, plain(input.filter), most=input.max, estimate_only=input.estimate_only,
                idempotency_key=input.idempotency_key, **_asker(context),
            )  # fmt: skip
        known.update(matched=made.matched, estimated_tokens=made.estimated_tokens)
        _send(database, context, made.to_send)
        return None if made.job_id is None else ids.of(ids.JOB, made.job_id)

    return payload(info, "job", "InsightBatchJob", write, lambda ask: known[ask.name], others=known)


def rate_insight(info: Info[Context, Any], input: RateInsightInput) -> RateInsightPayload:
    """Say what you think of an insight. The rated ones can be exported as a set to judge engines by."""
    context = info.context

    def write() -> str:
        key = ids.uuid(input.insight_id, ids.INSIGHT, "insightId")
        with context.writing() as session:
            ratings.rate(session, key, input.rating.value, input.comment, actor=context.actor, now=context.now)
        return input.insight_id

    return payload(info, "insight", "Insight", write)


def _queued(info: Info[Context, Any], queue: "Callable[[Session], Queued]") -> Any:
    """The payload of one job: its row is committed before its message is sent."""
    context = info.context
    known: dict[str, object] = {"reused": False}

    def write() -> str:
        database = context.database
        with database.writing() as session:
            queued = queue(session)
        known["reused"] = queued.reused
        _send(database, context, queued.to_send)
        return ids.of(ids.JOB, queued.job_id)

    return payload(info, "job", "InsightJob", write, lambda ask: known[ask.name], others=known)


def _send(database: Database, context: Context, job_ids: Sequence[str]) -> None:
    """Not by `context.database`: what has been committed is ended, however late it is."""
    if job_ids:
        jobs.send(database, context.open_queue(), job_ids)


def _asker(context: Context) -> dict[str, Any]:
    return {"actor": context.actor, "settings": context.settings, "now": context.now}
