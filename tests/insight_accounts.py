"""Accounts of every kind that an insight meets, scored by the real rules, as the pictures that the database answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import orjson

from services.account_facts import Picture
from services.health import Facts, Health, score
from services.playbooks import recommend
from services.signals import Situation, signals
from services.vocabulary import AccountStatus, MeasureCode, RiskLevel, Segment
from tests.random_accounts import an_account, with_usage

DAY = date(2026, 3, 31)
MONTH_AGO = DAY - timedelta(30)
WELL = Facts(
    segment=Segment.ENTERPRISE,
    observed_on=DAY - timedelta(2),
    active_users=170,
    seats_purchased=200,
    feature_x_adoption=Decimal("0.8200"),
    weekly_active_pct=Decimal("0.7600"),
    time_to_value_days=21,
    tickets_last_30d=4,
    critical_tickets_90d=0,
    sla_breaches_90d=0,
    nps=56,
    nps_on=DAY - timedelta(40),
    qbr_last_date=DAY - timedelta(30),
    last_metric_on=DAY - timedelta(1),
    metric_logins=2600,
    session_logins=2600,
    session_minutes=Decimal(2600) * 33,
)
"A healthy enterprise of which everything is known."


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is true of an account; `before` are its facts of 30 days ago, None where it was not known then."""

    facts: Facts
    before: Facts | None = None
    name: str = "Acme"
    arr: str = "120000.00"
    arr_a_year_ago: str | None = "the same"
    expansion: str | None = None
    renewal_date: date | None = DAY + timedelta(240)
    renewal_risk: RiskLevel | None = None
    customer_since: date | None = DAY - timedelta(900)
    logins_before: int | None = 2600
    peers: Mapping[MeasureCode, str] | None = None
    "Medians of the segment's sub-scores."


def picture(account: Account) -> Picture:
    """The account on DAY, as one statement would answer it."""
    facts = account.facts
    was = account.arr if account.arr_a_year_ago == "the same" else account.arr_a_year_ago
    health, before = score(facts, DAY), score(account.before, MONTH_AGO) if account.before else None
    situation = Situation(
        day=DAY,
        facts=facts,
        health=health,
        arr=Decimal(account.arr),
        arr_a_year_ago=Decimal(was) if was else None,
        customer_since=account.customer_since,
        renewal_date=account.renewal_date,
        renewal_risk=account.renewal_risk,
        expansion=Decimal(account.expansion) if account.expansion else None,
        logins_before=account.logins_before,
        score_before=before.score if before else None,
    )
    found = signals(situation)
    document: Picture = stored({
        "name": account.name,
        "segment": facts.segment,
        "status": facts.status,
        "arr": account.arr,
        "arr_a_year_ago": was,
        "expansion": account.expansion,
        "renewal_date": account.renewal_date,
        "customer_since": account.customer_since,
        "observed_on": facts.observed_on,
        "seats_purchased": facts.seats_purchased,
        "active_users": facts.active_users,
        "logins": facts.metric_logins,
        "logins_before": account.logins_before if facts.last_metric_on else None,
        "last_metric_on": facts.last_metric_on,
        "last_active_on": facts.last_metric_on if facts.metric_logins else None,
        "health": kept(health, DAY, account.peers or {}),
        "before": before and kept(before, MONTH_AGO, {}),
        "signals": found,
        "recommendations": recommend(health, found),
    })  # fmt: skip
    return document


def anybody(random: Random) -> Account:
    """An account made up to be awkward, with whatever lies around it."""
    before, rows = an_account(random, DAY - timedelta(30))
    facts, _ = an_account(random, DAY)
    return Account(
        facts=with_usage(facts, rows, DAY),
        before=random.choice([None, with_usage(before, rows, DAY - timedelta(30))]),
        arr=random.choice(["0.00", "950.00", "1050.00", "120000.50"]),
        arr_a_year_ago=random.choice([None, "0.00", "1000.00", "the same"]),
        expansion=random.choice([None, "0.00", "500.00"]),
        renewal_date=random.choice([None, *(DAY + timedelta(days) for days in (-400, -1, 0, 1, 30, 90, 91, 500))]),
        renewal_risk=random.choice([None, *RiskLevel]),
        customer_since=random.choice([None, *(DAY - timedelta(days) for days in (0, 1, 90, 91, 181))]),
        logins_before=random.choice([None, 0, 1, 9, 10, 2000]),
    )


def kept(health: Health, day: date, peers: Mapping[MeasureCode, str]) -> dict[str, Any]:
    """The snapshot as it is kept of that day, and what each factor is against its peers."""
    document: dict[str, Any] = {"day": day, **stored(health)}
    for factor in document["factors"]:
        median = peers.get(factor["measure"])
        against = None
        if median is not None:
            exact = Decimal(factor["effective_weight"]) * (Decimal(factor["sub_score"]) - Decimal(median))
            against = str(exact.quantize(Decimal("0.1")))
        factor["versus_peers"] = against
    return document


def stored(value: object) -> Any:
    """What JSON makes of it: decimals as strings, days as ISO dates."""
    return orjson.loads(orjson.dumps(value, default=str))


