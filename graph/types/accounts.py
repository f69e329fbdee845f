"""Accounts and what hangs on one account."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from graph.types.common import FieldChange, Money, Node, PageInfo
from graph.types.health import Health, HealthSnapshotConnection
from graph.types.insights import Insight, InsightConnection
from graph.types.playbooks import PlaybookRecommendation, RiskSignal
from graph.words import AFTER, FIRST, FROM, TO, answered, described, told
from services import vocabulary as words


@described
class DailyMetric:
    """How an account used the product on one day. Null is no data, never zero."""

    day: date = told("The day.", name="date")
    logins: int | None = told("Logins.")
    events: int | None = told("Events of any kind.")
    feature_events: int | None = told("Events of the feature that adoption is measured by.")
    avg_session_minutes: Decimal | None = told("Average minutes a session.")
    errors: int | None = told("Errors that users met.")
    ticket_backlog: int | None = told("Open tickets at the end of the day.")


@described
class DailyMetricEdge:
    """A day and where it lies."""

    cursor: str = told("To go on from here.")
    node: DailyMetric = told("The day.")


@described
class DailyMetricConnection:
    """Days, the newest first."""

    edges: list[DailyMetricEdge] = told("The page's days with their cursors.")
    nodes: list[DailyMetric] = told("The page's days.")
    page_info: PageInfo = told("Where the page lies.")


@described
class MetricsSummary:
    """How an account used the product over the last days."""

    days: int = told("How many days are summed up.")
    days_with_data: int = told("How many of them have data.")
    logins: int = told("Logins over these days.")
    logins_change_pct: Decimal | None = told("Per cent against the same number of days before; null without any.")
    avg_session_minutes: Decimal | None = told("Average minutes a session, weighted by logins.")
    last_active_on: date | None = told("The last day with a login, however long ago.")


@described
class Change:
    """Who changed what of an account, and from where."""

    id: strawberry.ID = told("Opaque.")
    at: datetime = told("When.")
    actor: str = told("Who.")
    source: words.ChangeSource = told("From where.")
    fields: list[FieldChange] = told("What changed.")


@described
class ChangeEdge:
    """A change and where it lies."""

    cursor: str = told("To go on from here.")
    node: Change = told("The change.")


@described
class ChangeConnection:
    """Changes, the newest first."""

    edges: list[ChangeEdge] = told("The page's changes with their cursors.")
    nodes: list[Change] = told("The page's changes.")
    page_info: PageInfo = told("Where the page lies.")


@described
class Account(Node):
    """A paying customer."""

    id: strawberry.ID = told("Opaque.")
    external_id: str | None = told("Its key in the system that it comes from.")
    name: str = told("Its name.")
    segment: words.Segment = told("How large it is.")
    industry: str | None = told("What it does.")
    region: str | None = told("Where it is.")
    owner: str | None = told("The customer success manager who looks after it.")
    arr: Money = told("Annual recurring revenue.")
    renewal_date: date | None = told("When the contract ends.")
    days_to_renewal: int | None = told("Days until then; negative when overdue.")
    renewal_window: words.RenewalWindow = told("How far off the renewal is.")
    status: words.AccountStatus = told("Where it stands in its life.")
    seats_purchased: int | None = told("Seats that it pays for.")
    active_users: int | None = told("People who use the product; may exceed the seats.")
    nps: int | None = told("Net Promoter Score, -100 to 100.")
    version: int = told("Increases at each change; send it back as expectedVersion.")
    created_at: datetime = told("When it was first stored.")
    updated_at: datetime = told("When it last changed.")
    health: Health = told("How well it is, and why.")
    risk_signals: list[RiskSignal] = told("What to know of it, the gravest first.")
    latest_insight: Insight | None = told("Its newest review; null while nobody has asked for one.")

    @answered
    def health_history(
        self,
        from_: FROM = None,
        to: TO = None,
        granularity: words.Granularity = words.Granularity.DAY,
        first: FIRST = 90,
        after: AFTER = None,
    ) -> HealthSnapshotConnection:
        """Its snapshots between two days, both included, the newest first; the last one of each week or month."""
        raise NotImplementedError

    @answered
    def daily_metrics(
        self, from_: FROM = None, to: TO = None, first: FIRST = 90, after: AFTER = None
    ) -> DailyMetricConnection:
        """How it used the product between two days, both included, the newest first."""
        raise NotImplementedError

    @answered
    def metrics_summary(self, days: int = 30) -> MetricsSummary:
        """How it used the product over the last 1 to 365 days."""
        raise NotImplementedError

    @answered
    def recommended_playbooks(self, first: FIRST = 3) -> list[PlaybookRecommendation]:
        """What to do, the most relevant first. Every account below GREEN that has data gets at least one."""
        raise NotImplementedError

    @answered
    def insights(self, first: FIRST = 10, after: AFTER = None) -> InsightConnection:
        """Its reviews, the newest first."""
        raise NotImplementedError

    @answered
    def changes(self, first: FIRST = 20, after: AFTER = None) -> ChangeConnection:
        """Who changed what, the newest first."""
        raise NotImplementedError


@described
class AccountEdge:
    """An account and where it lies."""

    cursor: str = told("To go on from here.")
    node: Account = told("The account.")


@described
class AccountConnection:
    """Accounts in the order that was asked for."""

    edges: list[AccountEdge] = told("The page's accounts with their cursors.")
    nodes: list[Account] = told("The page's accounts.")
    page_info: PageInfo = told("Where the page lies.")
    total_count: int = told("How many accounts the filter means. Counted only when selected.")
    total_arr: Money = told("What they are worth together. Summed only when selected.")
