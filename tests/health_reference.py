"""The health score a second time: docs/health.md, written out in fractions. Not the product.

It reads the facts as they were told (fields, daily rows) and none of the product's own derivations or tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from services.health import Facts, Health

# measure, weight, zeroAt, hundredAt
CARD = (
    ("LICENSE_UTILISATION", 20, Fraction(0), Fraction(9, 10)),
    ("FEATURE_ADOPTION", 10, Fraction(0), Fraction(1)),
    ("WEEKLY_ACTIVE", 5, Fraction(0), Fraction(1)),
    ("SESSION_MINUTES", 10, Fraction(5), Fraction(40)),
    ("TIME_TO_VALUE", 10, Fraction(90), Fraction(7)),
    ("TICKET_RATE", 8, Fraction(15), Fraction(0)),
    ("CRITICAL_TICKETS", 8, Fraction(5), Fraction(0)),
    ("SLA_BREACHES", 4, Fraction(3), Fraction(0)),
    ("NPS", 15, Fraction(-100), Fraction(100)),
    ("QBR_RECENCY", 5, Fraction(120), Fraction(0)),
    ("ONBOARDING_PROGRESS", 5, Fraction(0), Fraction(1)),
)
SUPPORT = ("TICKET_RATE", "CRITICAL_TICKETS", "SLA_BREACHES")


@dataclass(frozen=True)
class Daily:
    """A row of daily metrics."""

    day: date
    logins: int | None
    avg_session_min: Decimal | None


@dataclass(frozen=True)
class Expected:
    """What must be stored, to the last decimal. Factors: measure, sub-score, weight, effective weight, contribution,
    points lost, direction. Missing: measure, reason, weight."""

    score: str | None
    bucket: str
    source: str
    coverage: str
    factors: tuple[tuple[str, ...], ...]
    missing: tuple[tuple[str, ...], ...]


def expected(facts: Facts, rows: Sequence[Daily], day: date) -> Expected:
    values = _values(facts, rows, day)
    present = [(name, weight, _sub_score(values[name], zero, hundred)) for name, weight, zero, hundred in CARD
               if not isinstance(values[name], str)]  # fmt: skip
    missing = tuple(
        (name, str(values[name]), str(weight)) for name, weight, *_ in CARD if isinstance(values[name], str)
    )
    known = sum(weight for _, weight, _ in present)
    applicable = known + sum(int(weight) for _, reason, weight in missing if reason != "NOT_APPLICABLE")
    coverage = Fraction(known, applicable) if applicable else Fraction(0)
    covered = _print(coverage, 4)
    if coverage >= Fraction(40, 100):
        effective = [Fraction(weight, known) for _, weight, _ in present]
        earned = [e * s for e, (*_, s) in zip(effective, present, strict=True)]
        score = _tenths(sum(earned, Fraction(0)))
        contributions = _shared(earned, score, 1)
        lost = _shared([e * (100 - s) for e, (*_, s) in zip(effective, present, strict=True)], 1000 - score, 1)
        weights = _shared(effective, 10_000, 4)
        factors = tuple(
            (name, _print(sub, 1), str(weight), printed_weight, contribution, points, _direction(sub))
            for (name, weight, sub), printed_weight, contribution, points in zip(
                present, weights, contributions, lost, strict=True
            )
        )
        return Expected(_units(score, 1), _bucket(score), "COMPUTED", covered, factors, missing)
    if facts.imported_score is not None:
        score = _tenths(Fraction(facts.imported_score))
        return Expected(_units(score, 1), _bucket(score), "IMPORTED", covered, (), missing)
    return Expected(None, "UNKNOWN", "NONE", covered, (), missing)


def told(health: Health) -> Expected:
    """The product's answer in the same words."""
    factors = tuple(
        (f.measure.value, str(f.sub_score), str(f.weight), str(f.effective_weight), str(f.contribution),
         str(f.points_lost), f.direction.value)
        for f in health.factors
    )  # fmt: skip
    missing = tuple((gap.measure.value, gap.reason.value, str(gap.weight)) for gap in health.missing)
    score = None if health.score is None else str(health.score)
    return Expected(score, health.bucket.value, health.source.value, str(health.coverage), factors, missing)


