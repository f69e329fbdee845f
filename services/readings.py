"""What is known of an account on a day, and what each measure reads from it: an exact fraction, or why there is none.

Pure. Not what a reading is worth: services.health weighs it.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from services.records import record
from services.scorecards import ScorecardMeasure
from services.vocabulary import AccountStatus, MeasureCode, MissingReason, Segment

SESSION_FRESH: Final = timedelta(days=14)
FIGURES: Final = (
    "active_users", "seats_purchased", "feature_x_adoption", "weekly_active_pct", "time_to_value_days",
    "tickets_last_30d", "critical_tickets_90d", "sla_breaches_90d", "nps", "qbr_last_date",
)  # fmt: skip
"What a file or a person tells of an account and the score looks at."


@record(kw_only=True)
class Facts:
    """What is known of an account on a day. None is "no data". Shares are 0..1."""

    segment: Segment
    status: AccountStatus = AccountStatus.ACTIVE
    observed_on: date | None = None
    told_on: Mapping[str, date] = field(default_factory=dict)
    "The days of figures that were told before observed_on and carried on; by the name of the figure."
    active_users: int | None = None
    seats_purchased: int | None = None
    feature_x_adoption: Decimal | None = None
    weekly_active_pct: Decimal | None = None
    time_to_value_days: int | None = None
    tickets_last_30d: int | None = None
    critical_tickets_90d: int | None = None
    sla_breaches_90d: int | None = None
    nps: int | None = None
    nps_on: date | None = None
    qbr_last_date: date | None = None
    onboarding: bool | None = None
    onboarding_progress: Decimal | None = None
    imported_score: Decimal | None = None
    last_metric_on: date | None = None
    "Newest daily row with logins known, on or before the day."
    metric_logins: int | None = None
    "Logins over 30 days; None without a row that knows them."
    session_logins: int | None = None
    "Those of them whose session length is known."
    session_minutes: Decimal | None = None
    "Sum of average minutes * logins over the same rows."

    def told(self, *figures: str) -> date | None:
        """The day that the newest of these figures was told on; None where nothing was told."""
        if self.observed_on is None or not self.told_on:
            return self.observed_on
        return max(self.told_on.get(figure, self.observed_on) for figure in figures)

    @property
    def mostly_told_on(self) -> date | None:
        """The day by which half of the known figures had been told: one told anew makes the others no fresher."""
        if self.observed_on is None or not self.told_on:
            return self.observed_on
        known = [figure for figure in FIGURES if getattr(self, figure) is not None]
        days = sorted(self.told_on.get(figure, self.observed_on) for figure in known)
        return days[(len(days) - 1) // 2] if days else self.observed_on

    @property
    def utilisation(self) -> Decimal | None:
        """Active users over seats; over 1 where more people use it than were paid for."""
        if self.active_users is None or not self.seats_purchased:
            return None
        return _quotient(self.active_users, self.seats_purchased)

    @property
    def in_onboarding(self) -> bool:
        """As the customer's file says; by the account's status where it does not."""
        return self.status is AccountStatus.ONBOARDING if self.onboarding is None else self.onboarding


class Reading(NamedTuple):
    """A measure's value as a fraction (the denominator is above 0), as it is shown, and the day it was told on."""

    numerator: int
    denominator: int
    raw: str
    observed_on: date


Reader = Callable[[Facts, date, ScorecardMeasure], Reading | MissingReason]


def printed(numerator: int, denominator: int) -> str:
    """The fraction with one decimal, half up; neither may be negative.

    >>> printed(1, 3), printed(1, 20), printed(2500, 2)
    ('0.3', '0.1', '1250.0')
    """
    tenths = (20 * numerator + denominator) // (2 * denominator)
    return f"{tenths // 10}.{tenths % 10}"


