"""Risk signals: what a CSM should know of an account on a day, each with its evidence and the day it began. Pure.

Not health: a signal never moves the score. Thresholds are this product's own; docs/signals.md lists them.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from services.health import SILENT_BELOW, Facts, Health
from services.records import record
from services.renewals import window
from services.vocabulary import (
    EvidenceSource,
    HealthBucket,
    HealthSource,
    MeasureCode,
    MissingReason,
    RenewalWindow,
    RiskLevel,
    RiskSignalCode,
    Segment,
)

LOW_UTILISATION_BELOW: Final = Decimal("0.50")
VERY_LOW_UTILISATION_BELOW: Final = Decimal("0.30")
USAGE_DROP_FROM: Final = Decimal(30)
STEEP_USAGE_DROP_FROM: Final = Decimal(60)
FEWEST_LOGINS_TO_COMPARE: Final = 10
CRITICAL_TICKETS_FROM: Final = 2
MANY_CRITICAL_TICKETS_FROM: Final = 4
SLA_BREACHES_FROM: Final = 2
DETRACTOR_BELOW: Final = 0
ANGRY_UNTIL: Final = -50
QBR_OVERDUE_AFTER: Final = timedelta(days=120)
ONBOARDING_STALLED_AFTER: Final = timedelta(days=90)
ONBOARDING_LOST_AFTER: Final = timedelta(days=180)
SCORE_DROP_FROM: Final = Decimal(10)
STEEP_SCORE_DROP_FROM: Final = Decimal(20)
ARR_MOVED_FROM: Final = Decimal(5)
STALE_AFTER: Final = timedelta(days=45)
SOON: Final = frozenset({RenewalWindow.D0_30, RenewalWindow.D31_60, RenewalWindow.D61_90})


@record()
class Evidence:
    """A fact that a signal rests on, as it stood when the signal was raised."""

    key: str
    label: str
    value: str
    unit: str | None
    observed_on: date
    source: EvidenceSource


@record()
class Signal:
    code: RiskSignalCode
    severity: RiskLevel
    since: date
    evidence: tuple[Evidence, ...]


@record(kw_only=True)
class Situation:
    """All that the signals look at: the facts, the health made of them, and what lies around both."""

    day: date
    facts: Facts
    health: Health
    arr: Decimal
    arr_a_year_ago: Decimal | None = None
    "None where the ARR history does not reach back that far."
    customer_since: date | None = None
    renewal_date: date | None = None
    renewal_risk: RiskLevel | None = None
    "The customer's own judgement, from the file."
    expansion: Decimal | None = None
    logins_before: int | None = None
    "Logins over the 30 days before the last 30; facts.metric_logins has the last 30."
    score_before: Decimal | None = None
    "Score of the snapshot 30 days back."
    since: Mapping[RiskSignalCode, date] | None = None
    "Signals of the snapshot before, and when each began."


def signals(situation: Situation) -> tuple[Signal, ...]:
    """Every signal that holds on the day, the gravest first. A signal that held before keeps its since-date."""
    raised = [signal for rule in _RULES if (signal := rule(situation)) is not None]
    if len(raised) > 1:
        raised.sort(key=_by_gravity)
    return tuple(raised)


_GRAVITY: Final = {level: gravity for gravity, level in enumerate(RiskLevel)}


def _by_gravity(signal: Signal) -> int:
    return -_GRAVITY[signal.severity]


def _raise(
    s: Situation, code: RiskSignalCode, severity: RiskLevel, *evidence: Evidence, since: date | None = None
) -> Signal:
    """`since` where the facts tell when it began; else since the snapshot that first had it, or the day itself."""
    earlier = (s.since or {}).get(code)
    return Signal(code, severity, since or earlier or s.day, evidence)


def _fact(s: Situation, key: str, label: str, value: object, unit: str | None = None) -> Evidence:
    return Evidence(key, label, str(value), unit, s.facts.told(key) or s.day, EvidenceSource.ACCOUNT)


def _usage(s: Situation, key: str, label: str, value: object, unit: str | None = None) -> Evidence:
    return Evidence(key, label, str(value), unit, s.facts.last_metric_on or s.day, EvidenceSource.DAILY_METRIC)


def _score(s: Situation, key: str, label: str, value: object) -> Evidence:
    return Evidence(key, label, str(value), "points", s.day, EvidenceSource.HEALTH_FACTOR)


def _utilisation(s: Situation, used: Decimal) -> tuple[Evidence, ...]:
    return (
        _fact(s, "utilisation", "Licence utilisation", _one_decimal(used * 100), "%"),
        _fact(s, "active_users", "Active users", s.facts.active_users, "users"),
        _fact(s, "seats_purchased", "Seats purchased", s.facts.seats_purchased, "seats"),
    )


def _silent_customer(s: Situation) -> Signal | None:
    used = s.facts.utilisation
    if used is not None and used < SILENT_BELOW:
        return _raise(s, RiskSignalCode.SILENT_CUSTOMER, RiskLevel.HIGH, *_utilisation(s, used))
    if s.facts.metric_logins == 0:
        evidence = _usage(s, "logins_30d", "Logins in 30 days", 0, "logins")
        return _raise(s, RiskSignalCode.SILENT_CUSTOMER, RiskLevel.HIGH, evidence)
    return None


def _low_utilisation(s: Situation) -> Signal | None:
    used = s.facts.utilisation
    if used is None or not SILENT_BELOW <= used < LOW_UTILISATION_BELOW:
        return None
    severity = RiskLevel.HIGH if used < VERY_LOW_UTILISATION_BELOW else RiskLevel.MEDIUM
    return _raise(s, RiskSignalCode.LOW_UTILISATION, severity, *_utilisation(s, used))


def _usage_drop(s: Situation) -> Signal | None:
    now, before = s.facts.metric_logins, s.logins_before
    if now is None or before is None or before < FEWEST_LOGINS_TO_COMPARE:
        return None
    drop = Decimal(before - now) * 100 / before
    if drop < USAGE_DROP_FROM:
        return None
    severity = RiskLevel.HIGH if drop >= STEEP_USAGE_DROP_FROM else RiskLevel.MEDIUM
    return _raise(
        s, RiskSignalCode.USAGE_DROP, severity,
        _usage(s, "logins_30d", "Logins in 30 days", now, "logins"),
        _usage(s, "logins_before", "Logins in the 30 days before", before, "logins"),
        _usage(s, "logins_change", "Change", _one_decimal(-drop), "%"),
    )  # fmt: skip


def _critical_support(s: Situation) -> Signal | None:
    tickets, breaches = s.facts.critical_tickets_90d or 0, s.facts.sla_breaches_90d or 0
    if tickets < CRITICAL_TICKETS_FROM and breaches < SLA_BREACHES_FROM:
        return None
    severity = RiskLevel.HIGH if tickets >= MANY_CRITICAL_TICKETS_FROM or (tickets and breaches) else RiskLevel.MEDIUM
    return _raise(
        s, RiskSignalCode.CRITICAL_SUPPORT, severity,
        _fact(s, "critical_tickets_90d", "Critical tickets in 90 days", tickets, "tickets"),
        _fact(s, "sla_breaches_90d", "SLA breaches in 90 days", breaches, "breaches"),
    )  # fmt: skip


def _detractor(s: Situation) -> Signal | None:
    if s.facts.nps is None or s.facts.nps >= DETRACTOR_BELOW:
        return None
    if any(gap.measure is MeasureCode.NPS and gap.reason is MissingReason.STALE for gap in s.health.missing):
        return None
    severity = RiskLevel.HIGH if s.facts.nps <= ANGRY_UNTIL else RiskLevel.MEDIUM
    asked_on = s.facts.nps_on or s.facts.observed_on or s.day
    evidence = Evidence("nps", "Net Promoter Score", f"{s.facts.nps:+d}", None, asked_on, EvidenceSource.ACCOUNT)
    return _raise(s, RiskSignalCode.DETRACTOR, severity, evidence)


def _qbr_overdue(s: Situation) -> Signal | None:
    last = s.facts.qbr_last_date
    if s.facts.segment is Segment.SMB or last is None or s.day - last <= QBR_OVERDUE_AFTER:
        return None
    evidence = _fact(s, "qbr_last_date", "Last business review", last)
    since = last + QBR_OVERDUE_AFTER + timedelta(days=1)
    return _raise(s, RiskSignalCode.QBR_OVERDUE, RiskLevel.MEDIUM, evidence, since=since)


def _onboarding_stalled(s: Situation) -> Signal | None:
    if not s.facts.in_onboarding or s.customer_since is None or s.day - s.customer_since <= ONBOARDING_STALLED_AFTER:
        return None
    severity = RiskLevel.HIGH if s.day - s.customer_since > ONBOARDING_LOST_AFTER else RiskLevel.MEDIUM
    evidence = [_fact(s, "customer_since", "Customer since", s.customer_since)]
    if s.facts.onboarding_progress is not None:
        done = _one_decimal(s.facts.onboarding_progress * 100)
        evidence.append(_fact(s, "onboarding_progress", "Onboarding done", done, "%"))
    since = s.customer_since + ONBOARDING_STALLED_AFTER + timedelta(days=1)
    return _raise(s, RiskSignalCode.ONBOARDING_STALLED, severity, *evidence, since=since)


def _renewal_at_risk(s: Situation) -> Signal | None:
    ahead = window(s.renewal_date, s.day)
    unwell = s.health.bucket in (HealthBucket.RED, HealthBucket.AMBER)
    doubted = s.renewal_risk is RiskLevel.HIGH
    if ahead not in SOON or not (unwell or doubted):
        return None
    grave = s.health.bucket is HealthBucket.RED or doubted or ahead is RenewalWindow.D0_30
    evidence = [_fact(s, "renewal_date", "Renewal", s.renewal_date)]
    if s.health.score is not None:
        evidence.append(_score(s, "health_score", "Health score", s.health.score))
    if s.renewal_risk is not None:
        evidence.append(_fact(s, "renewal_risk", "Renewal risk in your own words", s.renewal_risk.value))
    return _raise(s, RiskSignalCode.RENEWAL_AT_RISK, RiskLevel.HIGH if grave else RiskLevel.MEDIUM, *evidence)


def _renewal_overdue(s: Situation) -> Signal | None:
    if s.renewal_date is None or window(s.renewal_date, s.day) is not RenewalWindow.OVERDUE:
        return None
    evidence = _fact(s, "renewal_date", "Renewal", s.renewal_date)
    since = s.renewal_date + timedelta(days=1)
    return _raise(s, RiskSignalCode.RENEWAL_OVERDUE, RiskLevel.HIGH, evidence, since=since)


def _score_drop(s: Situation) -> Signal | None:
    if s.health.score is None or s.score_before is None or s.score_before - s.health.score < SCORE_DROP_FROM:
        return None
    drop = s.score_before - s.health.score
    return _raise(
        s, RiskSignalCode.SCORE_DROP, RiskLevel.HIGH if drop >= STEEP_SCORE_DROP_FROM else RiskLevel.MEDIUM,
        _score(s, "health_score", "Health score", s.health.score),
        _score(s, "health_score_before", "Health score 30 days before", s.score_before),
    )  # fmt: skip


def _growing_but_unhealthy(s: Situation) -> Signal | None:
    if s.health.bucket not in (HealthBucket.RED, HealthBucket.AMBER) or s.health.score is None:
        return None
    growth = _arr_change(s)
    evidence = [_score(s, "health_score", "Health score", s.health.score)]
    if growth is not None and growth >= ARR_MOVED_FROM:
        evidence += _arr(s, growth)
    if s.expansion:
        evidence.append(_fact(s, "expansion_oppty_dollar", "Expansion opportunity", s.expansion))
    if (used := s.facts.utilisation) is not None and used > 1:
        evidence += _utilisation(s, used)
    if len(evidence) == 1:
        return None
    return _raise(s, RiskSignalCode.GROWING_BUT_UNHEALTHY, RiskLevel.MEDIUM, *evidence)


def _healthy_but_shrinking(s: Situation) -> Signal | None:
    change = _arr_change(s)
    if (
        s.health.bucket is not HealthBucket.GREEN
        or s.health.score is None
        or change is None
        or change > -ARR_MOVED_FROM
    ):
        return None
    evidence = (_score(s, "health_score", "Health score", s.health.score), *_arr(s, change))
    return _raise(s, RiskSignalCode.HEALTHY_BUT_SHRINKING, RiskLevel.MEDIUM, *evidence)


def _data_stale(s: Situation) -> Signal | None:
    told_on = max((day for day in (s.facts.mostly_told_on, s.facts.last_metric_on) if day is not None), default=None)
    old = told_on is None or s.day - told_on > STALE_AFTER
    thin = s.health.source is not HealthSource.COMPUTED
    if not (old or thin):
        return None
    evidence = [_fact(s, "coverage", "Weight of the score that had data", _one_decimal(s.health.coverage * 100), "%")]
    if told_on is not None:
        evidence.append(_fact(s, "last_data_on", "Newest data", told_on))
    severity = RiskLevel.MEDIUM if s.health.bucket is HealthBucket.UNKNOWN else RiskLevel.LOW
    return _raise(s, RiskSignalCode.DATA_STALE, severity, *evidence)


def _arr_change(s: Situation) -> Decimal | None:
    """Change of ARR over a year in percent; None without a history that reaches back."""
    if not s.arr_a_year_ago:
        return None
    return (s.arr - s.arr_a_year_ago) * 100 / s.arr_a_year_ago


def _arr(s: Situation, change: Decimal) -> tuple[Evidence, ...]:
    return (
        _fact(s, "arr", "ARR", s.arr),
        _fact(s, "arr_a_year_ago", "ARR a year ago", s.arr_a_year_ago),
        _fact(s, "arr_change", "Change of ARR over a year", _one_decimal(change), "%"),
    )


def _one_decimal(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.1"), ROUND_HALF_UP))


_RULES: Final[tuple[Callable[[Situation], Signal | None], ...]] = (
    _renewal_overdue,
    _renewal_at_risk,
    _silent_customer,
    _usage_drop,
    _score_drop,
    _critical_support,
    _detractor,
    _low_utilisation,
    _onboarding_stalled,
    _growing_but_unhealthy,
    _healthy_but_shrinking,
    _qbr_overdue,
    _data_stale,
)