def _but(facts: Facts = WELL, **changes: Any) -> Facts:
    return replace(facts, **changes)


def _minutes(logins: int, minutes: int) -> dict[str, Any]:
    return {"metric_logins": logins, "session_logins": logins, "session_minutes": Decimal(logins * minutes)}


def _a_month_ago(facts: Facts = WELL, **changes: Any) -> Facts:
    month = timedelta(30)
    assert facts.observed_on is not None
    days = {
        "observed_on": facts.observed_on - month,
        "last_metric_on": facts.last_metric_on and facts.last_metric_on - month,
    }
    return replace(facts, **{**days, **changes})


UNKNOWN = Facts(segment=Segment.MID_MARKET, observed_on=DAY - timedelta(3))
MIDDLING = _but(
    segment=Segment.MID_MARKET, active_users=55, seats_purchased=90, feature_x_adoption=Decimal("0.5500"),
    weekly_active_pct=Decimal("0.5200"), time_to_value_days=40, tickets_last_30d=4, nps=22,
    qbr_last_date=DAY - timedelta(75), **_minutes(700, 24),
)  # fmt: skip
FAILING = _but(
    active_users=104, seats_purchased=400, feature_x_adoption=Decimal("0.1800"), weekly_active_pct=Decimal("0.2200"),
    time_to_value_days=95, tickets_last_30d=38, critical_tickets_90d=4, sla_breaches_90d=2, nps=-54,
    nps_on=DAY - timedelta(20), qbr_last_date=DAY - timedelta(205), **_minutes(940, 11),
)  # fmt: skip

