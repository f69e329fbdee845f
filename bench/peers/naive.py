"""Strawberry and SQLModel as their tutorials put them together: ORM objects, lists that load when read, no caches.

So each account costs a query for each of its relationships, and each comes whole. It answers Q2, in our words.
"""

import datetime
import decimal
import enum
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import strawberry
from sqlalchemy import Column, collate
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, Session, SQLModel, col, create_engine, select
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import SchemaExtension

from services.scorecards import DEFAULT

LABELS = {measure.measure.value: measure.label for measure in DEFAULT.measures}


class Base(SQLModel, registry=registry()):
    """Apart from the product's own classes of the same tables."""


class Account(Base, table=True):
    __tablename__ = "accounts"

    id: int = Field(primary_key=True)
    external_id: str | None
    name: str
    name_key: str
    arr: decimal.Decimal
    segment: str
    industry: str | None
    region: str | None
    cs_owner: str | None
    renewal_date: datetime.date | None
    status: str
    scored_on: datetime.date | None
    snapshots: list["HealthSnapshot"] = Relationship()
    daily_metrics: list["DailyMetric"] = Relationship()


class HealthSnapshot(Base, table=True):
    __tablename__ = "health_snapshots"

    account_id: int = Field(primary_key=True, foreign_key="accounts.id")
    day: datetime.date = Field(primary_key=True)
    score: decimal.Decimal | None
    bucket: str
    coverage: decimal.Decimal
    factors: list[dict[str, str]] = Field(sa_column=Column(JSONB))


class DailyMetric(Base, table=True):
    __tablename__ = "daily_metrics"

    account_id: int = Field(primary_key=True, foreign_key="accounts.id")
    day: datetime.date = Field(primary_key=True)
    logins: int | None
    events: int | None
    feature_x_events: int | None
    avg_session_min: decimal.Decimal | None
    errors: int | None
    ticket_backlog: int | None


@strawberry.type
class FactorType:
    measure: str
    label: str
    raw_value: str
    sub_score: decimal.Decimal
    weight: decimal.Decimal
    effective_weight: decimal.Decimal
    contribution: decimal.Decimal
    points_lost: decimal.Decimal
    direction: str
    observed_on: datetime.date | None


@strawberry.type
class HealthType:
    score: decimal.Decimal | None
    bucket: str
    coverage: decimal.Decimal
    as_of: datetime.date
    factors: list[FactorType]


@strawberry.type
class DailyMetricType:
    date: datetime.date
    logins: int | None
    events: int | None
    feature_events: int | None
    avg_session_minutes: decimal.Decimal | None
    errors: int | None
    ticket_backlog: int | None


@strawberry.type
class DailyMetricConnection:
    nodes: list[DailyMetricType]


@strawberry.type
class AccountType:
    id: strawberry.ID
    name: str
    row: strawberry.Private[Account]

    @strawberry.field
    def health(self) -> HealthType:
        snapshot = max(self.row.snapshots, key=lambda one: one.day, default=None)
        if snapshot is None:
            today = datetime.datetime.now(datetime.UTC).date()
            return HealthType(score=None, bucket="UNKNOWN", coverage=decimal.Decimal("0.0000"), as_of=today, factors=[])
        return HealthType(
            score=snapshot.score,
            bucket=snapshot.bucket,
            coverage=snapshot.coverage,
            as_of=snapshot.day,
            factors=[_factor(factor) for factor in snapshot.factors],
        )

    @strawberry.field
    def daily_metrics(self, first: int = 90) -> DailyMetricConnection:
        days = sorted(self.row.daily_metrics, key=lambda one: one.day, reverse=True)[:first]
        return DailyMetricConnection(nodes=[_metric(day) for day in days])


def _factor(factor: dict[str, Any]) -> FactorType:
    return FactorType(
        measure=factor["measure"],
        label=LABELS[factor["measure"]],
        raw_value=factor["raw_value"],
        sub_score=decimal.Decimal(factor["sub_score"]),
        weight=decimal.Decimal(factor["weight"]),
        effective_weight=decimal.Decimal(factor["effective_weight"]),
        contribution=decimal.Decimal(factor["contribution"]),
        points_lost=decimal.Decimal(factor["points_lost"]),
        direction=factor["direction"],
        observed_on=datetime.date.fromisoformat(factor["observed_on"]) if factor["observed_on"] else None,
    )


def _metric(day: DailyMetric) -> DailyMetricType:
    return DailyMetricType(
        date=day.day,
        logins=day.logins,
        events=day.events,
        feature_events=day.feature_x_events,
        avg_session_minutes=day.avg_session_min,
        errors=day.errors,
        ticket_backlog=day.ticket_backlog,
    )


@strawberry.type
class AccountConnection:
    nodes: list[AccountType]


@strawberry.enum
class AccountOrderField(enum.Enum):
    NAME = "NAME"


@strawberry.input
class AccountOrder:
    field: AccountOrderField


@strawberry.type
class Query:
    @strawberry.field
    def accounts(self, info: strawberry.Info, order_by: list[AccountOrder], first: int = 50) -> AccountConnection:
        session: Session = info.context["session"]
        columns = {AccountOrderField.NAME: collate(col(Account.name_key), "C")}
        rows = session.exec(
            select(Account)
            .where(Account.status != "CHURNED")
            .order_by(*(columns[one.field] for one in order_by), col(Account.id))
            .limit(first)
        ).all()
        return AccountConnection(
            nodes=[AccountType(id=strawberry.ID(f"acc_{row.id}"), name=row.name, row=row) for row in rows]
        )


@contextmanager
def application(url: str) -> Iterator[Starlette]:
    """Answers POST /graphql, each operation with a session of its own; the connections are closed at the end."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))

    class WithSession(SchemaExtension):
        def on_operation(self) -> Iterator[None]:
            with Session(engine) as session:
                self.execution_context.context["session"] = session
                yield

    schema = strawberry.Schema(Query, extensions=[WithSession])
    yield Starlette(routes=[Route("/graphql", GraphQL[dict[str, Any], None](schema))])
    engine.dispose()
