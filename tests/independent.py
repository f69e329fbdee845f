"""The figures of a portfolio, computed a second time: from the CSV files and the domain's rules alone, in fractions.

Nothing of the product is imported here, so that an agreement means something. `python -m tests.independent FOLDER
--as-of 2024-12-31` prints the figures of a folder with accounts.csv, daily_metrics.csv and arr_history.csv as JSON.
"""

import argparse
import calendar
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.independent_accounts import NEVER_SCORED, SEGMENTS, WINDOWS, Account, Health, by_account, rounded

BUCKETS = ("GREEN", "AMBER", "RED", "UNKNOWN")


@dataclass(frozen=True)
class Standing:
    """An account on a day, with the health that was known of it then."""

    account: Account
    day: date
    arr: Fraction
    health: Health
    earlier: Health
    "The newest that was computed 30 to 60 days before."

    @property
    def change(self) -> Fraction | None:
        """Points of the score over 30 days."""
        if self.health.score is None or self.earlier.score is None:
            return None
        return self.health.score - self.earlier.score

    @property
    def trend(self) -> str:
        if self.change is None:
            return "NEW"
        return "UP" if self.change >= 5 else "DOWN" if self.change <= -5 else "FLAT"

    @property
    def attention(self) -> Fraction | None:
        return self.account.attention(self.day, self.health)


Keep = Callable[[Standing], bool]


class Portfolio:
    """The accounts of a folder. `scored`: the days that their health was computed for."""

    def __init__(self, folder: Path, scored: Iterable[date]) -> None:
        rows, days, entries = (
            by_account(folder / name) for name in ("accounts.csv", "daily_metrics.csv", "arr_history.csv")
        )
        self.accounts = [Account(rows[key], days[key], entries[key]) for key in rows]
        self._scored = sorted(scored)

    def standings(self, day: date, keep: Keep = lambda _: True, *, churned: bool = False) -> list[Standing]:
        """Everyone who was a customer that day, and with `churned` those who had been one."""
        everyone = (
            Standing(account, day, arr, *self._known_health(account, day))
            for account in self.accounts
            if (arr := account.arr(day)) is not None and (churned or not account.has_churned(day))
        )
        return [standing for standing in everyone if keep(standing)]

    def figures(self, day: date, keep: Keep = lambda _: True, *, churned: bool = False) -> dict[str, Any]:
        """PortfolioMetrics, with topRisks as external ids: all that ask for any attention, the most first."""
        those = self.standings(day, keep, churned=churned)
        scores = sorted(one.health.score for one in those if one.health.score is not None)
        weighted = [(one.arr, one.health.score) for one in those if one.health.score is not None]
        asking = [(one.attention, one.account.key) for one in those if one.attention]
        return {
            "asOf": day.isoformat(),
            "accountCount": len(those),
            "scoredAccounts": len(scores),
            "totalArr": money(those),
            "averageScore": average((Fraction(1), score) for score in scores),
            "arrWeightedScore": average(weighted),
            "medianScore": average((Fraction(1), score) for score in middle(scores)),
            "byBucket": buckets(those),
            "bySegment": [
                {"segment": segment, **summary(part), "buckets": buckets(part)}
                for segment in dict.fromkeys(SEGMENTS.values())
                for part in [[one for one in those if one.account.segment == segment]]
            ],
            "byRegion": slices(those, lambda account: account.region),
            "byOwner": slices(those, lambda account: account.owner),
            "renewals": [
                {"window": window, "accounts": len(part), "arr": money(part), "arrInRed": money(within(part, "RED"))}
                for window in WINDOWS
                for part in [[one for one in those if one.account.window(day) == window]]
            ],
            "arrInRed": money(within(those, "RED")),
            "arrInRedOrAmber": money(within(those, "RED", "AMBER")),
            **{
                f"arrAtRisk{days}": money(
                    [one for one in within(those, "RED", "AMBER") if one.account.renews_within(day, days)]
                )
                for days in (30, 90, 365, 3650)
            },
            "topRisks": [key for _, key in sorted(asking, key=lambda pair: -pair[0])],
        }

    def trend(
        self, points: Iterable[date], keep: Keep = lambda _: True, *, churned: bool = False
    ) -> list[dict[str, Any]]:
        """What is known of each of the days."""
        return [
            {
                "date": day.isoformat(),
                **summary(those),
                "arrInRed": money(within(those, "RED")),
                "arrInAmber": money(within(those, "AMBER")),
            }
            for day in points
            for those in [self.standings(day, keep, churned=churned)]
        ]

    def _known_health(self, account: Account, day: date) -> tuple[Health, Health]:
        """The newest that was computed, and the newest of 30 to 60 days before. Only customers are scored."""

        def newest(first: date, last: date) -> date | None:
            days = (past for past in self._scored if first <= past <= last and account.is_customer(past))
            return max(days, default=None)

        now = newest(date.min, day)
        before = now and newest(now - timedelta(60), now - timedelta(30))
        return account.health(now) if now else NEVER_SCORED, account.health(before) if before else NEVER_SCORED


