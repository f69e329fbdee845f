"""The tables, as SQLModel sees them. Their rules (CHECK, UNIQUE, generated columns) stand in the migrations.

Not for reading: a query reads plain SQL. `tests/test_migrations.py` holds these classes and the database equal.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


def _key() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))


def _account_key() -> Any:
    return Field(sa_column=Column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True))


def _day_key() -> Any:
    return Field(sa_column=Column(Date, primary_key=True))


def _text(*, null: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Text, nullable=null))


def _number(precision: int, scale: int, *, null: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Numeric(precision, scale), nullable=null))


def _moment(*, null: bool = False) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=null))


def _json(*, null: bool = False) -> Any:
    return Field(default=None, sa_column=Column(JSONB(none_as_null=null), nullable=null))


class Account(SQLModel, table=True):
    """Who the customer is and what the contract says. What was measured of it stands in AccountObservation."""

    __tablename__ = "accounts"

    id: int = _key()
    external_id: str | None = _text(null=True)
    name: str = _text()
    name_key: str = Field(default=None, sa_column=Column(Text, Computed("account_key(name)", persisted=True)))
    arr: Decimal = _number(14, 2, null=False)
    segment: str = _text()
    industry: str | None = _text(null=True)
    region: str | None = _text(null=True)
    cs_owner: str | None = _text(null=True)
    renewal_date: date | None = None
    status: str = _text()
    churned_on: date | None = None
    origin: str = _text()
    "API or IMPORT, or MOCK until a file or a person tells of it: made-up data may be replaced, what was told may not."
    observed_on: date
    "Day of its newest observation: the pointer that makes today's facts a join by key."
    scored_on: date | None = None
    "Day of its newest health snapshot: likewise."
    score: Decimal | None = _number(4, 1)
    "That snapshot's, as is the bucket: who writes scored_on writes them."
    bucket: str = Field(default="UNKNOWN", sa_column=Column(Text, server_default=text("'UNKNOWN'"), nullable=False))
    version: int = Field(default=1)
    created_at: datetime = _moment()
    updated_at: datetime = _moment()


class AccountObservation(SQLModel, table=True):
    """What was known of an account on a day. Kept for every day, so that any day can be scored."""

    __tablename__ = "account_observations"

    account_id: int = _account_key()
    observed_on: date = _day_key()
    active_users: int | None = None
    seats_purchased: int | None = None
    feature_x_adoption: Decimal | None = _number(5, 4)
    weekly_active_pct: Decimal | None = _number(5, 4)
    time_to_value_days: int | None = None
    tickets_last_30d: int | None = None
    critical_tickets_90d: int | None = None
    sla_breaches_90d: int | None = None
    nps: int | None = None
    nps_on: date | None = None
    "The day the NPS was last told: it goes stale, the other figures do not."
    told_on: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSONB, server_default=text("'{}'"), nullable=False)
    )
    "The days of the other figures that were told before observed_on and are carried on."
    qbr_last_date: date | None = None
    onboarding: bool | None = None
    onboarding_progress: Decimal | None = _number(5, 4)
    expansion_oppty_dollar: Decimal | None = _number(14, 2)
    renewal_risk: str | None = _text(null=True)
    health_score: Decimal | None = _number(4, 1)
    "The customer's own figure."


class DailyMetric(SQLModel, table=True):
    """How an account used the product on one day."""

    __tablename__ = "daily_metrics"

    account_id: int = _account_key()
    day: date = _day_key()
    logins: int | None = None
    events: int | None = None
    feature_x_events: int | None = None
    avg_session_min: Decimal | None = _number(8, 2)
    errors: int | None = None
    ticket_backlog: int | None = None


class ArrEntry(SQLModel, table=True):
    """From this day on the account is worth this much a year."""

    __tablename__ = "arr_history"

    account_id: int = _account_key()
    effective_on: date = _day_key()
    arr: Decimal = _number(14, 2, null=False)


class HealthSnapshot(SQLModel, table=True):
    """An account's health on a day, with all that explains it. One per account and day."""

    __tablename__ = "health_snapshots"

    account_id: int = _account_key()
    day: date = _day_key()
    score: Decimal | None = _number(4, 1)
    bucket: str = _text()
    source: str = _text()
    coverage: Decimal = _number(5, 4, null=False)
    scorecard_version: int
    factors: list[dict[str, Any]] = _json()
    missing: list[dict[str, Any]] = _json()
    signals: list[dict[str, Any]] = _json()
    recommendations: list[dict[str, Any]] = _json()
    computed_at: datetime = _moment()


