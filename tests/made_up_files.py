"""Three CSV files of a made-up world: every column filled, dates on the edges of the rules. Not demonstration data."""

import csv
import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

TODAY = date(2026, 3, 10)
DAYS = (TODAY - timedelta(80), TODAY - timedelta(45), TODAY)
"Days to look at the world: each has the one before it, and no other, 30 to 60 days back."
FILES = {"ACCOUNTS": "accounts.csv", "DAILY_METRICS": "daily_metrics.csv", "ARR_HISTORY": "arr_history.csv"}
"Each kind of upload and its file."
OWNERS = ("Dana Fox", "Danilo Reyes", "Mira Holm", "Ines Öz", "Tom O'Neil", "")
REGIONS = ("US", "US", "DE", "EMEA", "Asia, Pacific", "")
INDUSTRIES = ("FinTech", "DevTools", "EdTech", "Retail", "")
SEGMENTS = ("SMB", "Mid-Market", "Enterprise", "smb", "mid_market", "ENT")
EDGES = (-400, -31, -30, -1, 0, 1, 14, 30, 31, 60, 61, 90, 91, 180, 181, 365, 366, 700)


def write(folder: Path, chance: random.Random) -> None:
    """The three files of a world in which dates like to lie on the edge of a rule."""
    rows, days, entries = [], [], []
    for number in range(200):
        key = f"{chance.choice('AB')}-{number:03}"
        since = TODAY - timedelta(chance.choice((900, 400, 200, 81, 80, 79, 45, 44, 10)))
        worth = arr_history(chance, since)
        churned_on = chance.choice(DAYS) + timedelta(chance.choice((-3, 0, 0, 1))) if chance.random() < 0.2 else None
        if churned_on and not since < churned_on <= TODAY:
            churned_on = None
        if churned_on and chance.random() < 0.5:
            worth = {day: arr for day, arr in worth.items() if day < churned_on} | {churned_on: "0"}
        if chance.random() < 0.8:
            entries += [{"external_id": key, "effective_on": day, "arr": arr} for day, arr in worth.items()]
        rows += observations(chance, key, f"Company_{number}", since, churned_on, worth)
        days += usage(chance, key, since)
    chance.shuffle(days)
    chance.shuffle(entries)
    for name, found in zip(FILES.values(), (rows, days, entries), strict=True):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(found[0]))
            writer.writeheader()
            writer.writerows(found)


def arr_history(chance: random.Random, since: date) -> dict[date, str]:
    changes = sorted({since, *(since + timedelta(chance.randint(1, 400)) for _ in range(chance.randint(0, 3)))})
    return {
        day: chance.choice(("0", f"{chance.uniform(500, 400_000):.2f}", f"{chance.randint(1, 30) * 10_000}"))
        if day != since
        else f"{chance.uniform(500, 400_000):.2f}"
        for day in changes
        if day <= TODAY
    }


def observations(
    chance: random.Random, key: str, name: str, since: date, churned_on: date | None, worth: Mapping[date, str]
) -> list[dict[str, object]]:
    """One to four days on which all columns were told; the newest tells of the churn."""
    told = {max(since, day - timedelta(chance.choice((0, 1, 20, 179, 180, 181, 300)))) for day in DAYS}
    told = set(chance.sample(sorted(told), chance.randint(1, len(told))))
    if churned_on:
        told = {day for day in told if day < churned_on} | {churned_on}
    segment = chance.choice(SEGMENTS)
    empty = chance.choice((0.0, 0.1, 0.5, 0.8))
    live = "onboarding" if chance.random() < 0.1 else chance.choice(("active", "active", ""))

    def cell(value: object) -> object:
        return "" if chance.random() < empty else value

    rows = []
    for day in sorted(told):
        status = "churned" if day == churned_on else live
        seats = chance.choice((0, 1, 10, 50, 100, 250))
        renewal = chance.choice(DAYS) + timedelta(chance.choice(EDGES))
        rows.append({
            "external_id": key,
            "name": name,
            "arr": worth[max(when for when in worth if when <= day)],
            "segment": segment,
            "industry": chance.choice(INDUSTRIES),
            "region": chance.choice(REGIONS),
            "renewal_date": "" if chance.random() < 0.1 else renewal,
            "cs_owner": chance.choice(OWNERS),
            "active_users": cell(int(seats * chance.choice((0, 0.05, 0.1, 0.5, 0.9, 1, 1.4)))),
            "seats_purchased": cell(seats),
            "feature_x_adoption": cell(chance.choice((f"{chance.random():.4f}", f"{chance.randint(0, 100)}%"))),
            "weekly_active_pct": cell(f"{chance.random():.3f}"),
            "time_to_value_days": cell(chance.choice((0, 7, 8, 30, 90, 91, 300))),
            "tickets_last_30d": cell(chance.choice((0, 0, 1, 3, 8, 40))),
            "critical_tickets_90d": cell(chance.choice((0, 0, 1, 4, 5, 6))),
            "sla_breaches_90d": cell(chance.choice((0, 0, 1, 2, 3, 4))),
            "nps": cell(chance.randint(-100, 100)),
            "qbr_last_date": cell(day - timedelta(chance.choice((0, 1, 30, 75, 119, 120, 121, 400)))),
            "onboarding_phase": chance.choice(("yes", "0%", "35%", "100%", "") if live == "onboarding" else ("no", "")),
            "expansion_oppty_dollar": cell(chance.randint(0, 90_000)),
            "renewal_risk": cell(chance.choice(("low", "medium", "high"))),
            "status": status,
            "churned_on": churned_on if status == "churned" else "",
            "health_score": cell(chance.choice(("0", "49.9", "50", "74.9", "75", "100", "63.2"))),
            "observed_on": day,
        })  # fmt: skip
    return rows


def usage(chance: random.Random, key: str, since: date) -> list[dict[str, object]]:
    """Daily metrics around each of the days, some without logins, some with empty cells."""
    ages = (0, 1, 5, 12, 13, 14, 15, 28, 29, 30, 31)
    days = {day - timedelta(age) for day in DAYS for age in chance.sample(ages, chance.choice((0, 1, 2, 6)))}
    return [
        {
            "external_id": key,
            "date": day,
            "logins": chance.choice((0, 0, 1, 2, 7, 30, "")),
            "events": chance.randint(0, 500),
            "feature_x_events": chance.randint(0, 50),
            "avg_session_min": chance.choice(("0", "5", "40", f"{chance.uniform(0, 60):.2f}", "")),
            "errors": chance.randint(0, 5),
            "ticket_backlog": chance.randint(0, 5),
        }
        for day in sorted(days)
        if day >= since
    ]