ACCOUNTS: Mapping[str, Account] = {
    "failing_enterprise": Account(
        name="Northwind Freight", facts=FAILING, arr="840000.00",
        renewal_date=DAY + timedelta(41), logins_before=2950,
        before=_a_month_ago(FAILING, active_users=236, feature_x_adoption=Decimal("0.3100"),
                            critical_tickets_90d=2, sla_breaches_90d=1, nps=-10, nps_on=DAY - timedelta(130),
                            **_minutes(2950, 19)),
        peers={MeasureCode.LICENSE_UTILISATION: "78.0", MeasureCode.NPS: "61.0"},
    ),
    "silent": Account(
        name="Halden Archive", arr="96000.00", logins_before=0, renewal_date=DAY + timedelta(150),
        facts=_but(active_users=0, seats_purchased=80, feature_x_adoption=Decimal(0), weekly_active_pct=Decimal(0),
                   tickets_last_30d=0, nps=None, nps_on=None, qbr_last_date=DAY - timedelta(12),
                   metric_logins=0, session_logins=None, session_minutes=None),
    ),
    "usage_drop": Account(
        name="Brightwater", facts=_but(weekly_active_pct=Decimal("0.3800"), **_minutes(820, 24)), logins_before=2600,
        before=_a_month_ago(),
    ),
    "near_renewal_red": Account(
        name="Castellan", arr="210000.00", renewal_date=DAY + timedelta(17), renewal_risk=RiskLevel.HIGH,
        facts=_but(MIDDLING, active_users=28, feature_x_adoption=Decimal("0.2500"), nps=-12, nps_on=DAY - timedelta(9),
                   time_to_value_days=70, tickets_last_30d=9),
        before=_a_month_ago(MIDDLING, active_users=31, feature_x_adoption=Decimal("0.2700"), nps=-12,
                            nps_on=DAY - timedelta(39), time_to_value_days=70, tickets_last_30d=8),
        logins_before=760,
    ),
    "overdue": Account(
        name="Orchard & Sons", facts=_but(MIDDLING, nps=35), before=_a_month_ago(MIDDLING, nps=35), logins_before=720,
        renewal_date=DAY - timedelta(12), arr="64000.00",
    ),
    "detractor": Account(
        name="Pellucid Labs", facts=_but(nps=-70, nps_on=DAY - timedelta(5)), before=_a_month_ago(nps=18),
        peers={MeasureCode.NPS: "64.0"},
    ),
    "critical_support": Account(
        name="Ironbridge Rail", arr="330000.00",
        facts=_but(tickets_last_30d=26, critical_tickets_90d=5, sla_breaches_90d=3),
        before=_a_month_ago(tickets_last_30d=9, critical_tickets_90d=1),
    ),
    "onboarding_stalled": Account(
        name="Sable Insurance", customer_since=DAY - timedelta(196), arr_a_year_ago=None, logins_before=110,
        facts=_but(status=AccountStatus.ONBOARDING, active_users=22, seats_purchased=120, onboarding=True,
                   onboarding_progress=Decimal("0.3500"), feature_x_adoption=Decimal("0.1000"), time_to_value_days=None,
                   nps=None, nps_on=None, tickets_last_30d=3, qbr_last_date=None, **_minutes(120, 14)),
        before=_a_month_ago(status=AccountStatus.ONBOARDING, active_users=20, seats_purchased=120, onboarding=True,
                            onboarding_progress=Decimal("0.3500"), feature_x_adoption=Decimal("0.1000"),
                            time_to_value_days=None, nps=None, nps_on=None, tickets_last_30d=4, qbr_last_date=None,
                            **_minutes(110, 14)),
    ),
    "growing_but_unhealthy": Account(
        name="Velo Cargo", arr="276000.00", arr_a_year_ago="230000.00", expansion="90000.00",
        facts=_but(MIDDLING, critical_tickets_90d=1, tickets_last_30d=8, nps=4), logins_before=690,
        before=_a_month_ago(MIDDLING, critical_tickets_90d=1, tickets_last_30d=7, nps=10),
    ),
    "healthy_but_shrinking": Account(
        name="Lumen Retail", arr="180000.00", arr_a_year_ago="240000.00", facts=WELL, before=_a_month_ago(),
    ),
    "data_stale": Account(
        name="Fennel Foods", logins_before=None,
        facts=_but(observed_on=DAY - timedelta(83), nps_on=DAY - timedelta(210), last_metric_on=None,
                   metric_logins=None, session_logins=None, session_minutes=None),
        before=_a_month_ago(nps_on=DAY - timedelta(210), observed_on=DAY - timedelta(83), last_metric_on=None,
                            metric_logins=None, session_logins=None, session_minutes=None),
    ),
    "unknown": Account(
        name="Quiet Harbour", facts=UNKNOWN, logins_before=None, arr="45000.00", arr_a_year_ago=None,
        renewal_date=DAY + timedelta(58), customer_since=None,
    ),
    "imported_only": Account(
        name="Tessera", facts=_but(UNKNOWN, imported_score=Decimal("44.0"), nps=31), logins_before=None,
        before=_a_month_ago(UNKNOWN, imported_score=Decimal("58.0")), renewal_date=DAY + timedelta(200),
    ),
    "perfect": Account(
        name="Aurelia Health", arr="410000.00", arr_a_year_ago="360000.00",
        facts=_but(active_users=200, feature_x_adoption=Decimal(1), weekly_active_pct=Decimal(1), time_to_value_days=7,
                   tickets_last_30d=0, nps=100, qbr_last_date=DAY, **_minutes(5200, 40)),
        before=_a_month_ago(active_users=196, feature_x_adoption=Decimal("0.9700"), weekly_active_pct=Decimal(1),
                            time_to_value_days=7, tickets_last_30d=1, nps=100, qbr_last_date=MONTH_AGO,
                            **_minutes(5100, 39)),
        logins_before=5100,
    ),
    "green_with_a_gap": Account(
        name="Kestrel Energy", facts=_but(feature_x_adoption=Decimal("0.1900")), renewal_date=DAY + timedelta(74),
        before=_a_month_ago(feature_x_adoption=Decimal("0.2100")),
        peers={MeasureCode.FEATURE_ADOPTION: "64.0", MeasureCode.LICENSE_UTILISATION: "79.0"},
    ),
    "amber_flat": Account(
        name="Marlowe Print", facts=MIDDLING, before=_a_month_ago(MIDDLING, nps=21), logins_before=690, arr="58000.00",
    ),
    "recovering": Account(
        name="Osprey Media", arr="150000.00", logins_before=760,
        facts=_but(MIDDLING, active_users=66, nps=30, nps_on=DAY - timedelta(6), critical_tickets_90d=0,
                   **_minutes(1380, 29)),
        before=_a_month_ago(MIDDLING, active_users=26, nps=-35, critical_tickets_90d=3, **_minutes(760, 17)),
    ),
    "small": Account(
        name="Daisy Bakery", arr="6000.00", logins_before=41,
        facts=_but(segment=Segment.SMB, active_users=3, seats_purchased=8, tickets_last_30d=1,
                   qbr_last_date=None, feature_x_adoption=Decimal("0.4000"), weekly_active_pct=Decimal("0.5000"), nps=40,
                   **_minutes(38, 16)),
        before=_a_month_ago(segment=Segment.SMB, active_users=3, seats_purchased=8, tickets_last_30d=0,
                            qbr_last_date=None, feature_x_adoption=Decimal("0.4000"),
                            weekly_active_pct=Decimal("0.5000"), nps=40, **_minutes(41, 16)),
    ),
    "new_customer": Account(
        name="Finch Robotics", customer_since=DAY - timedelta(24), arr_a_year_ago=None, logins_before=None,
        renewal_date=DAY + timedelta(341),
        facts=_but(segment=Segment.MID_MARKET, status=AccountStatus.ONBOARDING, onboarding=True, active_users=34,
                   seats_purchased=60, onboarding_progress=Decimal("0.6000"), time_to_value_days=None, nps=None,
                   nps_on=None, qbr_last_date=None, feature_x_adoption=Decimal("0.4500"), tickets_last_30d=5,
                   weekly_active_pct=Decimal("0.6100"), **_minutes(420, 22)),
    ),
    "over_utilised": Account(
        name="Juniper Games", arr="88000.00", expansion="40000.00", logins_before=3300,
        facts=_but(segment=Segment.MID_MARKET, active_users=131, seats_purchased=110, **_minutes(3700, 34)),
        before=_a_month_ago(segment=Segment.MID_MARKET, active_users=118, seats_purchased=110, **_minutes(3300, 33)),
    ),
}  # fmt: skip
