"""Accounts for a test, written as the product keeps them: with their history, their observations and their score."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from services import scoring
from services.db.tables import Account, AccountObservation, ArrEntry, DailyMetric

TODAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def account(
    session: Session,
    name: str,
    *,
    arr: str = "1000",
    since: date = TODAY,
    arr_then: Mapping[date, str] | None = None,
    **columns: Any,
) -> int:
    """An account that is a customer since a day; `arr_then` is what it was worth before `arr` holds today."""
    known = {"segment": "SMB", "status": "ACTIVE", "origin": "API", "observed_on": since, **columns}
    one = Account(name=name, arr=Decimal(arr), created_at=NOON, updated_at=NOON, **known)
    session.add(one)
    session.flush()
    history = {since: arr} | ({TODAY: arr} | dict(arr_then) if arr_then else {})
    session.add_all(
        [ArrEntry(account_id=one.id, effective_on=day, arr=Decimal(worth)) for day, worth in history.items()]
    )
    session.flush()
    return one.id


def observation(session: Session, account_id: int, *, day: date = TODAY, **figures: Any) -> None:
    """What was known of the account on a day. Shares and money may be given as text."""
    known = {
        name: Decimal(value) if isinstance(value, str) and name in _DECIMAL else value
        for name, value in figures.items()
    }
    if known.get("nps") is not None:
        known.setdefault("nps_on", day)
    session.add(AccountObservation(account_id=account_id, observed_on=day, **known))
    owner = session.exec(select(Account).where(Account.id == account_id)).one()
    owner.observed_on = max(owner.observed_on, day)
    session.flush()


def metric(session: Session, account_id: int, day: date, **figures: Any) -> None:
    session.add(DailyMetric(account_id=account_id, day=day, **figures))
    session.flush()


def scored(session: Session, day: date = TODAY) -> scoring.Scored:
    """Score everybody as of a day."""
    return scoring.score(session, day, now=NOON, actor="tests")


_DECIMAL = {
    "feature_x_adoption", "weekly_active_pct", "onboarding_progress", "expansion_oppty_dollar", "health_score",
}  # fmt: skip
