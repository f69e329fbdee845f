"""What the CSV files tell of each account, and its health on any day: by the domain's rules alone, in fractions.

Nothing of the product is imported here; tests/independent.py adds the accounts up.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

SEGMENTS = {
    "smb": "SMB",
    "midmarket": "MID_MARKET",
    "enterprise": "ENTERPRISE",
    "mm": "MID_MARKET",
    "ent": "ENTERPRISE",
}
WINDOWS = {
    "OVERDUE": Fraction(3),
    "D0_30": Fraction(3),
    "D31_60": Fraction(5, 2),
    "D61_90": Fraction(2),
    "D91_180": Fraction(13, 10),
    "LATER": Fraction(1),
    "NONE": Fraction(1),
}
"The renewal windows and what each does to the attention."

Row = dict[str, str]


@dataclass(frozen=True)
class Measure:
    """A measure's weight, and its ramp from the value worth 0 to the value worth 100."""

    weight: int
    zero_at: Fraction
    hundred_at: Fraction

    def sub_score(self, value: Fraction) -> Fraction:
        share = (value - self.zero_at) / (self.hundred_at - self.zero_at)
        return 100 * min(max(share, Fraction(0)), Fraction(1))


CARD = {
    name: Measure(weight, Fraction(zero_at), Fraction(hundred_at))
    for name, weight, zero_at, hundred_at in [
        ("LICENSE_UTILISATION", 20, "0", "0.9"),
        ("FEATURE_ADOPTION", 10, "0", "1"),
        ("WEEKLY_ACTIVE", 5, "0", "1"),
        ("SESSION_MINUTES", 10, "5", "40"),
        ("TIME_TO_VALUE", 10, "90", "7"),
        ("TICKET_RATE", 8, "15", "0"),
        ("CRITICAL_TICKETS", 8, "5", "0"),
        ("SLA_BREACHES", 4, "3", "0"),
        ("NPS", 15, "-100", "100"),
        ("QBR_RECENCY", 5, "120", "0"),
        ("ONBOARDING_PROGRESS", 5, "0", "1"),
    ]
}


@dataclass(frozen=True)
class Health:
    """The score as it is stored, with one decimal; the contributions as they are, unrounded."""

    score: Fraction | None
    source: str
    coverage: Fraction
    contributions: dict[str, Fraction]

    @property
    def weights(self) -> dict[str, Fraction]:
        """The effective weights."""
        total = sum(CARD[name].weight for name in self.contributions)
        return {name: Fraction(CARD[name].weight, total) for name in self.contributions}

    @property
    def bucket(self) -> str:
        if self.score is None:
            return "UNKNOWN"
        return "GREEN" if self.score >= 75 else "AMBER" if self.score >= 50 else "RED"


NEVER_SCORED = Health(None, "NONE", Fraction(0), {})


