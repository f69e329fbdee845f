"""Health: facts, a scorecard and a day in; a score with its exact parts out. Pure: no clock, no session.

The rule, as docs/health.md tells it: effective weights over the measures that have data, a coverage gate,
and contributions that add up to the score. Arithmetic is Decimal with 28 digits; a score is quantised once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Final

from services.scorecards import DEFAULT, Scorecard, ScorecardMeasure
from services.vocabulary import (
    AccountStatus,
    FactorDirection,
    HealthBucket,
    HealthSource,
    MeasureCode,
    MissingReason,
    Segment,
)

TENTH: Final = Decimal("0.1")
_NOISE: Final = Decimal("1e-18")
"Far above Decimal's rounding error, far below the distance of any real score from a tie."
SILENT_BELOW: Final = Decimal("0.10")
SUPPORT: Final = frozenset({MeasureCode.TICKET_RATE, MeasureCode.CRITICAL_TICKETS, MeasureCode.SLA_BREACHES})
SESSION_FRESH: Final = timedelta(days=14)
FIGURES: Final = (
    "active_users", "seats_purchased", "feature_x_adoption", "weekly_active_pct", "time_to_value_days",
    "tickets_last_30d", "critical_tickets_90d", "sla_breaches_90d", "nps", "qbr_last_date",
)  # fmt: skip
"What a file or a person tells of an account and the score looks at."


@dataclass(frozen=True, slots=True, kw_only=True)
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
        if self.observed_on is None:
            return None
        return max(self.told_on.get(figure, self.observed_on) for figure in figures)

    @property
    def mostly_told_on(self) -> date | None:
        """The day by which half of the known figures had been told: one told anew makes the others no fresher."""
        if self.observed_on is None:
            return None
        known = [figure for figure in FIGURES if getattr(self, figure) is not None]
        days = sorted(self.told_on.get(figure, self.observed_on) for figure in known)
        return days[(len(days) - 1) // 2] if days else self.observed_on

    @property
    def utilisation(self) -> Decimal | None:
        """Active users over seats; over 1 where more people use it than were paid for."""
        if self.active_users is None or not self.seats_purchased:
            return None
        return Decimal(self.active_users) / self.seats_purchased

    @property
    def in_onboarding(self) -> bool:
        """As the customer's file says; by the account's status where it does not."""
        return self.status is AccountStatus.ONBOARDING if self.onboarding is None else self.onboarding


@dataclass(frozen=True, slots=True)
class Factor:
    """One measure's part in a score. `contribution` and `points_lost` are in points, one decimal."""

    measure: MeasureCode
    raw_value: str
    sub_score: Decimal
    weight: Decimal
    effective_weight: Decimal
    contribution: Decimal
    points_lost: Decimal
    direction: FactorDirection
    observed_on: date


@dataclass(frozen=True, slots=True)
class Missing:
    measure: MeasureCode
    reason: MissingReason
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Health:
    """A score from 0.0 to 100.0 with one decimal, or None; its bucket; and what it is made of."""

    score: Decimal | None
    bucket: HealthBucket
    source: HealthSource
    coverage: Decimal
    factors: tuple[Factor, ...]
    missing: tuple[Missing, ...]
    scorecard_version: int

    def points_lost(self, measures: Sequence[str]) -> Decimal:
        """What these measures keep the account from having, in points."""
        return sum((factor.points_lost for factor in self.factors if factor.measure in measures), Decimal("0.0"))


@dataclass(frozen=True, slots=True)
class _Reading:
    value: Decimal
    raw: str
    observed_on: date