def steps(last: date, first: date, granularity: str) -> list[date]:
    """Equal steps back from `last` as far as `first`, in the order of time."""
    found = []
    for count in range(10_000):
        if granularity == "MONTH":
            year, month = divmod(last.year * 12 + last.month - 1 - count, 12)
            day = date(year, month + 1, min(last.day, calendar.monthrange(year, month + 1)[1]))
        else:
            day = last - timedelta(count * {"DAY": 1, "WEEK": 7}[granularity])
        if day < first:
            break
        found.append(day)
    return found[::-1]


def summary(those: Sequence[Standing]) -> dict[str, Any]:
    scores = [(Fraction(1), one.health.score) for one in those if one.health.score is not None]
    return {"accounts": len(those), "arr": money(those), "averageScore": average(scores)}


def slices(those: Sequence[Standing], value: Callable[[Account], str | None]) -> list[dict[str, Any]]:
    """By a text, the largest ARR first."""
    parts = defaultdict(list)
    for one in those:
        parts[value(one.account)].append(one)
    order = sorted(parts, key=lambda key: (-sum(one.arr for one in parts[key]), key is None, key))
    return [{"key": key, **summary(parts[key])} for key in order]


def buckets(those: Sequence[Standing]) -> list[dict[str, Any]]:
    total = sum(one.arr for one in those)
    return [
        {
            "bucket": bucket,
            "accounts": len(part),
            "arr": money(part),
            "shareOfArr": text(sum(one.arr for one in part) / total if total else Fraction(0), 4),
        }
        for bucket in BUCKETS
        for part in [within(those, bucket)]
    ]


def within(those: Iterable[Standing], *wanted: str) -> list[Standing]:
    return [one for one in those if one.health.bucket in wanted]


def middle(scores: Sequence[Fraction]) -> Sequence[Fraction]:
    """The one in the middle, or the two."""
    return scores[(len(scores) - 1) // 2 : len(scores) // 2 + 1]


def average(weighted: Iterable[tuple[Fraction, Fraction]]) -> str | None:
    pairs = list(weighted)
    total = sum(weight for weight, _ in pairs)
    return text(sum(weight * value for weight, value in pairs) / total, 1) if total else None


def money(those: Iterable[Standing]) -> dict[str, str]:
    return {"amount": text(sum((one.arr for one in those), Fraction(0)), 2)}


def text(value: Fraction, decimals: int) -> str:
    whole = int(rounded(Fraction(value), decimals) * 10**decimals)
    return f"{whole // 10**decimals}.{whole % 10**decimals:0{decimals}}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Figures of a portfolio, computed from its CSV files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    asked = parser.parse_args()
    portfolio = Portfolio(asked.folder, [asked.as_of])
    trend = portfolio.trend(steps(asked.as_of, asked.as_of - timedelta(90), "WEEK"))
    health = {one.account.key: one.health for one in portfolio.standings(asked.as_of)}
    accounts = {
        key: {
            "score": None if known.score is None else text(known.score, 1),
            "bucket": known.bucket,
            "coverage": text(known.coverage, 4),
        }
        for key, known in health.items()
    }
    print(json.dumps({**portfolio.figures(asked.as_of), "trend": trend, "accounts": accounts}, indent=2))


if __name__ == "__main__":
    main()