class Account:
    """All that the files tell of one account."""

    def __init__(self, rows: Sequence[Row], days: Iterable[Row], entries: Iterable[Row]) -> None:
        self.observations = sorted(rows, key=lambda row: row["observed_on"])
        newest = self.observations[-1]
        self.key, self.name = newest["external_id"], newest["name"]
        self.segment = SEGMENTS[newest["segment"].lower().replace("-", "").replace("_", "")]
        self.region, self.industry, self.owner = (newest[name] or None for name in ("region", "industry", "cs_owner"))
        self.renewal = a_day(newest["renewal_date"])
        self.status = newest["status"].upper() or "ACTIVE"
        self.churned_on = a_day(newest["churned_on"])
        self.days = sorted(((date.fromisoformat(row["date"]), row) for row in days), key=lambda day: day[0])
        told = {row["observed_on"]: row["arr"] for row in rows} | {row["effective_on"]: row["arr"] for row in entries}
        self.entries = sorted((date.fromisoformat(day), Fraction(arr)) for day, arr in told.items())

    def arr(self, day: date) -> Fraction | None:
        """ARR on that day; None before the first entry, when it was no customer yet."""
        known = [arr for since, arr in self.entries if since <= day]
        return known[-1] if known else None

    def is_customer(self, day: date) -> bool:
        return self.arr(day) is not None and not self.has_churned(day)

    def has_churned(self, day: date) -> bool:
        return self.churned_on is not None and self.churned_on <= day

    def window(self, day: date) -> str:
        if self.renewal is None or self.has_churned(day):
            return "NONE"
        ahead = (self.renewal - day).days
        for last, window in [(-1, "OVERDUE"), (30, "D0_30"), (60, "D31_60"), (90, "D61_90"), (180, "D91_180")]:
            if ahead <= last:
                return window
        return "LATER"

    def renews_within(self, day: date, days: int) -> bool:
        """Overdue, or due within so many days."""
        return self.renewal is not None and not self.has_churned(day) and (self.renewal - day).days <= days

    @cache  # noqa: B019 - a script's accounts live as long as the script
    def health(self, day: date) -> Health:
        seen = [row for row in self.observations if row["observed_on"] <= day.isoformat()]
        row = seen[-1] if seen else defaultdict(str)
        values, inapplicable = self._values(row, day)
        applicable = sum(measure.weight for name, measure in CARD.items() if name not in inapplicable)
        weight = sum(CARD[name].weight for name in values)
        coverage = Fraction(weight, applicable)
        if coverage < Fraction(2, 5):
            if row["health_score"]:
                return Health(Fraction(row["health_score"]), "IMPORTED", coverage, {})
            return Health(None, "NONE", coverage, {})
        parts = {
            name: Fraction(CARD[name].weight, weight) * CARD[name].sub_score(value) for name, value in values.items()
        }
        return Health(rounded(sum(parts.values(), Fraction(0)), 1), "COMPUTED", coverage, parts)

    def attention(self, day: date, health: Health) -> Fraction | None:
        if health.score is None:
            return None
        return (self.arr(day) or Fraction(0)) * (100 - health.score) / 100 * WINDOWS[self.window(day)]

    def _values(self, row: Row, day: date) -> tuple[dict[str, Fraction], set[str]]:
        """The value of each measure that has data, and the measures that mean nothing here."""
        values: dict[str, Fraction | None] = {
            "FEATURE_ADOPTION": number(row["feature_x_adoption"]),
            "WEEKLY_ACTIVE": number(row["weekly_active_pct"]),
            "SESSION_MINUTES": self._session_minutes(day),
            "TIME_TO_VALUE": number(row["time_to_value_days"]),
            "CRITICAL_TICKETS": number(row["critical_tickets_90d"]),
            "SLA_BREACHES": number(row["sla_breaches_90d"]),
        }
        users, seats, tickets = (number(row[name]) for name in ("active_users", "seats_purchased", "tickets_last_30d"))
        if seats:
            values["LICENSE_UTILISATION"] = users / seats if users is not None else None
            values["TICKET_RATE"] = 100 * tickets / seats if tickets is not None else None
        utilisation = values.get("LICENSE_UTILISATION")
        if utilisation is not None and utilisation < Fraction(1, 10):
            for name in ("TICKET_RATE", "CRITICAL_TICKETS", "SLA_BREACHES"):
                values[name] = values.get(name) or None
        if row["nps"] and (day - date.fromisoformat(row["observed_on"])).days <= 180:
            values["NPS"] = Fraction(row["nps"])
        inapplicable = set()
        if self.segment == "SMB":
            inapplicable.add("QBR_RECENCY")
        elif row["qbr_last_date"]:
            values["QBR_RECENCY"] = Fraction((day - date.fromisoformat(row["qbr_last_date"])).days)
        phase = row["onboarding_phase"].lower()
        if phase in ("no", "false") or (not phase and self.status != "ONBOARDING"):
            inapplicable.add("ONBOARDING_PROGRESS")
        elif phase.endswith("%"):
            values["ONBOARDING_PROGRESS"] = number(phase)
        return {name: value for name, value in values.items() if value is not None}, inapplicable

    def _session_minutes(self, day: date) -> Fraction | None:
        """Over the rows that tell of logins: an empty cell is no data, so that a row without one is no row here."""
        month = [(when, row) for when, row in self.days if day - timedelta(30) < when <= day and row["logins"]]
        if not month or month[-1][0] <= day - timedelta(14):
            return None
        if not any(Fraction(row["logins"]) for _, row in month):
            return Fraction(0)
        told = [(Fraction(row["logins"]), number(row["avg_session_min"])) for _, row in month]
        logins = sum(count for count, minutes in told if minutes is not None)
        return sum(count * minutes for count, minutes in told if minutes is not None) / logins if logins else None


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Half up, for values from 0."""
    return Fraction(int(value * 10**decimals + Fraction(1, 2)), 10**decimals)


def number(cell: str) -> Fraction | None:
    if cell.endswith("%"):
        return Fraction(cell[:-1]) / 100
    return Fraction(cell) if cell else None


def a_day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def by_account(path: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["external_id"]].append(defaultdict(str, row))
    return found