def _values(facts: Facts, rows: Sequence[Daily], day: date) -> dict[str, Fraction | str]:
    seats, users = facts.seats_purchased, facts.active_users
    used = Fraction(users, seats) if users is not None and seats else None
    rate = Fraction(100 * facts.tickets_last_30d, seats) if facts.tickets_last_30d is not None and seats else None
    onboarding = facts.onboarding if facts.onboarding is not None else facts.status == "ONBOARDING"
    values: dict[str, Fraction | str] = {
        "LICENSE_UTILISATION": _or_no_data(used),
        "FEATURE_ADOPTION": _or_no_data(facts.feature_x_adoption),
        "WEEKLY_ACTIVE": _or_no_data(facts.weekly_active_pct),
        "SESSION_MINUTES": _or_no_data(_session_minutes(rows, day)),
        "TIME_TO_VALUE": _or_no_data(facts.time_to_value_days),
        "TICKET_RATE": _or_no_data(rate),
        "CRITICAL_TICKETS": _or_no_data(facts.critical_tickets_90d),
        "SLA_BREACHES": _or_no_data(facts.sla_breaches_90d),
        "NPS": _or_no_data(facts.nps),
        "QBR_RECENCY": "NO_DATA",
        "ONBOARDING_PROGRESS": _or_no_data(facts.onboarding_progress) if onboarding else "NOT_APPLICABLE",
    }
    if facts.nps is not None and facts.nps_on is not None and (day - facts.nps_on).days > 180:
        values["NPS"] = "STALE"
    if facts.segment == "SMB":
        values["QBR_RECENCY"] = "NOT_APPLICABLE"
    elif facts.qbr_last_date is not None and facts.qbr_last_date <= day:
        values["QBR_RECENCY"] = Fraction((day - facts.qbr_last_date).days)
    if used is not None and used < Fraction(10, 100):
        values |= {name: "NO_DATA" for name in SUPPORT if values[name] == 0}
    return values


def _session_minutes(rows: Sequence[Daily], day: date) -> Fraction | None:
    """Over the rows that know their logins: a cell left empty is no data, never 0."""
    month = [row for row in rows if 0 <= (day - row.day).days < 30 and row.logins is not None]
    if not any((day - row.day).days < 14 for row in month):
        return None
    if all(row.logins == 0 for row in month):
        return Fraction(0)
    known = [(Fraction(row.avg_session_min), row.logins or 0) for row in month if row.avg_session_min is not None]
    logins = sum(n for _, n in known)
    return sum((avg * n for avg, n in known), Fraction(0)) / logins if logins else None


def _or_no_data(value: Fraction | Decimal | int | None) -> Fraction | str:
    return "NO_DATA" if value is None else Fraction(value)


def _sub_score(value: Fraction | str, zero: Fraction, hundred: Fraction) -> Fraction:
    assert isinstance(value, Fraction)
    return max(Fraction(0), min(Fraction(100), 100 * (value - zero) / (hundred - zero)))


def _bucket(tenths: int) -> str:
    return "GREEN" if tenths >= 750 else "AMBER" if tenths >= 500 else "RED"


def _direction(sub: Fraction) -> str:
    return "HELPS" if sub >= 75 else "NEUTRAL" if sub >= 50 else "HURTS"


def _tenths(value: Fraction) -> int:
    return floor(value * 10 + Fraction(1, 2))


def _print(value: Fraction, decimals: int) -> str:
    return _units(floor(value * 10**decimals + Fraction(1, 2)), decimals)


def _units(units: int, decimals: int) -> str:
    return str(Decimal(units).scaleb(-decimals))


def _shared(parts: Sequence[Fraction], units: int, decimals: int) -> list[str]:
    """Largest remainder: the whole units first, what is left over to the largest rests, the earlier measure first."""
    exact = [part * 10**decimals for part in parts]
    whole = [floor(part) for part in exact]
    by_rest = sorted(range(len(parts)), key=lambda index: (whole[index] - exact[index], index))
    for index in by_rest[: units - sum(whole)]:
        whole[index] += 1
    return [_units(part, decimals) for part in whole]