class Upload(SQLModel, table=True):
    """One file: asked for, received, checked, imported, reported."""

    __tablename__ = "uploads"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    kind: str = _text()
    status: str = _text()
    file_name: str = _text()
    size_bytes: int
    sha256: str | None = _text(null=True)
    "What the client announced."
    content_sha256: str | None = _text(null=True)
    "What arrived."
    dry_run: bool
    policy: str = _text()
    date_order: str | None = _text(null=True)
    column_mapping: dict[str, str] = _json()
    "From the file's header to the column it stands for."
    columns: list[dict[str, Any]] = _json()
    "What each header was taken for: header, column, ignored, date_order."
    rows_total: int | None = None
    rows_done: int = 0
    created_count: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    skipped_count: int = 0
    failed_count: int = 0
    preview: list[dict[str, Any]] = _json()
    duplicate_of: UUID | None = Field(
        default=None, sa_column=Column(Uuid, ForeignKey("uploads.id", ondelete="SET NULL"))
    )
    has_report: bool = False
    outcome: dict[str, Any] | None = _json(null=True)
    "How it is going to end: the data are merged, the error report is not stored yet."
    failure_code: str | None = _text(null=True)
    failure_message: str | None = _text(null=True)
    idempotency_key: str | None = _text(null=True)
    attempts: int = 0
    lease_until: datetime | None = _moment(null=True)
    requested_by: str = _text()
    created_at: datetime = _moment()
    expires_at: datetime = _moment()
    "Until then the form takes the file."
    started_at: datetime | None = _moment(null=True)
    finished_at: datetime | None = _moment(null=True)


class UploadRowError(SQLModel, table=True):
    """One bad cell, or one bad row, of an upload."""

    __tablename__ = "upload_row_errors"

    id: int = _key()
    upload_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("uploads.id", ondelete="CASCADE"), nullable=False))
    line: int
    column_name: str | None = _text(null=True)
    code: str = _text()
    message: str = _text()
    value: str | None = _text(null=True)


class Change(SQLModel, table=True):
    """Who changed what of an account, from where."""

    __tablename__ = "changes"

    id: int = _key()
    account_id: int = Field(sa_column=Column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False))
    at: datetime = _moment()
    actor: str = _text()
    source: str = _text()
    fields: list[dict[str, Any]] = _json()
    "field, before, after."
    upload_id: UUID | None = Field(default=None, sa_column=Column(Uuid, ForeignKey("uploads.id", ondelete="SET NULL")))


class Job(SQLModel, table=True):
    """Work that was asked for and may take a while."""

    __tablename__ = "jobs"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    kind: str = _text()
    status: str = _text()
    input: dict[str, Any] = _json()
    done: int = 0
    total: int | None = None
    changed_buckets: int = 0
    failure_code: str | None = _text(null=True)
    failure_message: str | None = _text(null=True)
    idempotency_key: str | None = _text(null=True)
    requested_by: str = _text()
    created_at: datetime = _moment()
    started_at: datetime | None = _moment(null=True)
    finished_at: datetime | None = _moment(null=True)
    parent_id: UUID | None = Field(default=None, sa_column=Column(Uuid, ForeignKey("jobs.id", ondelete="CASCADE")))
    account_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("accounts.id", ondelete="SET NULL"))
    )
    insight_id: UUID | None = Field(
        default=None, sa_column=Column(Uuid, ForeignKey("insights.id", ondelete="SET NULL"))
    )
    engine: str | None = _text(null=True)
    "Who is to write the insight."
    attempts: int = 0
    "How often a worker has claimed it: tells one claim from a later one."
    lease_until: datetime | None = _moment(null=True)
    next_try_at: datetime | None = _moment(null=True)
    "Not to be tried again before: the provider asked for it, or has failed lately."
    sent_at: datetime | None = _moment(null=True)
    "When its newest message was sent; None: it could not be."
    answered: dict[str, Any] | None = _json(null=True)
    "What else its request was answered, for the same one again."
    expires_at: datetime | None = _moment(null=True)