def score(facts: Facts, day: date, card: Scorecard = DEFAULT) -> Health:
    """The account's health on `day`.

    >>> from datetime import date
    >>> dead = Facts(segment=Segment.ENTERPRISE, observed_on=date(2026, 1, 1), active_users=0, seats_purchased=50,
    ...     feature_x_adoption=Decimal(0), weekly_active_pct=Decimal(0), tickets_last_30d=0, critical_tickets_90d=0,
    ...     sla_breaches_90d=0, qbr_last_date=date(2026, 1, 1))
    >>> score(dead, date(2026, 1, 1)).score
    Decimal('12.5')
    """
    readings = {measure.measure: _read(measure, facts, day) for measure in card.measures}
    _silence(readings, facts)
    present = [
        (measure, reading) for measure in card.measures if isinstance(reading := readings[measure.measure], _Reading)
    ]
    missing = tuple(
        Missing(measure.measure, reading, measure.weight)
        for measure in card.measures
        if isinstance(reading := readings[measure.measure], MissingReason)
    )
    weight = sum((measure.weight for measure, _ in present), Decimal(0))
    applicable = weight + sum(gap.weight for gap in missing if gap.reason is not MissingReason.NOT_APPLICABLE)
    coverage = weight / applicable if applicable else Decimal(0)
    total: Decimal | None = None
    factors: tuple[Factor, ...] = ()
    source = HealthSource.NONE
    if coverage >= card.least_coverage:
        total, factors = _weigh(present, weight)
        source = HealthSource.COMPUTED
    elif facts.imported_score is not None:
        total, source = facts.imported_score.quantize(TENTH, ROUND_HALF_UP), HealthSource.IMPORTED
    printed_coverage = coverage.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return Health(total, bucket(total, card), source, printed_coverage, factors, missing, card.version)


def bucket(total: Decimal | None, card: Scorecard = DEFAULT) -> HealthBucket:
    """The bucket of a stored score.

    >>> bucket(Decimal("75.0")).value, bucket(Decimal("74.9")).value, bucket(None).value
    ('GREEN', 'AMBER', 'UNKNOWN')
    """
    if total is None:
        return HealthBucket.UNKNOWN
    if total >= card.green_from:
        return HealthBucket.GREEN
    return HealthBucket.AMBER if total >= card.amber_from else HealthBucket.RED


def shares(parts: Sequence[Decimal], total: Decimal, step: Decimal = TENTH) -> list[Decimal]:
    """`parts` rounded to multiples of `step` that add up to `total` exactly, by the largest remainder.

    >>> shares([Decimal("33.33"), Decimal("33.33"), Decimal("33.34")], Decimal("100.0"))
    [Decimal('33.3'), Decimal('33.3'), Decimal('33.4')]
    """
    exact = [part.quantize(_NOISE, ROUND_HALF_EVEN) for part in parts]
    rounded = [part.quantize(step, ROUND_FLOOR) for part in exact]
    left = int((total - sum(rounded)) / step)
    for index in sorted(range(len(parts)), key=lambda i: rounded[i] - exact[i])[:left]:
        rounded[index] += step
    return rounded


def _weigh(present: Sequence[tuple[ScorecardMeasure, _Reading]], weight: Decimal) -> tuple[Decimal, tuple[Factor, ...]]:
    """The score, quantised once, and its factors, whose printed parts add up to it."""
    subs = [_ramp(measure, reading.value) for measure, reading in present]
    effective = [measure.weight / weight for measure, _ in present]
    earned = [e * s for e, s in zip(effective, subs, strict=True)]
    total = sum(earned, Decimal(0)).quantize(_NOISE, ROUND_HALF_EVEN).quantize(TENTH, ROUND_HALF_UP)
    lost = shares([e * (100 - s) for e, s in zip(effective, subs, strict=True)], 100 - total)
    printed_weights = shares(effective, Decimal(1), Decimal("0.0001"))
    factors = tuple(
        Factor(
            measure=measure.measure,
            raw_value=reading.raw,
            sub_score=sub.quantize(TENTH, ROUND_HALF_UP),
            weight=measure.weight,
            effective_weight=printed_weight,
            contribution=contribution,
            points_lost=points_lost,
            direction=_direction(sub),
            observed_on=reading.observed_on,
        )
        for (measure, reading), sub, printed_weight, contribution, points_lost in zip(
            present, subs, printed_weights, shares(earned, total), lost, strict=True
        )
    )
    return total, factors


def _direction(sub_score: Decimal) -> FactorDirection:
    if sub_score >= DEFAULT.green_from:
        return FactorDirection.HELPS
    return FactorDirection.NEUTRAL if sub_score >= DEFAULT.amber_from else FactorDirection.HURTS


def _ramp(measure: ScorecardMeasure, value: Decimal) -> Decimal:
    sub = (value - measure.zero_at) / (measure.hundred_at - measure.zero_at) * 100
    return min(max(Decimal(0), sub), Decimal(100))  # zero first: of equals max() takes the first, and sub may be -0


