"""Each risk signal at, just below and just beyond its threshold: severity, evidence and the day it began."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.health import Facts, Health, score
from services.signals import Evidence, Signal, Situation, signals
from services.vocabulary import (
    AccountStatus,
    EvidenceSource,
    HealthBucket,
    HealthSource,
    MeasureCode,
    RiskLevel,
    RiskSignalCode,
    Segment,
)

DAY = date(2026, 3, 31)
TOLD_ON = DAY - timedelta(2)
USED_ON = DAY - timedelta(1)
SEEN_BEFORE = DAY - timedelta(40)
WELL = Facts(
    segment=Segment.ENTERPRISE,
    observed_on=TOLD_ON,
    active_users=90,
    seats_purchased=100,
    feature_x_adoption=Decimal("0.9000"),
    weekly_active_pct=Decimal("0.9000"),
    nps=60,
    nps_on=TOLD_ON,
    qbr_last_date=DAY - timedelta(10),
    last_metric_on=USED_ON,
    metric_logins=100,
)
GREEN = score(WELL, DAY)
LOW, MEDIUM, HIGH = RiskLevel


def at(total: str | None, health: Health = GREEN) -> Health:
    """The health with another score."""
    value = None if total is None else Decimal(total)
    bucket = HealthBucket.UNKNOWN
    if value is not None:
        bucket = HealthBucket.GREEN if value >= 75 else HealthBucket.AMBER if value >= 50 else HealthBucket.RED
    return replace(health, score=value, bucket=bucket, source=HealthSource.COMPUTED if value else HealthSource.NONE)


def situation(*, facts: dict[str, Any] | None = None, **around: Any) -> Situation:
    """A healthy account on DAY, but for what is given."""
    told = replace(WELL, **(facts or {}))
    return Situation(**{"day": DAY, "facts": told, "health": score(told, DAY), "arr": Decimal("1000.00"), **around})


def raised(code: RiskSignalCode, *, facts: dict[str, Any] | None = None, **around: Any) -> Signal | None:
    """The signal of that code; its since-date is carried from the snapshot before unless the facts tell it."""
    found = signals(situation(facts=facts, since={code: SEEN_BEFORE}, **around))
    return next((signal for signal in found if signal.code is code), None)


def severity(signal: Signal | None) -> RiskLevel | None:
    return None if signal is None else signal.severity


def fact(key: str, label: str, value: str, unit: str | None = None, on: date = TOLD_ON) -> Evidence:
    return Evidence(key, label, value, unit, on, EvidenceSource.ACCOUNT)


def usage(key: str, label: str, value: str, unit: str) -> Evidence:
    return Evidence(key, label, value, unit, USED_ON, EvidenceSource.DAILY_METRIC)


def points(key: str, label: str, value: str) -> Evidence:
    return Evidence(key, label, value, "points", DAY, EvidenceSource.HEALTH_FACTOR)


def utilisation(percent: str, users: str, seats: str = "100") -> tuple[Evidence, ...]:
    return (
        fact("utilisation", "Licence utilisation", percent, "%"),
        fact("active_users", "Active users", users, "users"),
        fact("seats_purchased", "Seats purchased", seats, "seats"),
    )


# --- all of them ---


def test_a_healthy_account_raises_nothing() -> None:
    assert GREEN.bucket is HealthBucket.GREEN
    assert signals(situation()) == ()


def test_the_gravest_come_first_and_equals_in_the_order_of_the_rules() -> None:
    troubled = situation(
        facts={"active_users": 5, "nps": -10, "critical_tickets_90d": 4, "qbr_last_date": DAY - timedelta(121)},
        renewal_date=DAY - timedelta(1),
    )

    assert [(signal.code.value, signal.severity.value) for signal in signals(troubled)] == [
        ("RENEWAL_OVERDUE", "HIGH"),
        ("SILENT_CUSTOMER", "HIGH"),
        ("CRITICAL_SUPPORT", "HIGH"),
        ("DETRACTOR", "MEDIUM"),
        ("QBR_OVERDUE", "MEDIUM"),
    ]


def test_a_signal_that_is_new_begins_on_the_day() -> None:
    found = signals(situation(facts={"nps": -1}, since={RiskSignalCode.SILENT_CUSTOMER: SEEN_BEFORE}))

    assert [(signal.code, signal.since) for signal in found] == [(RiskSignalCode.DETRACTOR, DAY)]
    assert [signal.since for signal in signals(situation(facts={"nps": -1}))] == [DAY]


# --- usage ---


@pytest.mark.parametrize(
    ("users", "code", "grave"),
    [
        (0, "SILENT_CUSTOMER", HIGH),
        (9, "SILENT_CUSTOMER", HIGH),
        (10, "LOW_UTILISATION", HIGH),
        (29, "LOW_UTILISATION", HIGH),
        (30, "LOW_UTILISATION", MEDIUM),
        (49, "LOW_UTILISATION", MEDIUM),
    ],
)
def test_few_users_are_a_silent_customer_below_a_tenth_and_low_utilisation_below_a_half(
    users: int, code: str, grave: RiskLevel
) -> None:
    expected = Signal(RiskSignalCode(code), grave, SEEN_BEFORE, utilisation(f"{users}.0", str(users)))
    other = {"SILENT_CUSTOMER": "LOW_UTILISATION", "LOW_UTILISATION": "SILENT_CUSTOMER"}[code]

    assert raised(RiskSignalCode(code), facts={"active_users": users}) == expected
    assert raised(RiskSignalCode(other), facts={"active_users": users}) is None


@pytest.mark.parametrize("known", [{"active_users": 50}, {"active_users": None}, {"seats_purchased": 0}])
def test_half_of_the_seats_in_use_or_nothing_known_of_them_is_no_signal(known: dict[str, Any]) -> None:
    assert raised(RiskSignalCode.LOW_UTILISATION, facts=known) is None
    assert raised(RiskSignalCode.SILENT_CUSTOMER, facts=known) is None


def test_nobody_logging_in_for_30_days_is_a_silent_customer_whatever_the_seats_say() -> None:
    evidence = usage("logins_30d", "Logins in 30 days", "0", "logins")
    expected = Signal(RiskSignalCode.SILENT_CUSTOMER, HIGH, SEEN_BEFORE, (evidence,))

    assert raised(RiskSignalCode.SILENT_CUSTOMER, facts={"metric_logins": 0}) == expected
    assert raised(RiskSignalCode.SILENT_CUSTOMER, facts={"metric_logins": 1}) is None
    assert raised(RiskSignalCode.SILENT_CUSTOMER, facts={"metric_logins": None}) is None


@pytest.mark.parametrize(
    ("now", "before", "change", "grave"),
    [(700, 1000, "-30.0", MEDIUM), (401, 1000, "-59.9", MEDIUM), (400, 1000, "-60.0", HIGH), (7, 10, "-30.0", MEDIUM)],
)
def test_usage_drops_from_30_percent_and_steeply_from_60(now: int, before: int, change: str, grave: RiskLevel) -> None:
    evidence = (
        usage("logins_30d", "Logins in 30 days", str(now), "logins"),
        usage("logins_before", "Logins in the 30 days before", str(before), "logins"),
        usage("logins_change", "Change", change, "%"),
    )

    found = raised(RiskSignalCode.USAGE_DROP, facts={"metric_logins": now}, logins_before=before)

    assert found == Signal(RiskSignalCode.USAGE_DROP, grave, SEEN_BEFORE, evidence)


@pytest.mark.parametrize(("now", "before"), [(701, 1000), (2000, 1000), (1, 9), (None, 1000), (5, None), (0, 0)])
def test_usage_has_not_dropped_where_too_little_fell_or_too_little_is_known(
    now: int | None, before: int | None
) -> None:
    assert raised(RiskSignalCode.USAGE_DROP, facts={"metric_logins": now}, logins_before=before) is None


# --- support and voice ---


@pytest.mark.parametrize(
    ("tickets", "breaches", "grave"),
    [(1, 1, None), (1, None, None), (None, 1, None), (None, None, None), (2, 0, MEDIUM), (3, None, MEDIUM),
     (4, 0, HIGH), (0, 2, MEDIUM), (None, 9, MEDIUM), (2, 1, HIGH), (1, 2, HIGH)],
)  # fmt: skip
def test_support_is_critical_from_two_tickets_or_breaches_and_grave_with_four_or_with_both(
    tickets: int | None, breaches: int | None, grave: RiskLevel | None
) -> None:
    evidence = (
        fact("critical_tickets_90d", "Critical tickets in 90 days", str(tickets or 0), "tickets"),
        fact("sla_breaches_90d", "SLA breaches in 90 days", str(breaches or 0), "breaches"),
    )
    known = {"critical_tickets_90d": tickets, "sla_breaches_90d": breaches}

    found = raised(RiskSignalCode.CRITICAL_SUPPORT, facts=known)

    assert found == (None if grave is None else Signal(RiskSignalCode.CRITICAL_SUPPORT, grave, SEEN_BEFORE, evidence))


@pytest.mark.parametrize(("nps", "value", "grave"), [(-1, "-1", MEDIUM), (-49, "-49", MEDIUM), (-50, "-50", HIGH)])
def test_a_detractor_answers_below_zero_and_is_grave_from_minus_50(nps: int, value: str, grave: RiskLevel) -> None:
    asked_on = DAY - timedelta(180)
    evidence = fact("nps", "Net Promoter Score", value, on=asked_on)

    found = raised(RiskSignalCode.DETRACTOR, facts={"nps": nps, "nps_on": asked_on})

    assert found == Signal(RiskSignalCode.DETRACTOR, grave, SEEN_BEFORE, (evidence,))


@pytest.mark.parametrize(
    "known", [{"nps": 0}, {"nps": None, "nps_on": None}, {"nps": -80, "nps_on": DAY - timedelta(181)}]
)
def test_nobody_is_a_detractor_by_an_even_an_unknown_or_a_stale_answer(known: dict[str, Any]) -> None:
    assert raised(RiskSignalCode.DETRACTOR, facts=known) is None


@pytest.mark.parametrize(("observed_on", "asked_on"), [(TOLD_ON, TOLD_ON), (None, DAY)])
def test_an_answer_without_a_day_was_given_when_the_facts_were_told(observed_on: date | None, asked_on: date) -> None:
    found = raised(RiskSignalCode.DETRACTOR, facts={"nps": -1, "nps_on": None, "observed_on": observed_on})

    assert found is not None
    assert found.evidence == (fact("nps", "Net Promoter Score", "-1", on=asked_on),)


# --- process ---


def test_a_business_review_is_overdue_after_120_days_from_the_day_that_was_too_late() -> None:
    last = DAY - timedelta(121)
    evidence = fact("qbr_last_date", "Last business review", str(last))

    expected = Signal(RiskSignalCode.QBR_OVERDUE, MEDIUM, DAY, (evidence,))
    assert raised(RiskSignalCode.QBR_OVERDUE, facts={"qbr_last_date": last}) == expected
    earlier = raised(RiskSignalCode.QBR_OVERDUE, facts={"qbr_last_date": last - timedelta(9)})
    assert earlier is not None
    assert earlier.since == DAY - timedelta(9)


@pytest.mark.parametrize(
    "known",
    [
        {"qbr_last_date": DAY - timedelta(120)},
        {"qbr_last_date": None},
        {"qbr_last_date": DAY - timedelta(121), "segment": Segment.SMB},
    ],
)
def test_a_business_review_is_not_overdue_on_its_last_day_nor_where_none_is_known_or_due(known: dict[str, Any]) -> None:
    assert raised(RiskSignalCode.QBR_OVERDUE, facts=known) is None


@pytest.mark.parametrize(("age", "grave"), [(91, MEDIUM), (180, MEDIUM), (181, HIGH)])
@pytest.mark.parametrize(
    ("known", "more"),
    [
        ({"status": AccountStatus.ONBOARDING}, ()),
        ({"onboarding": True, "onboarding_progress": Decimal("0.4000")}, ("40.0",)),
    ],
)
def test_an_onboarding_stalls_after_90_days_and_is_lost_after_180(
    known: dict[str, Any], more: Sequence[str], age: int, grave: RiskLevel
) -> None:
    begun = DAY - timedelta(age)
    evidence = (
        fact("customer_since", "Customer since", str(begun)),
        *(fact("onboarding_progress", "Onboarding done", done, "%") for done in more),
    )

    found = raised(RiskSignalCode.ONBOARDING_STALLED, facts=known, customer_since=begun)

    assert found == Signal(RiskSignalCode.ONBOARDING_STALLED, grave, begun + timedelta(91), evidence)


@pytest.mark.parametrize(
    ("known", "begun"),
    [
        ({"onboarding": True}, DAY - timedelta(90)),
        ({"onboarding": True}, None),
        ({"onboarding": False, "status": AccountStatus.ONBOARDING}, DAY - timedelta(400)),
        ({}, DAY - timedelta(400)),
    ],
)
def test_no_onboarding_stalls_within_90_days_or_after_going_live(known: dict[str, Any], begun: date | None) -> None:
    assert raised(RiskSignalCode.ONBOARDING_STALLED, facts=known, customer_since=begun) is None


# --- renewal ---


@pytest.mark.parametrize(
    ("days", "total", "doubt", "grave"),
    [
        (-1, "20.0", None, None),
        (0, "60.0", None, HIGH),
        (30, "60.0", None, HIGH),
        (31, "60.0", None, MEDIUM),
        (90, "60.0", MEDIUM, MEDIUM),
        (90, "74.9", None, MEDIUM),
        (90, "49.9", None, HIGH),
        (91, "49.9", HIGH, None),
        (90, "75.0", None, None),
        (90, "75.0", MEDIUM, None),
        (90, "75.0", HIGH, HIGH),
        (90, None, None, None),
        (90, None, HIGH, HIGH),
    ],
)
def test_a_renewal_within_90_days_is_at_risk_below_green_or_where_the_customer_is_doubted(
    days: int, total: str | None, doubt: RiskLevel | None, grave: RiskLevel | None
) -> None:
    renewal = DAY + timedelta(days)
    evidence = [fact("renewal_date", "Renewal", str(renewal))]
    evidence += [points("health_score", "Health score", total)] if total else []
    evidence += [fact("renewal_risk", "Renewal risk in your own words", doubt.value)] if doubt else []

    found = raised(RiskSignalCode.RENEWAL_AT_RISK, renewal_date=renewal, renewal_risk=doubt, health=at(total))

    wanted = None if grave is None else Signal(RiskSignalCode.RENEWAL_AT_RISK, grave, SEEN_BEFORE, tuple(evidence))
    assert found == wanted


def test_a_renewal_is_overdue_from_the_day_after_its_date() -> None:
    yesterday = DAY - timedelta(1)
    evidence = fact("renewal_date", "Renewal", str(yesterday))

    expected = Signal(RiskSignalCode.RENEWAL_OVERDUE, HIGH, DAY, (evidence,))
    assert raised(RiskSignalCode.RENEWAL_OVERDUE, renewal_date=yesterday) == expected
    assert raised(RiskSignalCode.RENEWAL_OVERDUE, renewal_date=DAY) is None
    assert raised(RiskSignalCode.RENEWAL_OVERDUE, renewal_date=None) is None


# --- score and revenue ---


@pytest.mark.parametrize(("before", "grave"), [("84.9", None), ("85.0", MEDIUM), ("94.9", MEDIUM), ("95.0", HIGH)])
def test_a_score_drops_from_10_points_and_steeply_from_20(before: str, grave: RiskLevel | None) -> None:
    evidence = (
        points("health_score", "Health score", "75.0"),
        points("health_score_before", "Health score 30 days before", before),
    )

    found = raised(RiskSignalCode.SCORE_DROP, health=at("75.0"), score_before=Decimal(before))

    assert found == (None if grave is None else Signal(RiskSignalCode.SCORE_DROP, grave, SEEN_BEFORE, evidence))


@pytest.mark.parametrize(("total", "before"), [(None, Decimal("90.0")), ("10.0", None)])
def test_a_score_has_not_dropped_without_one_on_both_days(total: str | None, before: Decimal | None) -> None:
    assert raised(RiskSignalCode.SCORE_DROP, health=at(total), score_before=before) is None


def arr(now: str, before: str, change: str) -> tuple[Evidence, ...]:
    return (
        fact("arr", "ARR", now),
        fact("arr_a_year_ago", "ARR a year ago", before),
        fact("arr_change", "Change of ARR over a year", change, "%"),
    )


@pytest.mark.parametrize(
    ("known", "around", "evidence"),
    [
        ({}, {"arr": Decimal("1050.00"), "arr_a_year_ago": Decimal("1000.00")}, arr("1050.00", "1000.00", "5.0")),
        ({}, {"expansion": Decimal("0.01")}, (fact("expansion_oppty_dollar", "Expansion opportunity", "0.01"),)),
        ({"active_users": 101}, {}, utilisation("101.0", "101")),
        (
            {"active_users": 101},
            {"arr": Decimal("2.00"), "arr_a_year_ago": Decimal("1.00"), "expansion": Decimal("5.00")},
            (
                *arr("2.00", "1.00", "100.0"),
                fact("expansion_oppty_dollar", "Expansion opportunity", "5.00"),
                *utilisation("101.0", "101"),
            ),
        ),
    ],
)
@pytest.mark.parametrize("total", ["74.9", "10.0"])
def test_an_unhealthy_account_grows_by_revenue_by_an_opportunity_or_by_more_users_than_seats(
    total: str, known: dict[str, Any], around: dict[str, Any], evidence: tuple[Evidence, ...]
) -> None:
    found = raised(RiskSignalCode.GROWING_BUT_UNHEALTHY, facts=known, **around, health=at(total))

    wanted = (points("health_score", "Health score", total), *evidence)
    assert found == Signal(RiskSignalCode.GROWING_BUT_UNHEALTHY, MEDIUM, SEEN_BEFORE, wanted)
    assert raised(RiskSignalCode.GROWING_BUT_UNHEALTHY, facts=known, **around, health=at("75.0")) is None
    assert raised(RiskSignalCode.GROWING_BUT_UNHEALTHY, facts=known, **around, health=at(None)) is None


@pytest.mark.parametrize(
    ("known", "around"),
    [
        ({"active_users": 100}, {}),
        ({"active_users": None}, {"expansion": Decimal("0.00")}),
        ({}, {"arr": Decimal("1049.99"), "arr_a_year_ago": Decimal("1000.00")}),
        ({}, {"arr": Decimal("1049.99"), "arr_a_year_ago": Decimal("0.00")}),
    ],
)
def test_an_account_does_not_grow_by_less_than_5_percent_or_by_full_use(
    known: dict[str, Any], around: dict[str, Any]
) -> None:
    assert raised(RiskSignalCode.GROWING_BUT_UNHEALTHY, facts=known, **around, health=at("60.0")) is None


def test_a_healthy_account_shrinks_from_5_percent_of_its_revenue() -> None:
    shrunk: dict[str, Any] = {"arr": Decimal("950.00"), "arr_a_year_ago": Decimal("1000.00")}
    evidence = (points("health_score", "Health score", "75.0"), *arr("950.00", "1000.00", "-5.0"))
    code = RiskSignalCode.HEALTHY_BUT_SHRINKING

    assert raised(code, health=at("75.0"), **shrunk) == Signal(code, MEDIUM, SEEN_BEFORE, evidence)
    assert raised(code, health=at("74.9"), **shrunk) is None
    assert raised(code, health=at("75.0"), **{**shrunk, "arr": Decimal("950.01")}) is None
    assert raised(code, health=at("75.0"), arr=Decimal("950.00"), arr_a_year_ago=None) is None


# --- data ---


@pytest.mark.parametrize(
    ("observed", "used", "newest"),
    [(46, 46, 46), (46, None, 46), (None, 46, 46), (100, 46, 46), (None, None, None)],
)
def test_data_is_stale_when_neither_facts_nor_usage_were_told_for_45_days(
    observed: int | None, used: int | None, newest: int | None
) -> None:
    def ago(days: int | None) -> date | None:
        return None if days is None else DAY - timedelta(days)

    known = {"observed_on": ago(observed), "last_metric_on": ago(used)}
    told_on = ago(observed) or DAY
    evidence = [fact("coverage", "Weight of the score that had data", "57.9", "%", on=told_on)]
    evidence += [fact("last_data_on", "Newest data", str(ago(newest)), on=told_on)] if newest else []

    found = raised(RiskSignalCode.DATA_STALE, facts=known, health=GREEN)

    assert GREEN.coverage == Decimal("0.5789")
    assert found == Signal(RiskSignalCode.DATA_STALE, LOW, SEEN_BEFORE, tuple(evidence))


@pytest.mark.parametrize(("observed", "used"), [(45, 100), (100, 45), (45, None)])
def test_data_is_fresh_for_45_days_by_facts_or_by_usage(observed: int, used: int | None) -> None:
    known = {
        "observed_on": DAY - timedelta(observed),
        "last_metric_on": None if used is None else DAY - timedelta(used),
    }
    assert raised(RiskSignalCode.DATA_STALE, facts=known, health=GREEN) is None


@pytest.mark.parametrize(("own", "grave"), [(None, MEDIUM), ("30.0", LOW), ("90.0", LOW)])
def test_data_is_too_thin_to_trust_where_the_score_is_not_our_own(own: str | None, grave: RiskLevel) -> None:
    thin = Facts(
        segment=Segment.ENTERPRISE,
        observed_on=TOLD_ON,
        nps=50,
        nps_on=TOLD_ON,
        imported_score=None if own is None else Decimal(own),
    )
    evidence = (
        fact("coverage", "Weight of the score that had data", "15.8", "%"),
        fact("last_data_on", "Newest data", str(TOLD_ON)),
    )

    found = signals(Situation(day=DAY, facts=thin, health=score(thin, DAY), arr=Decimal(1)))

    assert found == (Signal(RiskSignalCode.DATA_STALE, grave, DAY, evidence),)
    assert MeasureCode.NPS not in {gap.measure for gap in score(thin, DAY).missing}