class Insight(SQLModel, table=True):
    """A verified account or portfolio review, with the facts it was written from."""

    __tablename__ = "insights"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    job_id: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    scope: str = _text()
    account_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    )
    input: dict[str, Any] = _json()
    "Of a portfolio: which accounts, as of when."
    headline: str = _text()
    summary: str = _text()
    findings: list[dict[str, Any]] = _json()
    "text, kind, evidence."
    actions: list[dict[str, Any]] = _json()
    "title, reason, priority, playbook, due_in_days, evidence."
    facts: list[dict[str, Any]] = _json()
    "All that the engine was given."
    facts_hash: str = _text()
    data_as_of: date
    engine: str = _text()
    fallback_reason: str | None = _text(null=True)
    verification: str = _text()
    numbers_found: int
    numbers_verified: int
    sentences_dropped: int
    model: str | None = _text(null=True)
    prompt_version: str | None = _text(null=True)
    "Which text the model was asked with."
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: bool = False
    duration_ms: int = 0
    rating: str | None = _text(null=True)
    rating_comment: str | None = _text(null=True)
    rated_by: str | None = _text(null=True)
    rated_at: datetime | None = _moment(null=True)
    created_at: datetime = _moment()


class ModelCall(SQLModel, table=True):
    """One call of a model, successful or not."""

    __tablename__ = "model_calls"

    id: int = _key()
    at: datetime = _moment()
    job_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    model: str = _text()
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: Decimal | None = _number(12, 6)
    duration_ms: int
    failure_code: str | None = _text(null=True)
    "Why the job did not end well that time; None where it did."


class PortfolioEntry(SQLModel, table=True):
    """What one write added to one cell of today's portfolio: services.portfolio_ledger. Triggers write it, folds do."""

    __tablename__ = "portfolio_ledger"

    facet: str = Field(sa_column=Column(Text, primary_key=True))
    id: int = _key()
    segment: str | None = _text(null=True)
    bucket: str | None = _text(null=True)
    score: Decimal | None = _number(4, 1)
    region: str | None = _text(null=True)
    cs_owner: str | None = _text(null=True)
    renewal_date: date | None = None
    accounts: int
    arr: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    scored: int
    points: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    "The sum of the scores; `weighted`, of ARR times score."
    weighted: Decimal = Field(sa_column=Column(Numeric, nullable=False))


class Event(SQLModel, table=True):
    """Something happened that a polling client may want to hear of. `tx` orders events as their transactions began."""

    __tablename__ = "events"

    id: int = _key()
    tx: int = Field(
        default=None,
        sa_column=Column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"), nullable=False),
    )
    at: datetime = _moment()
    kind: str = _text()
    subject: str = _text()
    "The node's id, as clients know it."


class ApiKey(SQLModel, table=True):
    """A key that somebody may ask with: all but its text, which nobody keeps."""

    __tablename__ = "api_keys"

    prefix: str = Field(sa_column=Column(Text, primary_key=True))
    hash: str = _text()
    name: str = _text()
    role: str = _text()
    idempotency_key: str | None = _text(null=True)
    created_by: str = _text()
    created_at: datetime = _moment()
    expires_at: datetime | None = _moment(null=True)
    last_used_at: datetime | None = _moment(null=True)
    "To the hour."
    revoked_by: str | None = _text(null=True)
    revoked_at: datetime | None = _moment(null=True)


class KeptAnswer(SQLModel, table=True):
    """What a request with an idempotency key was answered, where no row that it made can tell."""

    __tablename__ = "kept_answers"

    id: int = _key()
    idempotency_key: str = _text()
    actor: str = _text()
    at: datetime = _moment()
    input: dict[str, Any] = _json()
    answer: dict[str, Any] = _json()


__all__ = [
    "Account", "AccountObservation", "ApiKey", "ArrEntry", "Change", "DailyMetric", "Event", "HealthSnapshot",
    "Insight", "Job", "KeptAnswer", "ModelCall", "PortfolioEntry", "Upload", "UploadRowError",
]  # fmt: skip