def _silence(readings: dict[MeasureCode, "_Reading | MissingReason"], facts: Facts) -> None:
    """Where hardly anybody uses the product, nobody is there to complain: a support measure of zero says nothing."""
    utilisation = facts.utilisation
    if utilisation is None or utilisation >= SILENT_BELOW:
        return
    for code in SUPPORT & readings.keys():
        reading = readings[code]
        if isinstance(reading, _Reading) and reading.value == 0:
            readings[code] = MissingReason.NO_DATA


def _read(measure: ScorecardMeasure, facts: Facts, day: date) -> "_Reading | MissingReason":
    """What the facts say of the measure on `day`, or why they say nothing."""
    match measure.measure:
        case MeasureCode.LICENSE_UTILISATION:
            used = facts.utilisation
            return (
                MissingReason.NO_DATA
                if used is None
                else _Reading(used, _percent(used), facts.told("active_users", "seats_purchased") or day)
            )
        case MeasureCode.FEATURE_ADOPTION:
            return _share(facts.feature_x_adoption, facts.told("feature_x_adoption") or day)
        case MeasureCode.WEEKLY_ACTIVE:
            return _share(facts.weekly_active_pct, facts.told("weekly_active_pct") or day)
        case MeasureCode.SESSION_MINUTES:
            return _session_minutes(facts, day)
        case MeasureCode.TIME_TO_VALUE:
            return _count(facts.time_to_value_days, "days", facts.told("time_to_value_days") or day)
        case MeasureCode.TICKET_RATE:
            if facts.tickets_last_30d is None or not facts.seats_purchased:
                return MissingReason.NO_DATA
            rate = Decimal(facts.tickets_last_30d) * 100 / facts.seats_purchased
            return _Reading(rate, f"{_one_decimal(rate)} per 100 seats", facts.told("tickets_last_30d") or day)
        case MeasureCode.CRITICAL_TICKETS:
            return _count(facts.critical_tickets_90d, "tickets", facts.told("critical_tickets_90d") or day)
        case MeasureCode.SLA_BREACHES:
            return _count(facts.sla_breaches_90d, "breaches", facts.told("sla_breaches_90d") or day)
        case MeasureCode.NPS:
            if facts.nps is None:
                return MissingReason.NO_DATA
            asked_on = facts.nps_on or facts.told("nps") or day
            if measure.stale_after_days is not None and (day - asked_on).days > measure.stale_after_days:
                return MissingReason.STALE
            return _Reading(Decimal(facts.nps), f"{facts.nps:+d}", asked_on)
        case MeasureCode.QBR_RECENCY:
            if facts.segment is Segment.SMB:
                return MissingReason.NOT_APPLICABLE
            if facts.qbr_last_date is None or facts.qbr_last_date > day:
                return MissingReason.NO_DATA
            return _count((day - facts.qbr_last_date).days, "days ago", facts.qbr_last_date)
        case MeasureCode.ONBOARDING_PROGRESS:  # pragma: no branch (mypy holds the match complete)
            return (
                _share(facts.onboarding_progress, facts.told("onboarding_progress") or day)
                if facts.in_onboarding
                else MissingReason.NOT_APPLICABLE
            )


def _session_minutes(facts: Facts, day: date) -> "_Reading | MissingReason":
    """sum(avg * logins) / sum(logins) over 30 days; nothing without a row in 14 days; 0 where nobody logged in."""
    if facts.last_metric_on is None or facts.last_metric_on <= day - SESSION_FRESH:
        return MissingReason.NO_DATA
    if facts.metric_logins == 0:
        return _Reading(Decimal(0), "0.0 minutes", facts.last_metric_on)
    if not facts.session_logins or facts.session_minutes is None:
        return MissingReason.NO_DATA
    minutes = facts.session_minutes / facts.session_logins
    return _Reading(minutes, f"{_one_decimal(minutes)} minutes", facts.last_metric_on)


def _share(value: Decimal | None, told_on: date) -> "_Reading | MissingReason":
    return MissingReason.NO_DATA if value is None else _Reading(value, _percent(value), told_on)


def _count(value: int | None, unit: str, told_on: date) -> "_Reading | MissingReason":
    return MissingReason.NO_DATA if value is None else _Reading(Decimal(value), f"{value} {unit}", told_on)


def _percent(share: Decimal) -> str:
    return f"{_one_decimal(share * 100)} %"


def _one_decimal(value: Decimal) -> str:
    return str(value.quantize(TENTH, ROUND_HALF_UP))
