"""A health score worked out a second time, from the table in docs/health.md alone and in fractions. Pure.

Nothing of services.health is imported: where the two agree, it means something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

CARD: Final[Mapping[str, tuple[int, Fraction, Fraction]]] = {
    "LICENSE_UTILISATION": (20, Fraction(0), Fraction(9, 10)),
    "FEATURE_ADOPTION": (10, Fraction(0), Fraction(1)),
    "WEEKLY_ACTIVE": (5, Fraction(0), Fraction(1)),
    "SESSION_MINUTES": (10, Fraction(5), Fraction(40)),
    "TIME_TO_VALUE": (10, Fraction(90), Fraction(7)),
    "TICKET_RATE": (8, Fraction(15), Fraction(0)),
    "CRITICAL_TICKETS": (8, Fraction(5), Fraction(0)),
    "SLA_BREACHES": (4, Fraction(3), Fraction(0)),
    "NPS": (15, Fraction(-100), Fraction(100)),
    "QBR_RECENCY": (5, Fraction(120), Fraction(0)),
    "ONBOARDING_PROGRESS": (5, Fraction(0), Fraction(1)),
}
"Of each measure: its weight, the value worth 0 points, the value worth 100."
NO_DATA, STALE, NOT_APPLICABLE = "NO_DATA", "STALE", "NOT_APPLICABLE"


@dataclass(frozen=True, slots=True)
class Scored:
    """An account's measures on a day, and what they make."""

    values: Mapping[str, Fraction]
    gaps: Mapping[str, str]
    "Why each other measure has no value."

    @property
    def subs(self) -> Mapping[str, Fraction]:
        """Points of each measure, 0 to 100."""
        return {measure: _sub(measure, value) for measure, value in self.values.items()}

    @property
    def coverage(self) -> Fraction:
        missing = sum(CARD[measure][0] for measure, why in self.gaps.items() if why != NOT_APPLICABLE)
        return Fraction(self._weight, self._weight + missing) if self._weight else Fraction(0)

    @property
    def score(self) -> Fraction | None:
        """Exact, 0 to 100; None where too little is known."""
        if self.coverage < Fraction(4, 10):
            return None
        return sum((self.share(measure) * sub for measure, sub in self.subs.items()), Fraction(0))

    @property
    def bucket(self) -> str:
        score = self.score
        if score is None:
            return "UNKNOWN"
        printed = Fraction(int(score * 10 + Fraction(1, 2)), 10)
        return "GREEN" if printed >= 75 else "AMBER" if printed >= 50 else "RED"

    def share(self, measure: str) -> Fraction:
        """The measure's effective weight, 0 to 1."""
        return Fraction(CARD[measure][0], self._weight)

    def lost(self, measure: str) -> Fraction:
        """Points of the score that the measure loses."""
        return self.share(measure) * (100 - self.subs[measure])

    @property
    def _weight(self) -> int:
        return sum(CARD[measure][0] for measure in self.values)


def scored(row: Mapping[str, Any], day: date) -> Scored:
    """What the account's rows say on `day`. `row` holds its observation's columns and the sums of its daily metrics."""
    found = {measure: _reading(measure, row, day) for measure in CARD}
    used = found["LICENSE_UTILISATION"]
    if isinstance(used, Fraction) and used < Fraction(1, 10):
        for measure in ("TICKET_RATE", "CRITICAL_TICKETS", "SLA_BREACHES"):
            found[measure] = NO_DATA if found[measure] == 0 else found[measure]
    return Scored(
        {measure: value for measure, value in found.items() if isinstance(value, Fraction)},
        {measure: why for measure, why in found.items() if isinstance(why, str)},
    )


def causes(before: Scored, after: Scored) -> Mapping[str, Fraction]:
    """Each measure's signed points in the change of the score, exact: docs/health.md and services/health_diff.py."""
    if before.score is None or after.score is None:
        return {}
    both = before.values.keys() & after.values.keys()

    weight = sum(CARD[one][0] for one in both)
    mean = sum((CARD[one][0] * after.subs[one] for one in both), Fraction(0)) / weight if weight else before.score
    found = {one: before.share(one) * (after.subs[one] - before.subs[one]) for one in both}
    found |= {one: before.share(one) * (mean - before.subs[one]) for one in before.values if one not in both}
    found |= {one: after.share(one) * (after.subs[one] - mean) for one in after.values if one not in both}
    return found


def _sub(measure: str, value: Fraction) -> Fraction:
    _, zero, hundred = CARD[measure]
    return min(max((value - zero) / (hundred - zero) * 100, Fraction(0)), Fraction(100))


def _reading(measure: str, row: Mapping[str, Any], day: date) -> Fraction | str:
    seats, users = row["seats_purchased"], row["active_users"]
    match measure:
        case "LICENSE_UTILISATION":
            return NO_DATA if users is None or not seats else Fraction(users, seats)
        case "SESSION_MINUTES":
            return _session(row, day)
        case "TICKET_RATE":
            return (
                NO_DATA
                if row["tickets_last_30d"] is None or not seats
                else Fraction(row["tickets_last_30d"] * 100, seats)
            )
        case "NPS":
            if row["nps"] is None:
                return NO_DATA
            return STALE if (day - row["nps_on"]).days > 180 else Fraction(row["nps"])
        case "QBR_RECENCY":
            if row["segment"] == "SMB":
                return NOT_APPLICABLE
            return NO_DATA if row["qbr_last_date"] is None else Fraction((day - row["qbr_last_date"]).days)
        case "ONBOARDING_PROGRESS" if not (
            row["status"] == "ONBOARDING" if row["onboarding"] is None else row["onboarding"]
        ):
            return NOT_APPLICABLE
    value = row[_COLUMNS[measure]]
    return NO_DATA if value is None else Fraction(value)


_COLUMNS: Final = {
    "FEATURE_ADOPTION": "feature_x_adoption",
    "WEEKLY_ACTIVE": "weekly_active_pct",
    "TIME_TO_VALUE": "time_to_value_days",
    "CRITICAL_TICKETS": "critical_tickets_90d",
    "SLA_BREACHES": "sla_breaches_90d",
    "ONBOARDING_PROGRESS": "onboarding_progress",
}


def _session(row: Mapping[str, Any], day: date) -> Fraction | str:
    if row["last_metric_on"] is None or (day - row["last_metric_on"]).days >= 14:
        return NO_DATA
    if row["logins"] == 0:
        return Fraction(0)
    return Fraction(row["minutes"]) / row["timed_logins"] if row["timed_logins"] else NO_DATA
