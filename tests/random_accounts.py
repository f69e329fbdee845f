"""Accounts made up to be awkward: every figure may be missing, sits on its boundary often, and may be out of the usual.

One generator for Hypothesis (`strategies.randoms()`) and for a seeded run (`random.Random(seed)`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from services.health import Facts
from services.vocabulary import AccountStatus, Segment
from tests.health_reference import Daily

T = TypeVar("T")


def an_account(random: Random, day: date) -> tuple[Facts, list[Daily]]:
    """The facts as an observation on or before `day` tells them, and daily rows, some of them later than `day`."""
    observed_on = day - timedelta(random.choice([0, 0, 1, 7, 45, 46, 100]))
    gaps = random.choice([0.0, 0.1, 0.5, 0.9])

    def perhaps(figure: Callable[[], T]) -> T | None:
        return None if random.random() < gaps else figure()

    seats = perhaps(lambda: random.choice([0, 1, 3, 7, 10, 30, 70, 100, 999, 12_000]))
    nps = perhaps(lambda: random.choice([-100, -51, -50, -1, 0, 33, 50, 99, 100]))
    asked_on = min(observed_on, day - timedelta(random.choice([0, 1, 90, 179, 180, 181, 400])))
    facts = Facts(
        segment=random.choice(list(Segment)),
        status=random.choice([AccountStatus.ACTIVE, AccountStatus.ACTIVE, AccountStatus.ONBOARDING]),
        observed_on=observed_on,
        active_users=perhaps(lambda: _users(random, seats or 40)),
        seats_purchased=seats,
        feature_x_adoption=perhaps(lambda: _share(random)),
        weekly_active_pct=perhaps(lambda: _share(random)),
        time_to_value_days=perhaps(lambda: random.choice([0, 6, 7, 8, 30, 49, 89, 90, 91, 400])),
        tickets_last_30d=perhaps(lambda: random.choice([0, 0, 1, 2, 15, 17, 300])),
        critical_tickets_90d=perhaps(lambda: random.choice([0, 0, 1, 4, 5, 6])),
        sla_breaches_90d=perhaps(lambda: random.choice([0, 0, 1, 2, 3, 4])),
        nps=nps,
        nps_on=None if nps is None else asked_on,
        qbr_last_date=perhaps(lambda: day - timedelta(random.choice([-1, 0, 1, 59, 119, 120, 121, 500]))),
        onboarding=random.choice([None, True, False]),
        onboarding_progress=perhaps(lambda: _share(random)),
        imported_score=random.choice([None, Decimal("0.0"), Decimal("49.9"), Decimal("50.0"), Decimal("75.0")]),
    )
    return facts, _rows(random, day)


def with_usage(facts: Facts, rows: Sequence[Daily], day: date) -> Facts:
    """The facts with what the daily rows say, for where no database gathers it."""
    known = [row for row in rows if row.logins is not None and row.day <= day]
    month = [row for row in known if (day - row.day).days < 30]
    timed = [(row.avg_session_min, row.logins or 0) for row in month if row.avg_session_min is not None]
    return replace(
        facts,
        last_metric_on=max((row.day for row in known), default=None),
        metric_logins=sum(row.logins or 0 for row in month) if month else None,
        session_logins=sum(logins for _, logins in timed) if timed else None,
        session_minutes=sum((minutes * logins for minutes, logins in timed), Decimal(0)) if timed else None,
    )


def _users(random: Random, seats: int) -> int:
    """Around the silence gate (10 %), full use (90 %) and more people than seats."""
    return max(0, random.choice([0, seats // 10 - 1, seats // 10, seats // 10 + 1, seats // 3, seats * 9 // 10, seats,
                                 seats + 1, seats * 2]))  # fmt: skip


def _share(random: Random) -> Decimal:
    return Decimal(random.choice([0, 1, 3333, 4995, 5000, 7495, 7500, 9999, 10_000])).scaleb(-4)


def _rows(random: Random, day: date) -> list[Daily]:
    backs = sorted(random.sample([-1, 0, 1, 5, 13, 14, 15, 28, 29, 30, 31, 59], random.choice([0, 0, 1, 3, 6])))
    return [
        Daily(
            day=day - timedelta(back),
            logins=random.choice([None, 0, 0, 1, 3, 7, 1000]),
            avg_session_min=random.choice([None, *(Decimal(cents).scaleb(-2) for cents in (0, 499, 500, 2250, 4000))]),
        )
        for back in backs
    ]
