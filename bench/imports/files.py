"""Seeded files of 10 MB, each of a shape that imports differently. The bytes are always the same."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, takewhile

SIZE = 10_000_000
"Bytes: 10 MB as a file manager tells it, a little less than what an upload may have."
TODAY = date(2026, 3, 10)
KNOWN = 20_000
"Accounts that the files about known accounts speak of."

ACCOUNTS = (
    "external_id,name,arr,segment,industry,region,renewal_date,cs_owner,active_users,seats_purchased,"
    "feature_x_adoption,weekly_active_pct,time_to_value_days,tickets_last_30d,critical_tickets_90d,sla_breaches_90d,"
    "nps,qbr_last_date,onboarding_phase,expansion_oppty_dollar,renewal_risk,status,observed_on"
)
DAYS = "external_id,date,logins,events,feature_x_events,avg_session_min,errors,ticket_backlog"
INDUSTRIES = ("FinTech", "DevTools", "EdTech", "Retail", "Healthcare", "Logistics")
REGIONS = ("US", "EMEA", "APAC", "DACH")
OWNERS = ("Dana Fox", "Danilo Reyes", "Mira Holm", "Ines Öz", "Tom O'Neil")
WORDS = ("Northern", "Blue", "Atlas", "Vector", "Quiet", "Golden", "Harbor", "Signal", "Lumen", "Cedar")
TRADES = ("Logistics", "Software", "Analytics", "Health", "Payments", "Robotics", "Energy", "Media")


def accounts() -> bytes:
    """New accounts, one row each, all columns filled."""
    return _file(ACCOUNTS, (_account(random.Random(number), number, TODAY) for number in count()))


def accounts_changed() -> bytes:
    """The rows of `accounts` with one cell in twenty told anew."""

    def rows() -> Iterator[str]:
        for number in count():
            chance = random.Random(number)
            before = _account(chance, number, TODAY).split(",")
            after = _account(chance, number, TODAY).split(",")
            yield ",".join(new if chance.random() < 0.05 else old for old, new in zip(before, after, strict=True))

    return _file(ACCOUNTS, rows())


def known_accounts() -> bytes:
    """The accounts that the next two files speak of."""
    rows = (_account(random.Random(number), number, TODAY - timedelta(30)) for number in range(KNOWN))
    return "\n".join([ACCOUNTS, *rows, ""]).encode()


def accounts_by_day() -> bytes:
    """Known accounts on several days each, figures that differ from day to day."""
    rows = (
        _account(random.Random(number + KNOWN * day + 1), number, TODAY - timedelta(3 - day))
        for day in range(4)
        for number in range(KNOWN)
    )
    return _file(ACCOUNTS, rows)


def daily_metrics() -> bytes:
    """What known accounts did, day by day."""

    def rows() -> Iterator[str]:
        chance = random.Random(7)
        for back in count():
            day = TODAY - timedelta(back)
            for number in range(KNOWN):
                logins = chance.randrange(60)
                yield (
                    f"A-{number:06},{day},{logins},{logins * 9},{chance.randrange(80)},{chance.randrange(4000) / 100},"
                    f"{chance.randrange(4)},{chance.randrange(6)}"
                )

    return _file(DAYS, rows())


def _file(header: str, rows: Iterator[str]) -> bytes:
    left = SIZE - len(header)

    def fits(line: bytes) -> bool:
        nonlocal left
        left -= len(line)
        return left >= 0

    return b"".join([f"{header}\n".encode(), *takewhile(fits, (f"{row}\n".encode() for row in rows))])


def _account(chance: random.Random, number: int, day: date) -> str:
    seats = chance.randrange(10, 400)
    cells = (
        f"A-{number:06}", f"{WORDS[number % 10]} {TRADES[number // 10 % 8]} {number}",
        chance.randrange(5, 900) * 1000, chance.choice(("SMB", "Mid-Market", "Enterprise")), chance.choice(INDUSTRIES),
        chance.choice(REGIONS), TODAY + timedelta(chance.randrange(700)), chance.choice(OWNERS),
        seats * chance.randrange(101) // 100, seats, f"{chance.randrange(101)}%", f"0.{chance.randrange(100):02}",
        chance.randrange(120), chance.randrange(15), chance.randrange(4), chance.randrange(4),
        chance.randrange(-60, 90), TODAY - timedelta(chance.randrange(60, 300)),
        chance.choice(("no", "no", "yes", "60%")),
        chance.randrange(90) * 1000, chance.choice(("low", "medium", "high")), "active", day,
    )  # fmt: skip
    return ",".join(map(str, cells))