def _licence_utilisation(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    users, seats = facts.active_users, facts.seats_purchased
    if users is None or not seats:
        return MissingReason.NO_DATA
    told_on = facts.told("active_users", "seats_purchased") or day
    return Reading(users, seats, f"{printed(100 * users, seats)} %", told_on)


def _feature_adoption(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    return _share(facts.feature_x_adoption, facts.told("feature_x_adoption") or day)


def _weekly_active(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    return _share(facts.weekly_active_pct, facts.told("weekly_active_pct") or day)


def _session_minutes(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    """sum(avg * logins) / sum(logins) over 30 days; nothing without a row in 14 days; 0 where nobody logged in."""
    if facts.last_metric_on is None or facts.last_metric_on <= day - SESSION_FRESH:
        return MissingReason.NO_DATA
    if facts.metric_logins == 0:
        return Reading(0, 1, "0.0 minutes", facts.last_metric_on)
    if not facts.session_logins or facts.session_minutes is None:
        return MissingReason.NO_DATA
    minutes, parts = facts.session_minutes.as_integer_ratio()
    parts *= facts.session_logins
    return Reading(minutes, parts, f"{printed(minutes, parts)} minutes", facts.last_metric_on)


def _time_to_value(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    return _count(facts.time_to_value_days, "days", facts.told("time_to_value_days") or day)


def _ticket_rate(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    seats = facts.seats_purchased
    if facts.tickets_last_30d is None or not seats:
        return MissingReason.NO_DATA
    tickets = 100 * facts.tickets_last_30d
    return Reading(tickets, seats, f"{printed(tickets, seats)} per 100 seats", facts.told("tickets_last_30d") or day)


def _critical_tickets(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    return _count(facts.critical_tickets_90d, "tickets", facts.told("critical_tickets_90d") or day)


def _sla_breaches(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    return _count(facts.sla_breaches_90d, "breaches", facts.told("sla_breaches_90d") or day)


def _nps(facts: Facts, day: date, measure: ScorecardMeasure) -> Reading | MissingReason:
    if facts.nps is None:
        return MissingReason.NO_DATA
    asked_on = facts.nps_on or facts.told("nps") or day
    if measure.stale_after_days is not None and (day - asked_on).days > measure.stale_after_days:
        return MissingReason.STALE
    return Reading(facts.nps, 1, f"{facts.nps:+d}", asked_on)


def _qbr_recency(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    last = facts.qbr_last_date
    if facts.segment is Segment.SMB:
        return MissingReason.NOT_APPLICABLE
    if last is None or last > day:
        return MissingReason.NO_DATA
    return _count((day - last).days, "days ago", last)


def _onboarding_progress(facts: Facts, day: date, _: ScorecardMeasure) -> Reading | MissingReason:
    if not facts.in_onboarding:
        return MissingReason.NOT_APPLICABLE
    return _share(facts.onboarding_progress, facts.told("onboarding_progress") or day)


def _share(value: Decimal | None, told_on: date) -> Reading | MissingReason:
    return MissingReason.NO_DATA if value is None else Reading(*_percent(value), told_on)


def _count(value: int | None, unit: str, told_on: date) -> Reading | MissingReason:
    return MissingReason.NO_DATA if value is None else Reading(value, 1, f"{value} {unit}", told_on)


@lru_cache(maxsize=16_384)  # of four decimals there are 10,001
def _percent(share: Decimal) -> tuple[int, int, str]:
    numerator, denominator = share.as_integer_ratio()
    return numerator, denominator, f"{printed(100 * numerator, denominator)} %"


@lru_cache(maxsize=1024)  # one account is asked several times running
def _quotient(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole


READERS: Final[Mapping[MeasureCode, Reader]] = {
    MeasureCode.LICENSE_UTILISATION: _licence_utilisation,
    MeasureCode.FEATURE_ADOPTION: _feature_adoption,
    MeasureCode.WEEKLY_ACTIVE: _weekly_active,
    MeasureCode.SESSION_MINUTES: _session_minutes,
    MeasureCode.TIME_TO_VALUE: _time_to_value,
    MeasureCode.TICKET_RATE: _ticket_rate,
    MeasureCode.CRITICAL_TICKETS: _critical_tickets,
    MeasureCode.SLA_BREACHES: _sla_breaches,
    MeasureCode.NPS: _nps,
    MeasureCode.QBR_RECENCY: _qbr_recency,
    MeasureCode.ONBOARDING_PROGRESS: _onboarding_progress,
}
